"""Where a word stands in a text, as BERT cuts it into words. No torch."""

import re

from core.contract import Encoded
from core.errors import OutOfRange, WordMissing

Span = tuple[int, int]


def word_spans(encoded: Encoded) -> tuple[Span, ...]:
    """Characters of every word of the first segment, in order: punctuation is a word too."""
    found: dict[int, Span] = {}
    for span, word, segment in zip(
        encoded.spans, encoded.word_index, encoded.segments, strict=True
    ):
        if word is not None and segment == 0:
            start, end = found.get(word, span)
            found[word] = (min(start, span[0]), max(end, span[1]))
    return tuple(found.values())


def occurrences(text: str, encoded: Encoded, word: str) -> tuple[Span, ...]:
    """Every place where the word stands whole, its case aside: "New York" and "don't" are found,
    "art" in "party" is not."""
    wanted = word.strip()
    if not wanted:
        return ()
    spans = word_spans(encoded)
    starts, ends = {start for start, _ in spans}, {end for _, end in spans}
    found = (match.span() for match in re.finditer(re.escape(wanted), text, re.IGNORECASE))
    return tuple(span for span in found if span[0] in starts and span[1] in ends)


def place(text: str, encoded: Encoded, word: str, nth: int = 1) -> Span:
    """Characters of the nth occurrence, from 1. Raises `WordMissing`, `OutOfRange`."""
    found = occurrences(text, encoded, word)
    if not found:
        raise WordMissing(word.strip())
    if not 1 <= nth <= len(found):
        raise OutOfRange("nth", nth, 1, len(found))
    return found[nth - 1]


def pieces_at(encoded: Encoded, span: Span) -> tuple[int, ...]:
    """The word pieces of the first segment that cover a span of its text."""
    return tuple(
        i for i, ((start, end), word, segment) in enumerate(
            zip(encoded.spans, encoded.word_index, encoded.segments, strict=True)
        )
        if word is not None and segment == 0 and start < span[1] and end > span[0]
    )
