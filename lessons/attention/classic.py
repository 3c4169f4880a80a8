"""The textbook example: "Thinking Machines", q1.k1 = 112, q1.k2 = 96, d_k = 64.

The two dot products and d_k are the source's; everything after them is computed here.

Source: Alammar, The Illustrated Transformer (2018).
"""

from dataclasses import dataclass

import numpy as np

from core.trace.recompute import softmax

WORDS = ("Thinking", "Machines")
TEXT = "Thinking Machines"
DOT_PRODUCTS = (112.0, 96.0)
D_K = 64


@dataclass(frozen=True)
class Classic:
    """One entry for each word: dot product, divided by `root`, exp(scaled - top), softmax."""

    scores: tuple[float, ...]
    root: float
    scaled: tuple[float, ...]
    top: float
    exponentials: tuple[float, ...]
    weights: tuple[float, ...]


def classic() -> Classic:
    """The example's arithmetic."""
    root = float(np.sqrt(D_K))
    scaled = np.array(DOT_PRODUCTS) / root
    top = float(scaled.max())
    return Classic(
        DOT_PRODUCTS, root, tuple(map(float, scaled)), top,
        tuple(map(float, np.exp(scaled - top))), tuple(map(float, softmax(scaled))),
    )
