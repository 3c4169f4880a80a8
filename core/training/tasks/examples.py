"""Items as word pieces with targets, and batches of like length in a fixed order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core.contract import Encoded
from core.tasks.registry import Task
from core.tasks.windows import windows
from core.tasks.words import first_pieces
from core.training.tasks.items import Item
from core.wordpiece.encoder import encode

IGNORED = -100
POOL = 50  # batches whose examples are sorted by length together


@dataclass(frozen=True)
class Example:
    """One sequence: ids, segments : int[n].

    target : a class, float [K] of how likely each is, [n] tags, or [start, end]
    """

    ids: np.ndarray
    segments: np.ndarray
    target: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Batch:
    """ids, segments : int64[B, n]; present : bool[B, n].

    target : int64[B], [B, n] or [B, 2], or float32[B, K]
    """

    ids: np.ndarray
    segments: np.ndarray
    present: np.ndarray
    target: np.ndarray


def examples(items: Sequence[Item], task: Task, folder: Path, length: int) -> list[Example]:
    """Every item as one example, or for a span as the window that holds the answer."""
    found = []
    for item in tqdm(items, desc=f"word pieces of {task.name}", unit=" items", mininterval=5):
        found += list(of_item(item, task, folder, length))
    return found


def of_item(item: Item, task: Task, folder: Path, length: int) -> Iterator[Example]:
    """The item as one example; none for a question whose answer no window holds."""
    if task.shape == "span":
        yield from _span_examples(item, folder, length)
        return
    encoded = encode(folder, item.text, item.text_b, length)
    if task.shape != "tags":
        label = IGNORED if item.label is None else item.label
        yield _example(encoded, np.array(item.likely or label))
        return
    target = np.full(len(encoded), IGNORED)
    for piece, tag in zip(first_pieces(encoded, item.words), item.tags, strict=True):
        if piece is not None and target[piece] == IGNORED:
            target[piece] = tag
    yield _example(encoded, target)


def _span_examples(item: Item, folder: Path, length: int) -> Iterator[Example]:
    assert item.text_b is not None
    for window in windows(folder, item.text, item.text_b, length):
        if not item.answers:
            yield _example(window.encoded, np.zeros(2))
            return
        start, end = (x - window.offset for x in item.answers[0])
        first, last = pieces_of(window.encoded, start, end)
        if first is not None and last is not None:
            yield _example(window.encoded, np.array([first, last]))
            return


def pieces_of(encoded: Encoded, start: int, end: int) -> tuple[int | None, int | None]:
    """The first and last piece of segment B that share characters with [start, end).

    None and None when the window does not hold the whole span.
    """
    inside = [
        place
        for place, ((left, right), word, segment) in enumerate(
            zip(encoded.spans, encoded.word_index, encoded.segments, strict=True)
        )
        if segment == 1 and word is not None and left < end and right > start
    ]
    if start < 0 or end > encoded.kept_b or not inside:
        return None, None
    return inside[0], inside[-1]


def _example(encoded: Encoded, target: np.ndarray) -> Example:
    return Example(
        np.array(encoded.ids, np.uint32), np.array(encoded.segments, np.uint8),
        target.astype(np.float32 if target.dtype.kind == "f" else np.int16),
    )


def collate(group: Sequence[Example], pad: int = 0) -> Batch:
    """Pad to the longest of the group; tags of padding are ignored."""
    n = max(map(len, group))
    ids = np.full((len(group), n), pad, np.int64)
    segments, present = np.zeros_like(ids), np.zeros(ids.shape, bool)
    tags = np.full(ids.shape, IGNORED, np.int64)
    for row, example in enumerate(group):
        ids[row, : len(example)] = example.ids
        segments[row, : len(example)] = example.segments
        present[row, : len(example)] = True
        if _a_piece(example):
            tags[row, : len(example)] = example.target
    if _a_piece(group[0]):
        return Batch(ids, segments, present, tags)
    target = np.stack([e.target for e in group])
    return Batch(ids, segments, present,
                 target if target.dtype.kind == "f" else target.astype(np.int64))


def _a_piece(example: Example) -> bool:
    """Whether the target is a tag for each piece."""
    return example.target.dtype.kind != "f" and example.target.shape == example.ids.shape


def order(lengths: Sequence[int], epoch: int, *, size: int, seed: int) -> list[np.ndarray]:
    """Which examples share a batch in this epoch: a new order each, the same for a seed.

    Within a pool of batches the examples are sorted by length, so that little is padded.
    """
    rng = np.random.default_rng((seed, epoch))
    shuffled, long = rng.permutation(len(lengths)), np.asarray(lengths)
    groups: list[np.ndarray] = []
    for start in range(0, len(shuffled), size * POOL):
        pool = shuffled[start : start + size * POOL]
        pool = pool[np.argsort(long[pool], kind="stable")]
        groups += [pool[i : i + size] for i in range(0, len(pool), size)]
    return [groups[i] for i in rng.permutation(len(groups))]
