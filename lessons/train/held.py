"""What the trained model says of the lines it never learned from."""

from dataclasses import dataclass

import numpy as np

from core.live.lines import Lines
from core.live.tuning import Outcome
from core.tasks.tags import stretches
from core.trace.recompute import softmax


@dataclass(frozen=True)
class Judged:
    """One held-out line, or one held-out word of it (word -1: the whole line).

    label, said : numbers of the classes; p : the model's probability for what it said
    """

    line: int
    word: int
    label: int
    said: int
    p: float

    @property
    def right(self) -> bool:
        return self.label == self.said


@dataclass(frozen=True)
class Names:
    """Whole names, as the CoNLL task counts them: found of those there, right of those found."""

    true: int
    found: int
    right: int

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, self.true + self.found)


@dataclass(frozen=True)
class HeldOut:
    """confusion : int64[K, K], row the label, column what the model said

    names : for BIO tags; majority : share of the most frequent label of the lines learned from,
    what one is right in who always says that
    """

    judged: tuple[Judged, ...]
    confusion: np.ndarray
    names: Names | None
    majority: float

    @property
    def accuracy(self) -> float:
        return float(np.trace(self.confusion) / max(1, self.confusion.sum()))

    @property
    def mistakes(self) -> tuple[Judged, ...]:
        """Wrong ones, the surest first."""
        return tuple(sorted((j for j in self.judged if not j.right), key=lambda j: -j.p))


def held_out(lines: Lines, found: Outcome) -> HeldOut:
    """Every held-out judgement, from the scores of the stored model."""
    shares = softmax(found.scores.astype(np.float64))  # (M, K)
    judged = []
    for row, line, word in zip(shares, found.held_line, found.held_word, strict=True):
        item = lines.items[line]
        label = item.label if word < 0 else item.tags[word]
        assert label is not None
        best = int(row.argmax())
        judged.append(Judged(int(line), int(word), label, best, float(row[best])))
    confusion = np.zeros((len(lines.labels), len(lines.labels)), np.int64)
    for one in judged:
        confusion[one.label, one.said] += 1
    bio = any(label.startswith(("B-", "I-")) for label in lines.labels)
    return HeldOut(
        tuple(judged), confusion, _names(lines, judged) if bio else None,
        _majority(lines, found, confusion),
    )


def _majority(lines: Lines, found: Outcome, confusion: np.ndarray) -> float:
    taught = np.zeros(len(lines.labels), np.int64)
    held = set(found.held_line.tolist())
    for number, item in enumerate(lines.items):
        if number not in held:
            for label in item.tags if lines.kind == "tags" else (item.label,):
                taught[label] += 1
    return float(confusion[int(taught.argmax())].sum() / max(1, confusion.sum()))


def _names(lines: Lines, judged: list[Judged]) -> Names:
    true = found = right = 0
    by_line: dict[int, list[Judged]] = {}
    for one in judged:
        by_line.setdefault(one.line, []).append(one)
    for own in by_line.values():
        there = set(stretches([lines.labels[j.label] for j in own]))
        said = set(stretches([lines.labels[j.said] for j in own]))
        true, found, right = true + len(there), found + len(said), right + len(there & said)
    return Names(true, found, right)
