"""GELU as BERT computes it, its tanh approximation, and ReLU; on a token's own numbers."""

import math
from dataclasses import dataclass

import numpy as np

from core.trace.recompute import gelu


def gelu_tanh(x: np.ndarray) -> np.ndarray:
    """The approximation with tanh (Hendrycks and Gimpel 2016, section 2), as GPT-2 uses it."""
    inside = math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)
    result: np.ndarray = 0.5 * x * (1.0 + np.tanh(inside))
    return result


def relu(x: np.ndarray) -> np.ndarray:
    """max(0, x), as in the Transformer of 2017."""
    return np.maximum(x, 0.0)


@dataclass(frozen=True)
class Compared:
    """A token's pre-activations u float[F] through the three curves.

    positive : how many of them are above 0; from_tanh, from_relu : largest |difference| from
    the exact form over these very numbers
    """

    u: np.ndarray
    positive: int
    from_tanh: float
    from_relu: float


def compared(u: np.ndarray) -> Compared:
    exact = u.astype(np.float64)
    value = gelu(exact)
    return Compared(
        exact, int((exact > 0).sum()),
        float(np.abs(value - gelu_tanh(exact)).max()), float(np.abs(value - relu(exact)).max()),
    )
