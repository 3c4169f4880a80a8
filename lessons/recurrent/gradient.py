"""How much of the last state still depends on each word: Jacobians by the chain rule, in NumPy.

A network learns from a far word only through d h_n / d x_k. Its norm is what is left of an error
at the last word when it has travelled back to word k.
"""

import numpy as np

from core.trace.recompute import softmax
from core.vectors.cells import LstmSteps, Weights, rnn
from lessons.recurrent.small import Attention


def rnn_jacobians(xs: np.ndarray, w: Weights) -> np.ndarray:
    """d h_n / d x_k of a plain recurrent cell for every k. xs : float[n, E] -> float[n, D, E].

    Backwards from d h_n / d h_n = 1: each step multiplies by diag(1 - h_k^2) U.
    """
    h = rnn(xs, w).h  # (n, D)
    down = np.eye(h.shape[1])  # (D, D), d h_n / d h_k
    found = []
    for state in h[::-1]:
        inside = down * (1.0 - state**2)  # (D, D), through the tanh
        found.append(inside @ w.weight_ih)  # (D, E)
        down = inside @ w.weight_hh  # (D, D)
    return np.array(found[::-1])


def lstm_jacobians(steps: LstmSteps, w: Weights) -> np.ndarray:
    """d h_n / d x_k of an LSTM for every k -> float[n, P, E].

    Two ways lead back from word to word: through h and the four gates, and through the cell
    state, which is only multiplied by the forget gate.
    """
    n, width = steps.c.shape
    projected = steps.h.shape[1]
    project = np.eye(width) if w.weight_hr is None else w.weight_hr  # (P, D)
    before = cells_before(steps)  # (n, D)
    by_h = np.eye(projected)  # (P, P), d h_n / d h_k
    by_c = np.zeros((projected, width))  # (P, D), d h_n / d c_k past h_k
    found = []
    for k in range(n - 1, -1, -1):
        i, f, g, o = steps.i[k], steps.f[k], steps.g[k], steps.o[k]  # (D,) each
        bent = np.tanh(steps.c[k])
        out = by_h @ project  # (P, D)
        cell = by_c + out * o * (1.0 - bent**2)  # (P, D)
        gates = np.concatenate(
            [cell * g * i * (1 - i), cell * before[k] * f * (1 - f), cell * i * (1 - g**2),
             out * bent * o * (1 - o)], axis=1,
        )  # (P, 4 D)
        found.append(gates @ w.weight_ih)  # (P, E)
        by_h, by_c = gates @ w.weight_hh, cell * f
    return np.array(found[::-1])


def cells_before(steps: LstmSteps) -> np.ndarray:
    """The cell state each word found, float[n, D].

    Before the first word it need not be 0, since a language model has read its start mark: it is
    what c = f c' + i g leaves for c'.
    """
    first = (steps.c[:1] - steps.i[:1] * steps.g[:1]) / steps.f[:1]
    return np.vstack([first, steps.c[:-1]])


def attention_jacobians(
    query: np.ndarray, keys: np.ndarray, values: np.ndarray, at: int, w: Attention
) -> np.ndarray:
    """d z_at / d x_k of one head of self-attention for every k -> float[n, D, E].

    z_at = sum_j p_j v_j with p = softmax(q_at . k_j / sqrt(D)): word k acts through its value and
    through its key, the word itself through its query too.

    Parameters
    ----------
    query : float[D], of word `at`; keys, values : float[n, D]
    """
    root = np.sqrt(len(query))
    p = softmax(keys @ query / root)  # (n,)
    by_score = p[:, None] * (values - p @ values)  # (n, D), d z / d score_j
    found = p[:, None, None] * w.value + by_score[:, :, None] * (w.key.T @ query / root)
    found[at] += by_score.T @ (keys @ w.query) / root
    return found


def norms(jacobians: np.ndarray) -> np.ndarray:
    """Frobenius norm of each k's matrix, float[n]."""
    return np.sqrt((jacobians.astype(np.float64) ** 2).sum((1, 2)))


def attention_norms(
    query: np.ndarray, keys: np.ndarray, values: np.ndarray, at: int, w: Attention
) -> np.ndarray:
    """`norms(attention_jacobians(...))` without the n matrices, float[n].

    Each is p_k V + b_k u^T, so its squared norm is p_k^2 |V|^2 + 2 p_k b_k V u + |b_k|^2 |u|^2;
    only word `at` has one term more.
    """
    root = np.sqrt(len(query))
    value = w.value.astype(np.float64)
    p = softmax((keys @ query / root).astype(np.float64))  # (n,)
    by_score = p[:, None] * (values - p @ values)  # (n, D)
    u = w.key.T @ query / root  # (E,)
    squares = (
        p**2 * (value**2).sum() + 2 * p * (by_score @ (value @ u))
        + (by_score**2).sum(1) * (u @ u)
    )
    own = p[at] * value + np.outer(by_score[at], u) + by_score.T @ (keys @ w.query) / root
    squares[at] = (own**2).sum()
    return np.sqrt(np.maximum(squares, 0.0))
