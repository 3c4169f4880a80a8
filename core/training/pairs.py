"""Sentence pairs for next-sentence prediction, 50 % true and 50 % from another document."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.training.corpus import TokenizedCorpus

IS_NEXT, NOT_NEXT = 0, 1  # the labels of BERT's published heads


@dataclass(frozen=True)
class Pair:
    """Segments A and B as word-piece ids without special tokens, and the NSP label."""

    a: np.ndarray
    b: np.ndarray
    label: int

    def __len__(self) -> int:
        return len(self.a) + len(self.b) + 3


def _chunks(document: list[np.ndarray], target: int) -> Iterator[list[np.ndarray]]:
    """Consecutive sentences up to `target` pieces, never a lone sentence."""
    chunk: list[np.ndarray] = []
    size = 0
    for index, sentence in enumerate(document):
        chunk.append(sentence)
        size += len(sentence)
        one_would_be_left = index == len(document) - 2
        if size >= target and len(chunk) > 1 and not one_would_be_left:
            yield chunk
            chunk, size = [], 0
    if len(chunk) > 1:
        yield chunk


def _truncate(
    a: np.ndarray, b: np.ndarray, limit: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Shorten the longer side, from its front or its back by chance, as BERT's code does."""
    over = len(a) + len(b) - limit
    if over <= 0:
        return a, b
    from_a = int(np.clip((over + len(a) - len(b)) // 2, 0, over))
    cut = []
    for side, drop in ((a, from_a), (b, over - from_a)):
        front = int(rng.integers(0, drop + 1))
        cut.append(side[front : len(side) - (drop - front)])
    return cut[0], cut[1]


def document_pairs(
    corpus: TokenizedCorpus, index: int, rng: np.random.Generator, max_length: int
) -> Iterator[Pair]:
    """Pairs made from one document, each at most `max_length` pieces with special tokens.

    A chunk of sentences is split at a random sentence; with probability one half its second
    part is replaced by sentences of a random other document.

    Source: Devlin et al. 2019, section 3.1, task 2, and appendix A.2.
    """
    limit = max_length - 3
    target = limit if rng.random() > 0.1 else int(rng.integers(16, limit))
    for chunk in _chunks(corpus.document(index), target):
        split = int(rng.integers(1, len(chunk)))
        a = np.concatenate(chunk[:split])
        if rng.random() < 0.5:
            other = (index + int(rng.integers(1, len(corpus)))) % len(corpus)
            b = _random_passage(corpus.document(other), target - len(a), rng)
            label = NOT_NEXT
        else:
            b = np.concatenate(chunk[split:])
            label = IS_NEXT
        a, b = _truncate(a, b, limit, rng)
        yield Pair(a, b, label)


def _random_passage(
    document: list[np.ndarray], want: int, rng: np.random.Generator
) -> np.ndarray:
    start = int(rng.integers(0, len(document)))
    taken = [document[start]]
    size = len(taken[0])
    for sentence in document[start + 1 :]:
        if size >= want:
            break
        taken.append(sentence)
        size += len(sentence)
    return np.concatenate(taken)
