"""Where a word stands in a text, for models that read pieces and for models that read words."""

import re

from core.contract import Encoded
from core.vectors import senses
from core.vectors.words import is_word, split

_ENDINGS = r"(?:s|ll|re|ve|d|m)\b"  # 's and its like stand alone, as `split` has it
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def is_chinese(text: str) -> bool:
    """True when there is a Chinese character in it."""
    return bool(_CHINESE.search(text))


def span_of(text: str, word: str) -> tuple[int, int] | None:
    """(start, end) of the word's first occurrence, its case aside.

    A whole word is meant, but in Chinese, which writes no spaces, any place will do.
    """
    wanted = word.strip()
    if not wanted:
        return None
    pattern = re.escape(wanted)
    if not is_chinese(wanted):
        pattern = (
            rf"(?<!\w)(?<!\w[-'’]){pattern}(?!\w)(?!-\w)(?!['’](?!{_ENDINGS})\w)"
        )
    found = re.search(pattern, text, re.IGNORECASE)
    return found.span() if found else None


def pieces_at(encoded: Encoded, span: tuple[int, int]) -> tuple[int, ...]:
    """The word pieces of the first segment that cover a span of its text."""
    start, end = span
    return tuple(
        i for i, (begin, stop) in enumerate(encoded.spans)
        if encoded.word_index[i] is not None and encoded.segments[i] == 0
        and begin < end and stop > start
    )


def tokens_at(text: str, word: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The text as `split` reads it, and which of its tokens are the word's first occurrence.

    No places when the word is not made of whole tokens, as in a text without spaces.
    """
    tokens, wanted = split(text), split(word)
    span = span_of(text, word)
    if span is None or not wanted:
        return tokens, ()
    likely = len(split(text[: span[0]]))
    for start in (likely, *range(len(tokens))):
        if tokens[start : start + len(wanted)] == wanted:
            return tokens, tuple(range(start, start + len(wanted)))
    return tokens, ()


def shared_words(text: str, text_b: str) -> tuple[str, ...]:
    """Words that stand in both texts: those with sense sentences first, then by length."""
    there = set(split(text_b))
    both = dict.fromkeys(w for w in split(text) if w in there and is_word(w))
    chinese = [
        w.word for w in senses.senses("zh") if w.word in text and w.word in text_b
    ]
    known = [w for w in both if senses.find(w)]
    rest = sorted((w for w in both if w not in known), key=len, reverse=True)
    return tuple(dict.fromkeys([*chinese, *known, *rest]))
