"""What was measured of the embedded model's heads beforehand: assets/heads, read and checked.

Written by `python -m core.training.head_roles` and `python -m core.training.head_hunt`. Figures
of other weights than the shipped ones are not used.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from core.heads.arcs import DIRECTIONS, OFFSETS, wilson
from core.heads.roles import ROLES
from core.models.files import checksum
from core.models.registry import ASSETS, EMBEDDED

FOLDER = ASSETS / "heads"
USEFUL = 1 / 3  # a head that finds fewer of a relation's arcs is not said to know it


@dataclass(frozen=True)
class CorpusRoles:
    """The measures of all heads over held-out articles.

    measures : float32[R, L, A] in the order of `ROLES`; rows : int64[R], looking pieces each
    is the mean of; windows, pieces : how much text; command, date : how and when it was made
    """

    measures: np.ndarray
    rows: np.ndarray
    windows: int
    pieces: int
    limit: int
    command: str
    date: str


@dataclass(frozen=True)
class Share:
    """right of n, with the 95 % interval of the share."""

    right: int
    n: int

    @property
    def value(self) -> float:
        return self.right / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.right, self.n)


@dataclass(frozen=True)
class Hunt:
    """Heads against dependency arcs. Chosen on the dev set, reported on the test set.

    relations : R names as in the treebank; dev_heads, test_heads : int64[R, 2, L, A] right
    guesses by direction; dev_offsets, test_offsets : int64[R, O] for `OFFSETS`;
    dev_arcs, test_arcs : int64[R]
    """

    relations: tuple[str, ...]
    dev_heads: np.ndarray
    dev_offsets: np.ndarray
    dev_arcs: np.ndarray
    test_heads: np.ndarray
    test_offsets: np.ndarray
    test_arcs: np.ndarray
    sentences: dict[str, int]
    scored: dict[str, int]
    annotated: dict[str, int]
    least: int
    command: str
    date: str

    def test(self, relation: int, direction: int, layer: int, head: int) -> Share:
        """A head's score on the test set."""
        right = self.test_heads[relation, direction, layer, head]
        return Share(int(right), int(self.test_arcs[relation]))

    def best_head(self, relation: int, direction: int) -> tuple[int, int]:
        """(layer, head) that is right most often on the dev set."""
        right = self.dev_heads[relation, direction]
        layer, head = np.unravel_index(int(right.argmax()), right.shape)
        return int(layer), int(head)

    def best_offset(self, relation: int) -> tuple[int, Share]:
        """The fixed distance that is right most often on dev, and its score on test."""
        at = int(self.dev_offsets[relation].argmax())
        share = Share(int(self.test_offsets[relation, at]), int(self.test_arcs[relation]))
        return OFFSETS[at], share

    def specialities(self) -> tuple[np.ndarray, np.ndarray]:
        """int[2, L, A], for each head the relation and the direction that it does best in, and
        bool[L, A], whether it has any.

        Of those in which it finds at least every third arc, the one with the largest lead in
        accuracy over the best fixed offset; all on the dev set.
        """
        arcs = self.dev_arcs[:, None, None, None]
        found = self.dev_heads / arcs  # (R, 2, L, A)
        lead = found - self.dev_offsets.max(axis=1)[:, None, None, None] / arcs
        able = (found >= USEFUL).reshape(-1, *found.shape[2:])  # (2 R, L, A)
        flat = np.where(able, lead.reshape(able.shape), -np.inf).argmax(axis=0)  # (L, A)
        return np.stack(np.divmod(flat, len(DIRECTIONS))), able.any(axis=0)


def roles(folder: Path = FOLDER) -> CorpusRoles | None:
    """The roles over the corpus, None where they were not made for these weights."""
    record = _record(folder / "roles.json")
    if record is None:
        return None
    return CorpusRoles(
        np.array([record["measures"][role] for role in ROLES], np.float32),
        np.array([record["rows"][role] for role in ROLES]),
        record["windows"], record["pieces"], record["limit"], record["command"], record["date"],
    )


def hunt(folder: Path = FOLDER) -> Hunt | None:
    """The scores against dependency arcs, None where they were not made for these weights."""
    record = _record(folder / "hunt.json")
    return None if record is None else _hunt(folder / "hunt.npz", folder / "hunt.json")


@cache
def _hunt(arrays: Path, facts: Path) -> Hunt:
    record = json.loads(facts.read_text(encoding="utf-8"))
    with np.load(arrays, allow_pickle=False) as file:
        named = {f"{s}_{part}": file[f"{s}_{part}"] for s in ("dev", "test")
                 for part in ("heads", "offsets", "arcs")}
    return Hunt(
        tuple(record["relations"]), **named, sentences=record["sentences"],
        scored=record["scored"], annotated=record["annotated"], least=record["least"],
        command=record["command"], date=record["date"],
    )


@cache
def _record(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record if record["model"] == checksum(EMBEDDED) else None
