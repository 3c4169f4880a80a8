"""Matrices as one byte a weight: int8 with one float16 scale a row. No torch."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np

LEVELS = 127
SCALE = ".scale"


def quantize_rows(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest of 255 evenly spaced values in each row, zero among them.

    Parameters
    ----------
    matrix : float[r, c]

    Returns
    -------
    levels : int8[r, c]; scale : float16[r], so that matrix is about scale[:, None] * levels
        and no weight is off by more than half a scale
    """
    largest = np.abs(matrix).max(axis=1)  # (r,)
    scale = (largest / LEVELS).astype(np.float16)
    scale[scale == 0] = 1.0
    levels = np.rint(matrix / scale[:, None].astype(np.float32))
    return np.clip(levels, -LEVELS, LEVELS).astype(np.int8), scale


def dequantize_rows(levels: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """float32[r, c] from what `quantize_rows` returned."""
    weights = levels.astype(np.float32)
    weights *= scale[:, None]
    return weights


def packed(weights: Mapping[str, np.ndarray], kept: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """Every matrix quantized, every vector and the matrices named in `kept` as float16.

    Raises ValueError for a weight that float16 cannot hold.
    """
    stored: dict[str, np.ndarray] = {}
    for name, weight in weights.items():
        if not np.abs(weight).max() <= np.finfo(np.float16).max:
            raise ValueError(f"{name} does not fit float16")
        if weight.ndim == 2 and name not in kept:
            stored[name], stored[name + SCALE] = quantize_rows(weight)
        else:
            stored[name] = weight.astype(np.float16)
    return stored


def unpacked(
    names: Iterable[str], read: Callable[[str], np.ndarray]
) -> Iterator[tuple[str, np.ndarray]]:
    """Each weight that `packed` stored, by name and as float32; one is read at a time."""
    stored = set(names)
    for name in stored:
        if name + SCALE in stored:
            yield name, dequantize_rows(read(name), read(name + SCALE))
        elif not name.endswith(SCALE):
            yield name, read(name).astype(np.float32)
