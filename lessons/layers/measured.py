"""The stored measurement and the probes: assets/layers, read and checked. No torch.

Written by `python -m core.training.layer_probe`. What was measured with other weights than the
shipped ones is not used.
"""

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from core.models.files import checksum
from core.models.registry import ASSETS, EMBEDDED

FOLDER = ASSETS / "layers"
FIGURES, PROBES, PUBLISHED = "probe.json", "probes.safetensors", "published.toml"
TASKS = ("pos", "ner")
WAYS = ("linear", "bilstm", "tuned")


@dataclass(frozen=True)
class Figure:
    """A share of 1 with its 95 % interval; words : share of words right, where it is an F1."""

    value: float
    low: float
    high: float
    words: float | None = None
    weights: tuple[float, ...] = ()

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Figure":
        return cls(row["figure"], row["low"], row["high"], row.get("accuracy"),
                   tuple(row.get("weights", ())))


@dataclass(frozen=True)
class Probed:
    """One task measured layer by layer, from 0.

    control : accuracy of the same probe on tags that mean nothing; usual : each word's most
    frequent tag; majority : the most frequent tag of all
    """

    task: str
    layers: tuple[Figure, ...]
    control: tuple[float, ...]
    usual: Figure
    majority: Figure
    counts: dict[str, int]

    @property
    def best(self) -> int:
        return max(range(len(self.layers)), key=lambda n: self.layers[n].value)


@dataclass(frozen=True)
class Spent:
    """One way of learning a task from so many sentences, and the seconds it took.

    vectors : of them for the forward passes, where the vectors were frozen
    """

    way: str
    sentences: int
    seconds: float
    figure: Figure
    vectors: float = 0.0


@dataclass(frozen=True)
class Measured:
    """choices : by name, then by reader ("linear", "bilstm"); spent : by task"""

    tasks: dict[str, Probed]
    choices: dict[str, dict[str, Figure]]
    spent: dict[str, tuple[Spent, ...]]
    command: str
    settings: dict[str, Any]
    readers: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Published:
    """Dev F1 on CoNLL-2003 in per cent, as printed. choices, tuned : by name

    sentences : in the training part of CoNLL-2003
    """

    source: str
    sentences: int
    choices: dict[str, float]
    tuned: dict[str, float]


@dataclass(frozen=True)
class Probe:
    """A layer's linear probe: softmax(x W^T + b). weight : float32[K, H], bias : float32[K]"""

    weight: np.ndarray
    bias: np.ndarray


@cache
def published() -> Published:
    """What the paper reports."""
    read = tomllib.loads((FOLDER / PUBLISHED).read_text(encoding="utf-8"))
    return Published(read["source"], read["sentences"], read["choices"], read["tuned"])


def measured(folder: Path = FOLDER) -> Measured | None:
    """None where nothing is stored, or other weights were measured."""
    path = folder / FIGURES
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else None


@cache
def _read(path: Path, written: int) -> Measured | None:
    read = json.loads(path.read_text(encoding="utf-8"))
    if read["model"] != checksum(EMBEDDED):
        return None
    return Measured(
        {name: _probed(name, facts) for name, facts in read["tasks"].items()},
        {name: {reader: Figure.of(row) for reader, row in rows.items()}
         for name, rows in read["choices"].items()},
        {name: tuple(Spent(r["way"], r["sentences"], r["seconds"], Figure.of(r),
                           r.get("vectors", 0.0)) for r in rows)
         for name, rows in read["cost"].items()},
        read["command"], read["settings"], read["readers"],
    )


def _probed(name: str, facts: dict[str, Any]) -> Probed:
    counts = ("train_sentences", "train_words", "test_sentences", "test_words")
    return Probed(
        name, tuple(Figure.of(row) for row in facts["layers"]),
        tuple(row["control"] for row in facts["layers"]),
        Figure.of(facts["baselines"]["usual"]), Figure.of(facts["baselines"]["majority"]),
        {key: facts[key] for key in counts},
    )


def probes(model: str, task: str) -> tuple[Probe, ...]:
    """A probe for every layer from 0; none for a model that they were not fitted to."""
    if model != EMBEDDED or measured() is None or not (FOLDER / PROBES).is_file():
        return ()
    return _probes(task)


@cache
def _probes(task: str) -> tuple[Probe, ...]:
    arrays = load_file(FOLDER / PROBES)
    layers = sum(name.startswith(f"{task}.") for name in arrays) // 2
    found = []
    for layer in range(layers):
        own = [arrays[f"{task}.{layer}.{part}"].astype(np.float32) for part in ("weight", "bias")]
        for array in own:
            array.flags.writeable = False
        found.append(Probe(*own))
    return tuple(found)
