"""A learner's labelled lines: read, checked, and parted into those to learn from and the rest.

    spam<TAB>Buy these pills now          a label and a text; a comma does instead of the tab
    DET NOUN VERB<TAB>The cat sleeps      a tag for each word; Chinese without spaces: for each
                                          character
    [Ada|PER] was born in [London|LOC].   names marked in place become BIO tags, the rest O
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.live.errors import (
    BadMark,
    LineTooLong,
    NoLines,
    OneClass,
    RareClass,
    TagsAndWords,
    TooFewLines,
    TooManyClasses,
    TooManyLines,
    Unlabelled,
)
from core.tasks.words import words
from core.training.tasks.items import Item

Kind = Literal["sentence", "tags"]
Unit = Literal["words", "characters"]
Span = tuple[int, int]

MAX_LINES, MAX_LINE, MAX_CLASSES = 1000, 600, 20
LEAST_LINES, LEAST_OF_CLASS = 4, 2
MAX_LABEL = 40
OUTSIDE = "O"
_COMMA = re.compile("[,，]")
_MARK = re.compile(r"\[([^\[\]|]+)\|([^\[\]|\s]{1,20})\]")
_BRACKET = re.compile(r"[\[\]]")
_CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_VISIBLE = re.compile(r"\S")


@dataclass(frozen=True)
class Lines:
    """Labelled lines. labels : the classes by number, in order of appearance

    items : texts with their class or their tagged words
    unit : what a tag belongs to, for the sentence that is typed later
    repeated : lines left out because the same stood there before
    """

    kind: Kind
    labels: tuple[str, ...]
    items: tuple[Item, ...]
    unit: Unit = "words"
    repeated: int = 0

    @property
    def counts(self) -> tuple[int, ...]:
        """Lines, or tagged words, of each label."""
        found: Counter[int] = Counter()
        for item in self.items:
            found.update(item.tags if self.kind == "tags" else [item.label or 0])
        return tuple(found[i] for i in range(len(self.labels)))


@dataclass(frozen=True)
class _Row:
    """A line before its labels have numbers. number : where it stands, from 1"""

    number: int
    text: str
    labels: tuple[str, ...]
    spans: tuple[Span, ...] = ()


def is_chinese(text: str) -> bool:
    """True when the text has a Chinese character."""
    return bool(_CHINESE.search(text))


def units(text: str, unit: Unit) -> tuple[Span, ...]:
    """Spans of what gets a tag each: the words, or every visible character."""
    if unit == "characters":
        return tuple(match.span() for match in _VISIBLE.finditer(text))
    return words(text)


def parse(text: str, kind: Kind) -> Lines:
    """The lines of a text, blank ones and repetitions left out.

    Raises `NoLines`, `TooManyLines`, `LineTooLong`, `Unlabelled`, `BadMark`, `TagsAndWords`,
    `TooManyClasses`, `OneClass`, `RareClass`, `TooFewLines`.
    """
    raw = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not raw:
        raise NoLines
    if len(raw) > MAX_LINES:
        raise TooManyLines(len(raw), MAX_LINES)
    for number, line in raw:
        if len(line) > MAX_LINE:
            raise LineTooLong(number, len(line), MAX_LINE)
    read = _sentences(raw) if kind == "sentence" else _tagged(raw)
    unique = list({(row.text, row.labels): row for row in reversed(read)}.values())[::-1]
    return _numbered(kind, unique, repeated=len(read) - len(unique))


def _sentences(raw: Sequence[tuple[int, str]]) -> list[_Row]:
    tabs = any("\t" in line for _, line in raw)
    found = []
    for number, line in raw:
        parts = line.split("\t", 1) if tabs else _COMMA.split(line, maxsplit=1)
        label, text = (*(part.strip() for part in parts), "")[:2]
        if not label or not text or len(label) > MAX_LABEL:
            raise Unlabelled(number)
        found.append(_Row(number, text, (label,)))
    return found


def _tagged(raw: Sequence[tuple[int, str]]) -> list[_Row]:
    if any("\t" in line for _, line in raw):
        return [_tags_before_words(number, line) for number, line in raw]
    if not any(_BRACKET.search(line) for _, line in raw):
        raise Unlabelled(raw[0][0])
    characters = any(is_chinese(line) for _, line in raw)
    return [_marked(number, line, "characters" if characters else "words") for number, line in raw]


def _tags_before_words(number: int, line: str) -> _Row:
    tags, _, text = (part.strip() for part in line.partition("\t"))
    if not tags or not text:
        raise Unlabelled(number)
    labels = tuple(tags.split())
    whole = len(text.split()) == 1 and is_chinese(text)
    spans = tuple(m.span() for m in (_VISIBLE if whole else re.compile(r"\S+")).finditer(text))
    if len(labels) != len(spans):
        raise TagsAndWords(number, len(labels), len(spans))
    return _Row(number, text, labels, spans)


def _marked(number: int, line: str, unit: Unit) -> _Row:
    """[Ada|PER] becomes Ada with B-PER; the words of a name after the first have I-."""
    text, names, at = "", [], 0
    for mark in _MARK.finditer(line):
        text += line[at : mark.start()]
        names.append((len(text), len(text) + len(mark[1]), mark[2]))
        text += mark[1]
        at = mark.end()
    text += line[at:]
    if _BRACKET.search(text):
        raise BadMark(number)
    spans = units(text, unit)
    labels = [OUTSIDE] * len(spans)
    for begin, end, kind in names:
        edge = "B"
        for place, (start, stop) in enumerate(spans):
            if start < end and stop > begin:
                labels[place] = f"{edge}-{kind}"
                edge = "I"
    return _Row(number, text, tuple(labels), spans)


def _numbered(kind: Kind, rows: Sequence[_Row], repeated: int) -> Lines:
    seen = Counter(label for row in rows for label in row.labels)
    labels = tuple(seen)
    if len(labels) > MAX_CLASSES:
        raise TooManyClasses(len(labels), MAX_CLASSES)
    if len(labels) == 1:
        raise OneClass(labels[0])
    if kind == "sentence":
        rare = min(seen, key=lambda label: seen[label])
        if seen[rare] < LEAST_OF_CLASS:
            raise RareClass(rare, seen[rare], LEAST_OF_CLASS)
    if len(rows) < LEAST_LINES:
        raise TooFewLines(len(rows), LEAST_LINES)
    number = {label: i for i, label in enumerate(labels)}
    if kind == "sentence":
        items = tuple(Item(row.text, label=number[row.labels[0]]) for row in rows)
        return Lines(kind, labels, items, repeated=repeated)
    items = tuple(
        Item(row.text, words=row.spans, tags=tuple(number[label] for label in row.labels))
        for row in rows
    )
    return Lines(kind, labels, items, _unit_of(rows), repeated)


def _unit_of(rows: Sequence[_Row]) -> Unit:
    """Characters where Chinese lines were tagged one by one."""
    single = sum(end - start == 1 for row in rows for start, end in row.spans)
    every = sum(len(row.spans) for row in rows)
    chinese = any(is_chinese(row.text) for row in rows)
    return "characters" if chinese and single > every / 2 else "words"


def parted(lines: Lines, share: float, seed: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """(numbers of the lines to learn from, of those held out), the same for a seed.

    Of each class the share is held out, at least one line and never all of them.
    """
    rng = np.random.default_rng(seed)
    groups: dict[int | None, list[int]] = {}
    for place, item in enumerate(lines.items):
        groups.setdefault(item.label, []).append(place)  # tagged lines: one group
    held: list[int] = []
    for own in groups.values():
        count = min(max(1, round(share * len(own))), len(own) - 1)
        held += rng.permutation(own)[:count].tolist()
    kept = set(held)
    return tuple(i for i in range(len(lines.items)) if i not in kept), tuple(sorted(held))
