"""How far each head looks and how widely it spreads, layer by layer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lessons.proof import Check, check


@dataclass(frozen=True)
class Reach:
    """Every head of every layer, means over the looking pieces.

    distance : float64[L, A], sum_j w_ij |i - j| in pieces; entropy : float64[L, A], bits
    even_distance, even_entropy : what a head would have that looks at all n pieces alike
    """

    pieces: int
    distance: np.ndarray
    entropy: np.ndarray
    even_distance: float
    even_entropy: float


def reach(weights: Sequence[np.ndarray], places: np.ndarray) -> Reach:
    """Distance and entropy among the pieces at `places`; each row divided by its sum there.

    weights : for each layer float[A, n, n]; places : int[m]
    A row with nothing on those pieces has no direction and counts in no mean.

    Source: Vig and Belinkov 2019 (distance), Clark et al. 2019, section 3 (entropy).
    """
    apart = np.abs(places[:, None] - places).astype(np.float64)  # (m, m)
    found = [_layer(w, places, apart) for w in weights]  # one layer's n x n at a time
    m = len(places)
    return Reach(m, np.stack([d for d, _ in found]), np.stack([e for _, e in found]),
                 float(apart.mean()), float(np.log2(m)))


def _layer(
    weights: np.ndarray, places: np.ndarray, apart: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """float[A, n, n] -> distance [A], entropy [A]."""
    part = weights[:, places[:, None], places].astype(np.float64)  # (A, m, m)
    sums = part.sum(axis=-1, keepdims=True)  # (A, m, 1)
    rows = part / np.maximum(sums, 1e-30)
    counted = sums[..., 0] > 1e-12  # (A, m)
    many = np.maximum(counted.sum(axis=-1), 1)  # (A,)
    return (((rows * apart).sum(axis=-1) * counted).sum(axis=-1) / many,
            (bits(rows) * counted).sum(axis=-1) / many)


def bits(rows: np.ndarray) -> np.ndarray:
    """Entropy along the last axis; 0 log 0 = 0."""
    safe = np.where(rows > 0, rows, 1.0)
    return -(rows * np.log2(safe)).sum(axis=-1)


def on(weights: Sequence[np.ndarray], places: np.ndarray) -> np.ndarray:
    """The mean share of the weights that lies on the pieces at `places`, float64[L, A]."""
    return np.stack([
        w[..., places].astype(np.float64).sum(axis=-1).mean(axis=-1) for w in weights
    ])


def checks(weights: Sequence[np.ndarray], shown: Reach) -> tuple[Check, Check]:
    """Both measures over all pieces, diagonal by diagonal and as a distance from evenness."""
    n = weights[0].shape[-1]
    offsets = range(1 - n, n)
    distances, entropies = [], []
    for layer in weights:
        diagonals = [np.trace(layer, k, 1, 2, np.float64) for k in offsets]  # (2 n - 1) of (A,)
        distances.append(np.abs(offsets) @ np.array(diagonals) / n)
        ratio = np.where(layer > 0, layer.astype(np.float64) * n, 1.0)
        entropies.append(np.log2(n) - (layer * np.log2(ratio)).sum(axis=-1).mean(axis=-1))
    return (
        check("attention distance", "sum_k |k| (diagonal k of w) / n",
              np.stack(distances), shown.distance),
        check("attention entropy", "log2 n - sum_j w log2(n w)",
              np.stack(entropies), shown.entropy),
    )
