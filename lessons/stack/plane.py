"""All hidden states of a text in two dimensions: a shadow of H, and how much it keeps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lessons.proof import Check, check
from lessons.stack.similarity import units

VIEWS = ("direction", "centred", "raw")


@dataclass(frozen=True)
class Shadow:
    """Hidden states on their two directions of largest spread.

    points : for each sentence float32[L + 1, n, 2]; shares : of the variance, along each
    direction, 0 where all states are one
    """

    points: tuple[np.ndarray, ...]
    shares: tuple[float, float]


def shadow(states: Sequence[np.ndarray], view: str) -> tuple[Shadow, Check]:
    """PCA fitted on every piece and layer of all sentences, and its proof.

    states : for each sentence float32[L + 1, n, H]; view : "raw" takes them as they are,
    "direction" brings each to length 1, "centred" then takes from each layer its mean, so that
    what all pieces do together from layer to layer drops out

    Source: Pearson 1901; the directions are eigenvectors of the covariance.
    """
    joined = np.concatenate(states, axis=1).astype(np.float64)  # (L + 1, N, H)
    if view != "raw":
        joined = units(joined)
    middle = joined.mean(axis=1 if view == "centred" else (0, 1), keepdims=True)
    moved = joined - middle  # (L + 1, N, H)
    flat = moved.reshape(-1, moved.shape[-1])  # ((L + 1) N, H)
    total = float((flat**2).sum())
    spread, axes = _directions(flat)
    points = moved @ axes.T  # (L + 1, N, 2)
    shares = spread / total if total > 1e-12 else np.zeros(2)
    kept = (points.reshape(-1, 2) ** 2).sum(axis=0)
    proof = check(
        f"PCA, {view}", "sum (x . v)^2 = eigenvalue of X^T X",
        kept / max(total, 1e-12), shares,
    )
    cuts = np.cumsum([len(s[0]) for s in states])[:-1]
    parts = tuple(_frozen(part) for part in np.split(points, cuts, axis=1))
    return Shadow(parts, (float(shares[0]), float(shares[1]))), proof


def _directions(flat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two largest eigenvalues of X^T X and their eigenvectors, float64[2], float64[2, H].

    Taken from X X^T where that is smaller. Signs are fixed so that the same text gives the
    same picture.
    """
    rows, size = flat.shape
    if rows < size:
        values, vectors = np.linalg.eigh(flat @ flat.T)
        axes = (flat.T @ vectors[:, :-3:-1]).T  # (2, H)
        axes /= np.maximum(np.linalg.norm(axes, axis=1, keepdims=True), 1e-12)
    else:
        values, vectors = np.linalg.eigh(flat.T @ flat)
        axes = vectors[:, :-3:-1].T
    signs = np.where(axes.sum(axis=1) < 0, -1.0, 1.0)
    return np.maximum(values[:-3:-1], 0.0), axes * signs[:, None]


def _frozen(points: np.ndarray) -> np.ndarray:
    array = np.ascontiguousarray(points, np.float32)
    array.flags.writeable = False
    return array
