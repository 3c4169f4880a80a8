"""All heads in one byte a weight, few enough bytes for any text and any model."""

import math
from collections.abc import Iterable

import numpy as np

BUDGET = 590_000  # bytes for all heads together: 144 heads of 64 pieces fit exactly


def pool_of(heads: int, n: int, budget: int = BUDGET) -> int:
    """How many pieces share one cell, so that `heads` pictures of n x n fit into `budget`."""
    side = max(8, math.isqrt(budget // heads))
    return max(1, math.ceil(n / side))


def thumbnails(layers: Iterable[np.ndarray], pool: int = 1) -> np.ndarray:
    """Weights float[A, n, n] of each layer -> uint8[L, A, m, m], 255 = 1, m = ceil(n / pool).

    With pool > 1 a cell is the largest weight of pool x pool: a strong link stays to be seen.
    """
    return np.stack([_pooled(_bytes(weights), pool) for weights in layers])


def _bytes(weights: np.ndarray) -> np.ndarray:
    return np.rint(np.asarray(weights, np.float32) * np.float32(255)).astype(np.uint8)


def _pooled(weights: np.ndarray, pool: int) -> np.ndarray:
    """The largest of each pool x pool cell, uint8[A, n, n] -> uint8[A, m, m]."""
    if pool == 1:
        return weights
    heads, n, _ = weights.shape
    m = math.ceil(n / pool)
    wide = np.zeros((heads, m * pool, m * pool), np.uint8)
    wide[:, :n, :n] = weights
    return wide.reshape(heads, m, pool, m, pool).max(axis=(2, 4))
