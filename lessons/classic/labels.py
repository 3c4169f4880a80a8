"""Names that do not lie on each other."""

import numpy as np

from core.vectors.documents import has_chinese

_ROUNDS = 300


def width_of(text: str, size: int) -> float:
    """About how many pixels a text is wide in a font of that size."""
    return sum((1.05 if has_chinese(c) else 0.56) * size for c in text)


def spread(
    places: np.ndarray, boxes: np.ndarray, fixed: np.ndarray | None = None, *, low: np.ndarray,
    high: np.ndarray,
) -> np.ndarray:
    """Move boxes as little apart as it takes for none to lie on another, where there is room.

    places, boxes : float64[N, 2], middles and sizes in pixels; fixed : bool[N], those that stay
    low, high : float64[2], corners of the picture; gives the new middles
    """
    moved = places.astype(np.float64) + 1e-3 * np.arange(len(places))[:, None]  # none just equal
    stays = np.zeros(len(places), bool) if fixed is None else fixed
    reach = (boxes[:, None] + boxes[None]) / 2  # (N, N, 2)
    for _ in range(_ROUNDS):
        apart = moved[:, None] - moved[None]  # (N, N, 2)
        over = reach - np.abs(apart)
        hit = (over > 0).all(axis=-1) & ~np.eye(len(places), dtype=bool)
        if not hit[~stays].any():
            break
        axis = over.argmin(axis=-1)  # the shorter way out
        push = np.zeros_like(apart)
        for a in (0, 1):
            push[..., a] = np.where(hit & (axis == a), np.sign(apart[..., a]) * over[..., a], 0)
        moved[~stays] += 0.3 * push.sum(axis=1)[~stays]
        inside = np.clip(moved, low + boxes / 2, high - boxes / 2)
        moved = np.where(stays[:, None], moved, inside)
    return moved
