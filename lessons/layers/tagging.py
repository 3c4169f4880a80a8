"""What each layer's probe says of every word: softmax(x W^T + b), layer by layer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.contract import Encoded
from core.tasks.registry import find
from core.tasks.words import first_pieces, words
from core.trace.recompute import linear, softmax
from lessons.layers import measured
from lessons.proof import Check, check


@dataclass(frozen=True)
class Tagging:
    """One task's probes over a text's words, read at each word's first piece.

    words : as they are cut for tagging, "do" and "n't" apart; spans : their characters;
    pieces : where each is read
    logits : float32[L + 1, W, K]; labels : the K tags
    """

    task: str
    labels: tuple[str, ...]
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    pieces: tuple[int, ...]
    logits: np.ndarray

    @property
    def tags(self) -> np.ndarray:
        """int[L + 1, W], each layer's tag of each word."""
        found: np.ndarray = self.logits.argmax(axis=-1)
        return found

    @property
    def sure(self) -> np.ndarray:
        """float64[L + 1, W], the probability of that tag."""
        found: np.ndarray = softmax(self.logits.astype(np.float64)).max(axis=-1)
        return found


def taggings(model: str, text: str, encoded: Encoded, states: np.ndarray) -> tuple[Tagging, ...]:
    """A `Tagging` for each task that has probes for this model. states : float32[L + 1, n, H]"""
    spans = words(text)
    read = [(span, piece) for span, piece in zip(spans, first_pieces(encoded, spans), strict=True)
            if piece is not None]
    found = []
    for task in measured.TASKS:
        probes = measured.probes(model, task)
        if len(probes) != len(states) or not read:
            continue
        pieces = tuple(piece for _, piece in read)
        logits = np.stack([
            linear(layer[list(pieces)], probe.weight, probe.bias)  # (W, K)
            for layer, probe in zip(states, probes, strict=True)
        ])
        logits.flags.writeable = False
        found.append(Tagging(
            task, find(task).labels, tuple(text[a:b] for (a, b), _ in read),
            tuple(span for span, _ in read), pieces, logits,
        ))
    return tuple(found)


def by_hand(model: str, taggings: Sequence[Tagging], states: np.ndarray) -> tuple[Check, ...]:
    """Each probe's logits as sums of products, x_i . w_k + b_k, in float64."""
    found = []
    for tagging in taggings:
        probes = measured.probes(model, tagging.task)
        ours = np.stack([
            np.einsum("wh,kh->wk", layer[list(tagging.pieces)].astype(np.float64),
                      probe.weight.astype(np.float64)) + probe.bias
            for layer, probe in zip(states, probes, strict=True)
        ])
        found.append(check(f"{tagging.task.upper()} probe", "x W^T + b", ours, tagging.logits))
    return tuple(found)
