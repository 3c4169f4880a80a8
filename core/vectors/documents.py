"""A small collection of documents, one a line, read as words.

Chinese is written without spaces. Without a dictionary there are three honest ways to cut it:
at the spaces the learner typed, into characters, or into overlapping pairs of characters.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from core.errors import BadInput
from core.limits import check_text
from core.vectors.words import is_word, split

CUTS = ("auto", "bigrams", "characters", "spaces")
MOST_DOCUMENTS = 200
MOST_WORDS = 400  # different ones, so that a V x V picture of them is still small
_WORD_FILE = Path(__file__).with_name("function_words.txt")
_HAN_RANGES = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN = re.compile(f"[{_HAN_RANGES}]")
_RUNS = re.compile(f"[{_HAN_RANGES}]+|[^{_HAN_RANGES}]+")
_SPACED_HAN = re.compile(f"[{_HAN_RANGES}] +[{_HAN_RANGES}]")
_BORDERS = re.compile("([的了着是在和也很都与及吗呢吧啊])")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")


class NoWords(BadInput):
    """Nothing but punctuation or symbols in all lines."""

    key = "no_words"

    def __init__(self) -> None:
        super().__init__("There is no word in the documents: type some, one document a line.")


class OnlyFunctionWords(BadInput):
    """Nothing is left once the function words are taken away."""

    key = "only_function_words"

    def __init__(self) -> None:
        super().__init__(
            "Only function words (the, of, is …) are in the documents, and they are left out "
            "here. Keep them, or add other words; one-hot and bag of words count them all."
        )


class OneDocument(BadInput):
    """A method that compares documents was given one."""

    key = "one_document"

    def __init__(self) -> None:
        super().__init__(
            "This method needs at least two documents with words that count, one a line. "
            "One-hot, bag of words, TF-IDF and TextRank answer for one."
        )


@dataclass(frozen=True)
class Collection:
    """Documents and their words.

    texts : the D lines that are not empty; words : every word of each, in reading order
    kept : the same without function words, or the same where they are kept
    cut : how Chinese was cut, "" where there is none; dropped : lines beyond `MOST_DOCUMENTS`
    """

    texts: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    kept: tuple[tuple[str, ...], ...]
    cut: str
    dropped: int


def has_chinese(text: str) -> bool:
    """Whether there is a Chinese character in it."""
    return bool(_HAN.search(text))


def settled_cut(text: str, cut: str) -> str:
    """What "auto" means for a text: its own spaces where each line has some on average."""
    if not has_chinese(text):
        return ""
    if cut != "auto":
        return cut
    lines = sum(bool(line.strip()) for line in text.splitlines())
    return "spaces" if len(_SPACED_HAN.findall(text)) >= lines else "bigrams"


def words_of(text: str, cut: str) -> tuple[str, ...]:
    """The lower-cased words of a text, punctuation left out.

    cut : "bigrams" breaks a Chinese run at 的, 了, 在 and the like, then takes every two
        neighbours; "characters" takes every character; anything else leaves the run whole
    """
    words = [word for word in split(text) if is_word(word) and not word.startswith("'")]
    if cut not in ("bigrams", "characters"):
        return tuple(words)
    return tuple(
        piece for word in words for run in _RUNS.findall(word) for piece in _pieces(run, cut)
    )


def _pieces(run: str, cut: str) -> Sequence[str]:
    if not has_chinese(run):
        return (run,)
    if cut == "characters":
        return tuple(run)
    parts = [part for part in _BORDERS.split(run) if part]
    return [
        pair for part in parts
        for pair in ([part] if len(part) == 1 else map("".join, pairwise(part)))
    ]


@cache
def function_words() -> frozenset[str]:
    """The short words that carry grammar rather than a topic, in English and Chinese."""
    return frozenset(_WORD_FILE.read_text(encoding="utf-8").split())


def read(text: str, cut: str = "auto", leave_out: bool = True) -> Collection:
    """One document a line; empty lines count for nothing.

    Raises `EmptyText`, `TextTooLong`, `NoWords`.
    """
    lines = [line.strip() for line in check_text(text).splitlines() if line.strip()]
    settled = settled_cut(text, cut)
    texts = tuple(lines[:MOST_DOCUMENTS])
    words = tuple(words_of(line, settled) for line in texts)
    if not any(words):
        raise NoWords
    return Collection(
        texts, words, tuple(without(w) for w in words) if leave_out else words, settled,
        len(lines) - len(texts),
    )


def without(words: Sequence[str]) -> tuple[str, ...]:
    """The words that are not function words."""
    return tuple(word for word in words if word not in function_words())


def sentences_of(text: str) -> tuple[str, ...]:
    """A document's sentences, split after . ! ? and their Chinese forms."""
    return tuple(part.strip() for part in _SENTENCE_END.split(text) if part.strip())
