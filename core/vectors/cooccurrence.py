"""GloVe on a text small enough to see: co-occurrence counts, their weights and the loss's terms.

Source: Pennington, Socher and Manning 2014, "GloVe: Global Vectors for Word Representation".
"""

from dataclasses import dataclass

import numpy as np

from core.vectors.windows import Corpus

X_MAX, ALPHA = 100.0, 0.75  # section 3.1


@dataclass(frozen=True)
class Glove:
    """Fitted vectors: w, context : float64[V, N]; bias, context_bias : float64[V].

    losses : the whole loss before the first and after every iteration
    """

    w: np.ndarray
    context: np.ndarray
    bias: np.ndarray
    context_bias: np.ndarray
    losses: tuple[float, ...]

    @property
    def vectors(self) -> np.ndarray:
        """w + w~, what the paper uses in the end, float64[V, N]."""
        return self.w + self.context


def counts(corpus: Corpus, window: int, *, by_distance: bool = True) -> np.ndarray:
    """X float64[V, V]: X_ij is how often word j stands near word i, symmetric.

    by_distance : a pair d words apart counts 1/d (section 4.2), else 1
    """
    size = len(corpus.words)
    x = np.zeros((size, size))
    for sentence in corpus.sentences:
        ids = np.asarray(sentence)
        for d in range(1, min(window, len(ids) - 1) + 1):
            worth = 1 / d if by_distance else 1.0
            np.add.at(x, (ids[:-d], ids[d:]), worth)
            np.add.at(x, (ids[d:], ids[:-d]), worth)
    return x


def weight(x: np.ndarray, x_max: float = X_MAX, alpha: float = ALPHA) -> np.ndarray:
    """f(x) = (x / x_max) ** alpha below x_max, 1 above, 0 at 0 (eq. 9)."""
    return np.minimum(np.asarray(x, np.float64) / x_max, 1.0) ** alpha


def probabilities(x: np.ndarray) -> np.ndarray:
    """P_ij = X_ij / X_i, the share of word i's company that is word j; empty rows stay 0."""
    total = x.sum(axis=1, keepdims=True)
    return np.divide(x, total, out=np.zeros_like(x), where=total > 0)


def terms(x: np.ndarray, glove: Glove, x_max: float = X_MAX, alpha: float = ALPHA) -> np.ndarray:
    """f(X_ij) (w_i . w~_j + b_i + b~_j - log X_ij)^2, 0 where X_ij = 0, float64[V, V] (eq. 8)."""
    return weight(x, x_max, alpha) * _gap(x, glove.w, glove.context, glove.bias,
                                          glove.context_bias) ** 2


def _gap(x: np.ndarray, w: np.ndarray, context: np.ndarray, bias: np.ndarray,
         context_bias: np.ndarray) -> np.ndarray:
    logs = np.log(np.where(x > 0, x, 1.0))
    return np.where(x > 0, w @ context.T + bias[:, None] + context_bias - logs, 0.0)


def fit(
    x: np.ndarray, size: int, *, x_max: float = X_MAX, alpha: float = ALPHA, seed: int = 0,
    iterations: int = 300, rate: float = 0.1,
) -> Glove:
    """Weighted least squares by AdaGrad; each iteration uses all cells at once.

    The paper draws non-zero cells one by one at rate 0.05; with a few hundred cells the whole
    gradient costs no more.
    """
    random = np.random.default_rng(seed)
    n = len(x)
    parts = [random.uniform(-0.5, 0.5, shape) / size
             for shape in ((n, size), (n, size), (n,), (n,))]
    squares = [np.ones_like(p) for p in parts]  # GloVe's own code starts them at 1
    f = weight(x, x_max, alpha)
    losses = []
    for turn in range(iterations + 1):
        w, context, bias, context_bias = parts
        gap = _gap(x, *parts)  # (V, V)
        losses.append(float((f * gap**2).sum()))
        if turn == iterations:
            break
        pull = f * gap  # (V, V), half the gradient of the loss by the prediction
        slopes = (pull @ context, pull.T @ w, pull.sum(axis=1), pull.sum(axis=0))
        for i, slope in enumerate(slopes):
            squares[i] += slope**2
            parts[i] = parts[i] - rate * slope / np.sqrt(squares[i])
    return Glove(w, context, bias, context_bias, tuple(losses))
