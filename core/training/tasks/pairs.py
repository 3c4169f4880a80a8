"""Readers of sentence pairs: SICK for training, RTE as a second opinion."""

import lzma
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from core.tasks.registry import find
from core.training.tasks.items import Item, Material, held_out_by_hash

EVERY = 5


def nli(data: Path) -> Material:
    """SICK's pairs, one in five held out by the hash of its number; RTE-3 beside it.

    RTE tells entailment from everything else: its items carry the class "entailment" or, for
    both others, "neutral".
    """
    labels = find("nli").labels
    train: list[Item] = []
    held_out: list[Item] = []
    for number, item in _sick(data / "sick" / "SICK.txt.xz", labels):
        (held_out if held_out_by_hash(number, EVERY) else train).append(item)
    return Material(train, {"sick": held_out, "rte": list(_rte(data / "rte" / "rte3_test.xml"))})


def _sick(path: Path, labels: tuple[str, ...]) -> Iterator[tuple[str, Item]]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            number, first, second, _, judgment = line.rstrip("\n").split("\t")[:5]
            yield number, Item(first, second, labels.index(judgment.strip().lower()))


def _rte(path: Path) -> Iterator[Item]:
    for pair in ElementTree.parse(path).getroot().iter("pair"):
        text, hypothesis = (_flat(pair.findtext(part)) for part in ("t", "h"))
        yield Item(text, hypothesis, 0 if pair.get("entailment") in ("YES", "TRUE") else 1)


def _flat(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").strip()
