"""What a task is trained and measured on, before it becomes word pieces."""

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Item:
    """One labelled text or pair.

    label : index of its class, for sentence and pair tasks
    likely : or how likely each class is, as a teacher says
    words, tags : character spans of the words and the index of each one's tag
    answers : character spans in text_b that answer the question `text`; empty for no answer
    """

    text: str
    text_b: str | None = None
    label: int | None = None
    likely: tuple[float, ...] = ()
    words: tuple[tuple[int, int], ...] = ()
    tags: tuple[int, ...] = ()
    answers: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Material:
    """The items to train on, and the held-out sets by name; the first is the one to report.

    unlabelled : texts for a teacher to judge, of which the data says nothing
    aside : neither trained on nor reported; a head of two classes is calibrated on them
    """

    train: list[Item]
    held_out: dict[str, list[Item]] = field(default_factory=dict)
    aside: list[Item] = field(default_factory=list)
    unlabelled: list[Item] = field(default_factory=list)


def held_out_by_hash(key: str, every: int) -> bool:
    """True for 1 in `every`: first four bytes of the SHA-256 of `key`, divisible by `every`."""
    digest = hashlib.sha256(key.encode("utf-8")).digest()
    return int.from_bytes(digest[:4], "big") % every == 0
