"""One blank in a text: where it is, what stands on either side, and moving it by a click."""

from dataclasses import dataclass

from core.contract import Encoded
from core.engine.answers import MASK
from core.errors import BadInput, NoMask


class OneBlank(BadInput):
    """More than one [MASK], where three models are to answer the same one."""

    key = "one_blank"

    def __init__(self, count: int) -> None:
        super().__init__(f"Exactly one [MASK] is needed here; the text has {count}.", count=count)


@dataclass(frozen=True)
class Blank:
    """The text left and right of its only [MASK]."""

    left: str
    right: str

    def filled(self, word: str) -> str:
        """The text with a word in the blank."""
        return f"{self.left}{word}{self.right}"


def blank_of(text: str) -> Blank:
    """The only blank of a text. Raises `NoMask`, `OneBlank`."""
    parts = text.split(MASK)
    if len(parts) == 1:
        raise NoMask
    if len(parts) > 2:
        raise OneBlank(len(parts) - 1)
    return Blank(*parts)


def moved_to(text: str, word: str, encoded: Encoded, piece: int) -> tuple[str, str]:
    """The text and its hidden word after a click on a piece.

    word : what the blank hides, "" where nobody knows. A click on a word hides it and brings
    the one hidden before back; a click on the blank only brings its word back. Where that is not
    known nothing changes.
    """
    if encoded.word_index[piece] is None and encoded.tokens[piece] != MASK:
        return text, word
    start, end = _word_span(encoded, piece)
    if MASK not in text:
        return text[:start] + MASK + text[end:], text[start:end]
    if text.count(MASK) > 1 or not word:
        return text, word
    blank = blank_of(text)
    whole = blank.filled(word)
    if encoded.tokens[piece] == MASK:
        return whole, ""
    if start > len(blank.left):
        start, end = (at + len(word) - len(MASK) for at in (start, end))
    return whole[:start] + MASK + whole[end:], whole[start:end]


def _word_span(encoded: Encoded, piece: int) -> tuple[int, int]:
    """Where the word of a piece starts and ends in the text."""
    word = encoded.word_index[piece]
    spans = [s for s, w in zip(encoded.spans, encoded.word_index, strict=True) if w == word]
    return spans[0][0], spans[-1][1]
