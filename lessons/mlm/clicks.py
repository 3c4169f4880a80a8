"""Masking and unmasking words of a text by clicking on their pieces."""

from core.contract import Encoded
from core.engine.answers import MASK


def masked_at(text: str, encoded: Encoded, piece: int) -> str:
    """The text with the word of that piece, all its pieces, replaced by [MASK]."""
    word = encoded.word_index[piece]
    if word is None or encoded.tokens[piece] == MASK:
        return text
    spans = [s for s, w in zip(encoded.spans, encoded.word_index, strict=True) if w == word]
    return text[: spans[0][0]] + MASK + text[spans[-1][1] :]


def hidden_words(text: str, original: str) -> tuple[str, ...] | None:
    """What stands in the original in place of each [MASK]; None if the rest is not the same."""
    first, *parts = text.split(MASK)
    if not parts or not original.startswith(first):
        return None
    at = len(first)
    found = []
    for number, part in enumerate(parts, 1):
        is_last = number == len(parts)
        until = len(original) - len(part) if is_last else original.find(part, at + 1)
        if until <= at or not original.startswith(part, until):
            return None
        found.append(original[at:until])
        at = until + len(part)
    one_word_each = all(word.split() == [word] and MASK not in word for word in found)
    return tuple(found) if one_word_each else None


def unmasked_at(text: str, encoded: Encoded, piece: int, original: str) -> str:
    """The text with one [MASK] turned back into its word; unchanged where that is not known."""
    words = hidden_words(text, original)
    if words is None:
        return text
    start = encoded.spans[piece][0]
    return text[:start] + words[text[:start].count(MASK)] + text[start + len(MASK) :]
