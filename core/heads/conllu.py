"""Sentences with dependency arcs from CoNLL-U files (.conllu or .conllu.xz).

Format: https://universaldependencies.org/format.html
"""

import lzma
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.heads.words import Span


@dataclass(frozen=True)
class Word:
    """A syntactic word: its form, where it stands in the sentence's text, and its arc.

    head : index of the word it depends on, None for the root; relation : with its subtype
    """

    form: str
    span: Span
    head: int | None
    relation: str


@dataclass(frozen=True)
class Sentence:
    """The text as it was written, and its words."""

    text: str
    words: tuple[Word, ...]


def sentences(path: Path) -> Iterator[Sentence]:
    """The sentences of a file, in order."""
    with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else open(
        path, encoding="utf-8"
    ) as lines:
        yield from parse(lines)


def parse(lines: Iterable[str]) -> Iterator[Sentence]:
    """Sentences from lines; a blank line ends one."""
    rows: list[list[str]] = []
    for line in lines:
        line = line.rstrip("\n")
        if line and not line.startswith("#"):
            rows.append(line.split("\t"))
        elif not line and rows:
            yield _sentence(rows)
            rows = []
    if rows:
        yield _sentence(rows)


def _sentence(rows: list[list[str]]) -> Sentence:
    """The text is put together again from the forms; empty nodes (8.1) have none.

    A multi-word token (1-2 don't) is written once: its words (do, n't) divide its letters
    where they spell it, else each has the whole of it.
    """
    text = ""
    spans: dict[str, Span] = {}
    covered: set[str] = set()
    by_id = {row[0]: row for row in rows}
    for row in rows:
        identity, form, misc = row[0], row[1], row[-1]
        if "." in identity or identity in covered:
            continue
        start, text = len(text), text + form
        if "-" in identity:
            first, last = map(int, identity.split("-"))
            inside = [str(i) for i in range(first, last + 1)]
            covered |= set(inside)
            spans |= _divided(inside, [by_id[i][1] for i in inside], form, start)
        else:
            spans[identity] = (start, len(text))
        if "SpaceAfter=No" not in misc:
            text += " "
    place = {identity: index for index, identity in enumerate(spans)}
    words = tuple(
        Word(by_id[i][1], span, place.get(by_id[i][6]), by_id[i][7]) for i, span in spans.items()
    )
    return Sentence(text.rstrip(), words)


def _divided(names: list[str], forms: list[str], whole: str, start: int) -> dict[str, Span]:
    if "".join(forms) != whole:
        return dict.fromkeys(names, (start, start + len(whole)))
    spans = {}
    for name, form in zip(names, forms, strict=True):
        spans[name] = (start, start + len(form))
        start += len(form)
    return spans
