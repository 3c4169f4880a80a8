"""What of the layers a tagger is given: the choices of the BERT paper, and each layer alone."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.training.layer_probe.states import Words

CHUNK = 4096  # words widened to float32 at once

How = Literal["concat", "sum", "weighted"]


@dataclass(frozen=True)
class Choice:
    """layers : from 0, the embedding layer's output; how they become one vector

    "concat" puts them end to end, "sum" adds them, "weighted" learns a softmax weight for each.
    """

    name: str
    layers: tuple[int, ...]
    how: How = "concat"

    def rows(self, words: Words, which: np.ndarray) -> np.ndarray:
        """float32[n, K, H] of some words; K is 1 for a sum."""
        picked = np.stack([words.states[layer, which] for layer in self.layers], axis=1)
        wide = picked.astype(np.float32)  # (n, K, H)
        return wide.sum(axis=1, keepdims=True) if self.how == "sum" else wide


def single(layer: int) -> Choice:
    """One layer alone."""
    return Choice(f"layer_{layer}", (layer,))


def published(layers: int) -> tuple[Choice, ...]:
    """The six of the paper for a model of L layers, and the two sums without learned weights.

    Source: Devlin et al. 2019, table 7.
    """
    last4 = tuple(range(layers - 3, layers + 1))
    every = tuple(range(1, layers + 1))
    return (
        Choice("embeddings", (0,)),
        Choice("second_to_last", (layers - 1,)),
        Choice("last", (layers,)),
        Choice("weighted_last4", last4, "weighted"),
        Choice("concat_last4", last4),
        Choice("weighted_all", every, "weighted"),
        Choice("sum_last4", last4, "sum"),
        Choice("sum_all", every, "sum"),
    )


@dataclass(frozen=True)
class Scale:
    """Mean and spread of a choice over the training words, float32[K, H] each."""

    mean: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, choice: Choice, words: Words) -> "Scale":
        seen = np.flatnonzero(words.seen)
        total = np.zeros(())
        squares = np.zeros(())
        for start in range(0, len(seen), CHUNK):
            rows = choice.rows(words, seen[start : start + CHUNK]).astype(np.float64)
            total, squares = total + rows.sum(0), squares + (rows**2).sum(0)
        mean = total / len(seen)
        spread = np.sqrt(np.maximum(squares / len(seen) - mean**2, 1e-8))
        return cls(mean.astype(np.float32), spread.astype(np.float32))

    def applied(self, rows: np.ndarray) -> np.ndarray:
        return (rows - self.mean) / self.spread
