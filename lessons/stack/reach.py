"""How far each head looks and how widely it spreads, layer by layer."""

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


def reach(weights: np.ndarray, places: np.ndarray) -> Reach:
    """Distance and entropy among the pieces at `places`; each row divided by its sum there.

    weights : float[L, A, n, n]; places : int[m]
    A row with nothing on those pieces has no direction and counts in no mean.

    Source: Vig and Belinkov 2019 (distance), Clark et al. 2019, section 3 (entropy).
    """
    part = weights[..., places[:, None], places].astype(np.float64)  # (L, A, m, m)
    sums = part.sum(axis=-1, keepdims=True)  # (L, A, m, 1)
    rows = part / np.maximum(sums, 1e-30)
    counted = sums[..., 0] > 1e-12  # (L, A, m)
    apart = np.abs(places[:, None] - places).astype(np.float64)  # (m, m)
    distance = (rows * apart).sum(axis=-1)  # (L, A, m)
    entropy = bits(rows)
    m = len(places)
    return Reach(m, _mean(distance, counted), _mean(entropy, counted),
                 float(apart.mean()) if m else 0.0, float(np.log2(m)) if m else 0.0)


def bits(rows: np.ndarray) -> np.ndarray:
    """Entropy along the last axis; 0 log 0 = 0."""
    safe = np.where(rows > 0, rows, 1.0)
    return -(rows * np.log2(safe)).sum(axis=-1)


def _mean(values: np.ndarray, counted: np.ndarray) -> np.ndarray:
    return (values * counted).sum(axis=-1) / np.maximum(counted.sum(axis=-1), 1)


def on(weights: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The mean share of the weights that lies on the pieces at `places`, float64[L, A]."""
    return weights[..., places].astype(np.float64).sum(axis=-1).mean(axis=-1)


def checks(weights: np.ndarray, shown: Reach) -> tuple[Check, Check]:
    """Both measures over all pieces, diagonal by diagonal and as a distance from evenness."""
    wide = weights.astype(np.float64)
    n = wide.shape[-1]
    distance = sum(
        abs(k) * np.trace(wide, offset=k, axis1=-2, axis2=-1) for k in range(1 - n, n)
    ) / n
    ratio = np.where(wide > 0, wide * n, 1.0)
    entropy = np.log2(n) - (wide * np.log2(ratio)).sum(axis=-1).mean(axis=-1)
    return (
        check("attention distance", "sum_k |k| (diagonal k of w) / n", distance, shown.distance),
        check("attention entropy", "log2 n - sum_j w log2(n w)", entropy, shown.entropy),
    )
