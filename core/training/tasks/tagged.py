"""Readers of sentences with a tag a word: CoNLL-U, Universal NER, WNUT 17."""

import lzma
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.tasks.registry import find
from core.training.tasks.items import Item, Material

WNUT_TYPES = {"person": "PER", "location": "LOC", "corporation": "ORG", "group": "ORG"}


@dataclass(frozen=True)
class Sentence:
    """A tagged sentence: its words, the tag of each, the text they stand in, where it is from."""

    words: tuple[str, ...]
    tags: tuple[str, ...]
    text: str
    source: str = ""


def conllu_sentences(path: Path) -> Iterator[Sentence]:
    """Words and UPOS of a CoNLL-U file (.conllu or .conllu.xz); ranges and empty nodes left out."""
    for block in _blocks(path):
        facts = dict(line[2:].split(" = ", 1) for line in block if " = " in line[:20])
        rows = [line.split("\t") for line in block if not line.startswith("#")]
        rows = [row for row in rows if row[0].isdigit()]
        words, tags = tuple(row[1] for row in rows), tuple(row[3] for row in rows)
        yield Sentence(words, tags, facts.get("text", " ".join(words)), facts.get("sent_id", ""))


def iob2_sentences(path: Path) -> Iterator[Sentence]:
    """Words and entity tags of a Universal NER file."""
    for block in _blocks(path):
        facts = dict(line[2:].split(" = ", 1) for line in block if " = " in line[:20])
        rows = [line.split("\t") for line in block if not line.startswith("#")]
        words, tags = tuple(row[1] for row in rows), tuple(row[2] for row in rows)
        yield Sentence(words, tags, facts.get("text", " ".join(words)))


def conll_sentences(path: Path, types: dict[str, str]) -> Iterator[Sentence]:
    """Words and entity tags, two columns; types that are not in `types` become O."""
    for block in _blocks(path):
        rows = [line.split("\t") for line in block if "\t" in line]
        words = tuple(row[0] for row in rows)
        yield Sentence(words, tuple(_renamed(row[1], types) for row in rows), " ".join(words))


def _renamed(tag: str, types: dict[str, str]) -> str:
    edge, _, kind = tag.strip().partition("-")
    return f"{edge}-{types[kind]}" if kind in types else "O"


def _blocks(path: Path) -> Iterator[list[str]]:
    raw = lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else open(
        path, encoding="utf-8"
    )
    with raw as lines:
        block: list[str] = []
        for line in lines:
            if line.strip():
                block.append(line.rstrip("\n"))
            elif block:
                yield block
                block = []
        if block:
            yield block


def places(words: Iterable[str], text: str) -> tuple[tuple[int, int], ...] | None:
    """Where the words stand in the text, in order; None when one is not found."""
    found, cursor = [], 0
    for word in words:
        start = text.find(word, cursor)
        if start < 0:
            return None
        cursor = start + len(word)
        found.append((start, cursor))
    return tuple(found)


def _items(sentences: Iterable[Sentence], labels: tuple[str, ...]) -> list[Item]:
    items = []
    for sentence in sentences:
        text, spans = sentence.text, places(sentence.words, sentence.text)
        if spans is None:  # a word that the text writes otherwise: "don't" for "do n't"
            text = " ".join(sentence.words)
            spans = places(sentence.words, text)
        assert spans is not None
        tags = tuple(labels.index(tag) if tag in labels else 0 for tag in sentence.tags)
        items.append(Item(text, words=spans, tags=tags))
    return items


def pos(data: Path) -> Material:
    """UPOS of UD English EWT, its own split."""
    labels, folder = find("pos").labels, data / "ud_ewt"
    part = {
        name: _items(conllu_sentences(folder / f"{name}.conllu.xz"), labels)
        for name in ("train", "dev", "test")
    }
    return Material(part["train"], {"test": part["test"], "dev": part["dev"]})


def ner(data: Path) -> Material:
    """Universal NER on EWT: its dev part and the tweets of WNUT 17 for training, test held out."""
    labels = find("ner").labels
    dev = _items(iob2_sentences(data / "uner_ewt" / "dev.iob2"), labels)
    test = _items(iob2_sentences(data / "uner_ewt" / "test.iob2"), labels)
    posts = _items(conll_sentences(data / "wnut17" / "train.conll", WNUT_TYPES), labels)
    return Material(dev + posts, {"test": test})
