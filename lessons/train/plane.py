"""The vectors that the head reads, before and after training, in one and the same plane."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.live.tuning import Outcome

Fit = Literal["before", "both"]
FITS: tuple[Fit, ...] = ("before", "both")


@dataclass(frozen=True)
class Plane:
    """before, after : float64[P, 2]; shares : of each cloud's own variance, what the plane shows

    moved : mean distance between a vector before and after, over the mean length before
    """

    before: np.ndarray
    after: np.ndarray
    share_before: float
    share_after: float
    moved: float


def plane(found: Outcome, fit: Fit = "before") -> Plane:
    """The two directions of largest spread of the vectors before, or of both clouds together.

    Source: Pearson 1901 (principal components).
    """
    before, after = found.before.astype(np.float64), found.after.astype(np.float64)  # (P, H)
    cloud = before if fit == "before" else np.concatenate([before, after])
    middle = cloud.mean(0)  # (H,)
    _, _, axes = np.linalg.svd(cloud - middle, full_matrices=False)
    axes = axes[:2]  # (2, H)
    axes *= np.where(axes.sum(1) < 0, -1.0, 1.0)[:, None]  # the same lines, the same picture
    if len(axes) < 2:
        axes = np.pad(axes, ((0, 2 - len(axes)), (0, 0)))
    length = np.linalg.norm(before, axis=1).mean()
    return Plane(
        (before - middle) @ axes.T, (after - middle) @ axes.T,
        _share(before, axes), _share(after, axes),
        float(np.linalg.norm(after - before, axis=1).mean() / max(length, 1e-12)),
    )


def _share(vectors: np.ndarray, axes: np.ndarray) -> float:
    moved = vectors - vectors.mean(0)
    total = float((moved**2).sum())
    return float(((moved @ axes.T) ** 2).sum() / total) if total > 1e-12 else 0.0
