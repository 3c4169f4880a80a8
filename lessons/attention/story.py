"""One number followed backwards: every factor of a score, a weight and a coordinate of z."""

from dataclasses import dataclass

import numpy as np

from core.trace.recompute import softmax
from lessons.attention.lesson import Result


@dataclass(frozen=True)
class Story:
    """Query piece i looks at key piece j; dimension c of the head is followed.

    products : float64[d_k], q_i * k_j, whose sum is `score`
    exponentials : float64[n], exp(scaled - row maximum), 0 where not allowed; `total` their sum
    terms : float64[n], weight_j * v_j[c], whose sum is `z`
    inputs : float64[H], x_i * W_Q[c]; with `bias` they sum to q_i[c]
    """

    i: int
    j: int
    c: int
    products: np.ndarray
    score: float
    scaled: float
    exponentials: np.ndarray
    total: float
    weight: float
    terms: np.ndarray
    z: float
    inputs: np.ndarray
    bias: float
    q: float


def follow(result: Result, i: int, j: int, c: int) -> Story:
    """All factors behind weights[i, j] and z[i, c], from the model's own q, k, v and W_Q."""
    q, k, v = (a.astype(np.float64) for a in (result.q, result.k, result.v))
    products = q[i] * k[j]  # (d_k,)
    score = float(products.sum())
    allowed = result.allowed[i]
    row = np.where(allowed, (k @ q[i]) / np.sqrt(result.d_k), -np.inf)  # (n,)
    exponentials = np.exp(row - row[allowed].max())  # (n,)
    total = float(exponentials.sum())
    weights = exponentials / total
    terms = weights * v[:, c]  # (n,)
    inputs = result.x[i].astype(np.float64) * result.query.weight[c]  # (H,)
    bias = float(result.query.bias[c])
    return Story(
        i, j, c, products, score, score / float(np.sqrt(result.d_k)), exponentials, total,
        float(weights[j]), terms, float(terms.sum()), inputs, bias, float(inputs.sum() + bias),
    )


@dataclass(frozen=True)
class Sharpness:
    """What the division does: mean over rows of the softmax's largest weight and entropy (bits).

    variance is that of all allowed scores; `raw` without and `scaled` with the division.
    """

    raw_variance: float
    scaled_variance: float
    raw_entropy: float
    scaled_entropy: float
    raw_peak: float
    scaled_peak: float


def row_softmax(result: Result, i: int) -> tuple[np.ndarray, np.ndarray]:
    """softmax of row i before and after the division by sqrt(d_k), float64[n] each."""
    allowed = result.allowed[i]
    return tuple(  # type: ignore[return-value]
        softmax(np.where(allowed, scores[i].astype(np.float64), -np.inf))
        for scores in (result.scores, result.scaled)
    )


def sharpness(result: Result) -> Sharpness:
    """Why sqrt(d_k): the softmax of large scores puts nearly all weight on one piece.

    Source: Vaswani et al. 2017, section 3.2.1.
    """
    rows = [row_softmax(result, i) for i in range(len(result.encoded))]
    raw, scaled = (np.stack(r) for r in zip(*rows, strict=True))  # (n, n) each
    return Sharpness(
        float(result.scores[result.allowed].var()),
        float(result.scaled[result.allowed].var()),
        float(entropy(raw).mean()),
        float(entropy(scaled).mean()),
        float(raw.max(-1).mean()),
        float(scaled.max(-1).mean()),
    )


def entropy(weights: np.ndarray) -> np.ndarray:
    """Bits along the last axis; 0 log 0 = 0."""
    safe = np.where(weights > 0, weights, 1.0)
    return -(weights * np.log2(safe)).sum(-1)
