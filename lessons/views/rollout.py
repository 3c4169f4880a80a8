"""Heads averaged, and attention followed through the layers."""

from collections.abc import Sequence

import numpy as np

RESIDUAL = 0.5  # the residual connection hands on as much as attention brings


def averaged(layers: Sequence[np.ndarray]) -> np.ndarray:
    """The mean of each layer's heads, weights float[A, n, n] each -> float64[L, n, n]."""
    return np.stack([weights.mean(axis=0, dtype=np.float64) for weights in layers])


def rollout(average: np.ndarray, residual: float = RESIDUAL) -> np.ndarray:
    """Which input pieces a position of layer l is mixed from, float64[L, n, n] -> same shape.

        A'_l = normalised((1 - residual) A_l + residual I),  R_l = A'_l R_{l-1},  R_0 = A'_0

    Rows sum to 1.

    Source: Abnar and Zuidema 2020, "Quantifying attention flow in transformers", section 3.
    """
    same = np.eye(average.shape[-1])
    rolled: list[np.ndarray] = []
    for weights in average:
        mixed = (1 - residual) * weights + residual * same  # (n, n)
        mixed /= mixed.sum(axis=-1, keepdims=True)
        rolled.append(mixed @ rolled[-1] if rolled else mixed)
    return np.stack(rolled)


def running_mean(average: np.ndarray) -> np.ndarray:
    """The mean of layers 0..l for every l, float64[L, n, n]; the last one is that of all."""
    count = np.arange(1, len(average) + 1)[:, None, None]
    return np.cumsum(average, axis=0) / count


def spread(rows: np.ndarray) -> float:
    """How different the rows of a matrix are: mean total variation distance to the mean row.

    0 where every piece has the same row, float[n, n].
    """
    return float(0.5 * np.abs(rows - rows.mean(axis=0)).sum(-1).mean())
