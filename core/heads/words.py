"""From attention between word pieces to attention between words, and who is whose piece.

Source: Clark et al. 2019, section 4.1.
"""

from collections.abc import Sequence

import numpy as np

from core.contract import Encoded

Span = tuple[int, int]


def merge(weights: np.ndarray, groups: Sequence[Sequence[int]]) -> np.ndarray:
    """float[..., n, n] between pieces -> float[..., m, m] between words.

    groups : the pieces of each word, at least one. What a word gets is the sum over its
    pieces; how a word looks is the mean over its pieces. Pieces in no group are left out.
    """
    member = np.zeros((len(groups), weights.shape[-1]), weights.dtype)  # (m, n)
    for word, pieces in enumerate(groups):
        member[word, list(pieces)] = 1
    received = weights @ member.T  # (..., n, m)
    return (member / member.sum(axis=1, keepdims=True)) @ received  # (..., m, m)


def words_of(encoded: Encoded) -> tuple[tuple[int, ...], ...]:
    """The pieces of each word as BERT splits words, specials left out."""
    groups: dict[tuple[int, int], list[int]] = {}
    for piece, (word, segment) in enumerate(
        zip(encoded.word_index, encoded.segments, strict=True)
    ):
        if word is not None:
            groups.setdefault((segment, word), []).append(piece)
    return tuple(tuple(pieces) for pieces in groups.values())


def pieces_of_spans(encoded: Encoded, spans: Sequence[Span]) -> tuple[tuple[int, ...], ...]:
    """The pieces of each stretch of characters; a piece belongs to where its first letter is.

    So "don" of don't is all of "do", and a word inside one piece (the "not" of "cannot") has
    none.
    """
    owner = {at: word for word, (start, end) in enumerate(spans) for at in range(start, end)}
    groups: list[list[int]] = [[] for _ in spans]
    for piece, (word_index, (start, _)) in enumerate(
        zip(encoded.word_index, encoded.spans, strict=True)
    ):
        if word_index is not None and start in owner:
            groups[owner[start]].append(piece)
    return tuple(tuple(pieces) for pieces in groups)
