"""The two recurrent cells in plain NumPy, with every gate kept. No torch.

Weights have torch's layout and names, so that a trained network's own fit in: rows of the four
gates of an LSTM stand below one another in the order i, f, g, o.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

GATES = ("i", "f", "g", "o")


@dataclass(frozen=True)
class Weights:
    """A cell's parameters. D hidden, E input width, G = 1 for an RNN and 4 for an LSTM.

    weight_ih : [G D, E]; weight_hh : [G D, P]; bias_ih, bias_hh : [G D]
    weight_hr : [P, D], the projection of an LSTM's output; None where P = D
    """

    weight_ih: np.ndarray
    weight_hh: np.ndarray
    bias_ih: np.ndarray
    bias_hh: np.ndarray
    weight_hr: np.ndarray | None = None

    @classmethod
    def of(cls, state: Mapping[str, np.ndarray], layer: int | None = 0) -> "Weights":
        """From a torch state dict: of `nn.LSTM` with a layer, of `nn.LSTMCell` with None."""
        end = "" if layer is None else f"_l{layer}"
        return cls(
            state[f"weight_ih{end}"], state[f"weight_hh{end}"], state[f"bias_ih{end}"],
            state[f"bias_hh{end}"], state.get(f"weight_hr{end}"),
        )


@dataclass(frozen=True)
class RnnSteps:
    """n steps of a plain recurrent cell: h float[n, D]."""

    h: np.ndarray


@dataclass(frozen=True)
class LstmSteps:
    """n steps of an LSTM: gates i, f, o in 0..1, g in -1..1, cell state c; each float[n, D].

    h : float[n, P], what the next word and the next layer see; P = D without a projection
    """

    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray
    c: np.ndarray
    h: np.ndarray


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + e^-x), which is (1 + tanh(x/2)) / 2 and as such never overflows."""
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def rnn_cell(x: np.ndarray, h: np.ndarray, w: Weights) -> np.ndarray:
    """One word: tanh(W x + U h + b). x : float[E]; h : float[D] -> float[D].

    Source: Elman 1990.
    """
    return np.tanh(w.weight_ih @ x + w.bias_ih + w.weight_hh @ h + w.bias_hh)


def lstm_cell(
    x: np.ndarray, h: np.ndarray, c: np.ndarray, w: Weights
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """One word through an LSTM: x float[E], h float[P], c float[D] -> i, f, g, o, c, h.

    c' = f c + i g; h' = o tanh(c'), projected by weight_hr where there is one.

    Source: Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000.
    """
    all_four = w.weight_ih @ x + w.bias_ih + w.weight_hh @ h + w.bias_hh  # (4 D,)
    into, forget, new, out = np.split(all_four, 4)  # (D,) each
    i, f, g, o = sigmoid(into), sigmoid(forget), np.tanh(new), sigmoid(out)
    c = f * c + i * g
    h = o * np.tanh(c)
    return i, f, g, o, c, h if w.weight_hr is None else w.weight_hr @ h


def rnn(xs: np.ndarray, w: Weights) -> RnnSteps:
    """A whole sentence, word by word from h = 0. xs : float[n, E]."""
    h = np.zeros(w.weight_hh.shape[1], xs.dtype)
    states = []
    for x in xs:
        h = rnn_cell(x, h, w)
        states.append(h)
    return RnnSteps(np.array(states))


def lstm(xs: np.ndarray, w: Weights) -> LstmSteps:
    """A whole sentence, word by word from h = c = 0. xs : float[n, E]."""
    h = np.zeros(w.weight_hh.shape[1], xs.dtype)
    c = np.zeros(len(w.weight_ih) // 4, xs.dtype)
    steps = []
    for x in xs:
        steps.append(lstm_cell(x, h, c, w))
        c, h = steps[-1][4:]
    return LstmSteps(*(np.array(part) for part in zip(*steps, strict=True)))
