"""The spaces that ship with the program: trained on Simple English Wikipedia."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from core.engine.protocol import Engine
from core.errors import EmptyText, ModelUnavailable
from core.vectors import static
from core.vectors.static import StaticVectors
from lessons.word2vec.space import Ranked

MAP = "map.npz"
MAP_COMMAND = "python -m core.training.word_map"
LANDMARKS = (9, 7)  # columns and rows of the raster of which each cell names one word


@dataclass(frozen=True)
class Request:
    """Neighbours of `word`; with b and c the words that are to c as b is to word."""

    word: str
    b: str = ""
    c: str = ""
    k: int = 8


@dataclass(frozen=True)
class Answer:
    """One table's answer. label : the method's name; count : how often the word was read."""

    label: str
    ranked: Ranked
    count: int


@dataclass(frozen=True)
class WordMap:
    """n words in the plane and in space.

    plane : float32[n, 2] by t-SNE; space : float32[n, 3] by PCA; facts : how both were made
    """

    words: tuple[str, ...]
    plane: np.ndarray
    space: np.ndarray
    facts: dict[str, Any]

    def find(self, word: str) -> int | None:
        word = word.strip().lower()
        return self.words.index(word) if word in self.words else None

    def around(self, at: int, k: int, *, space: bool) -> tuple[int, ...]:
        """The k words drawn nearest to a word: near on the picture, not in the space itself."""
        places = self.space if space else self.plane
        far = ((places - places[at]) ** 2).sum(axis=1)
        return tuple(int(i) for i in np.argsort(far, kind="stable")[1 : k + 1])

    def landmarks(self) -> tuple[int, ...]:
        """One word for each cell of a raster over the plane: the most frequent there."""
        low, high = self.plane.min(axis=0), self.plane.max(axis=0)
        cells = np.floor((self.plane - low) / (high - low + 1e-9) * LANDMARKS).astype(int)
        first: dict[tuple[int, int], int] = {}
        for i, (x, y) in enumerate(cells):
            first.setdefault((int(x), int(y)), i)
        return tuple(sorted(first.values()))


def run(engine: Engine, request: Request) -> tuple[Answer, ...]:
    """Each shipped table's answer, those that are there.

    Raises `EmptyText`, `WordUnknown`, and `ModelUnavailable` where no table is there.
    """
    asked = [request.word, request.b, request.c] if request.b or request.c else [request.word]
    if not all(word.strip() for word in asked):
        raise EmptyText
    return tuple(_answer(table, request) for table in _tables())


def label_of(name: str) -> str:
    """A table's usual name."""
    return static.LABELS.get(name, name)


def _tables() -> list[StaticVectors]:
    found, missing = [], None
    for name in static.LABELS:
        try:
            found.append(static.load(name))
        except ModelUnavailable as error:
            missing = missing or error
    if missing and not found:
        raise missing
    return found


def _answer(table: StaticVectors, request: Request) -> Answer:
    vector = table.vector(request.word)
    row = table.find(request.word)
    assert row is not None
    if request.b or request.c:
        ranked = table.analogy(request.word, request.b, request.c, request.k)
    else:
        ranked = table.nearest(vector, request.k, (request.word,))
    return Answer(table.label, ranked, int(table.counts[row]))


def word_map() -> WordMap:
    """The stored map. Raises `ModelUnavailable` where it is missing or damaged."""
    return read_map(static.FOLDER / MAP)


@cache
def read_map(path: Path) -> WordMap:
    """A map from its file, read once; see `word_map`."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            words = stored["words"].tobytes().decode().split("\n")
            facts = json.loads(stored["facts"].tobytes())
            return WordMap(tuple(words), stored["plane"].astype(np.float32),
                           stored["space"].astype(np.float32), facts)
    except FileNotFoundError:
        raise ModelUnavailable.missing(MAP, path.name) from None
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise ModelUnavailable(MAP, "its files are damaged.", "files") from error


@dataclass(frozen=True)
class Curve:
    """Loss during one table's training. x : what was read by then; unit : "words" or "epochs"

    train, held_out : the loss at each x; held_out is empty where it was not measured
    """

    label: str
    unit: str
    x: tuple[float, ...]
    train: tuple[float, ...]
    held_out: tuple[float, ...]


def curves(engine: Engine, folder: Path | None = None) -> tuple[Curve, ...]:
    """The loss curves kept from training, of the tables that have one."""
    found = []
    for name, label in static.LABELS.items():
        try:
            text = ((folder or static.FOLDER) / f"{name}.json").read_text(encoding="utf-8")
            loss = json.loads(text)["loss"]
            unit = next(key for key in loss if key not in ("train", "held_out"))
            found.append(Curve(label, unit, tuple(loss[unit]), tuple(loss["train"]),
                               tuple(loss.get("held_out", ()))))
        except (OSError, ValueError, KeyError, TypeError, StopIteration):
            continue  # a table without a curve: the page shows the others
    return tuple(found)
