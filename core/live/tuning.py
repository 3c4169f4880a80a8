"""A training as a job: typed in, typed out. No torch."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from core import limits
from core.live.jobs import Job, Pool
from core.live.lines import Kind, Lines, Unit, parted
from core.live.plan import Plan
from core.models import files
from core.models.registry import find
from core.tasks.adapter import Adapter, unpacked
from core.tasks.registry import FACTS, WEIGHTS

ARRAYS = "arrays.safetensors"
SECONDS = 120.0  # after that a training ends with what it has learned


@dataclass(frozen=True)
class Point:
    """The model after an epoch: mean cross-entropy in nats and accuracy, on both sides."""

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float
    held_loss: float
    held_accuracy: float


@dataclass(frozen=True)
class Outcome:
    """What a training left.

    curve : a point an epoch, the first before any step; losses : of each step's lines
    trained : numbers that were free; seconds : of the whole job in its worker; stopped : early
    before, after : float32[P, H], what the head reads, for point_line, point_word : int32[P]
    (word -1 for a whole line); scores : float32[M, K] of what was held out, for held_line,
    held_word : int32[M]; head : its W float32[K, H] and b float32[K]
    base : checksum of the weights that everything was added to
    """

    model: str
    kind: Kind
    labels: tuple[str, ...]
    unit: Unit
    plan: Plan
    base: str
    curve: tuple[Point, ...]
    losses: tuple[float, ...]
    steps: int
    trained: int
    seconds: float
    stopped: bool
    weight: np.ndarray
    bias: np.ndarray
    before: np.ndarray
    after: np.ndarray
    point_line: np.ndarray
    point_word: np.ndarray
    scores: np.ndarray
    held_line: np.ndarray
    held_word: np.ndarray


@dataclass(frozen=True)
class Said:
    """What a trained model says of a text.

    spans : of what was judged, the whole text or each word; vectors : float64[m, H], what the
    head read; logits : float64[m, K]
    """

    tokens: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    vectors: np.ndarray
    logits: np.ndarray


def start(
    pool: Pool, lines: Lines, plan: Plan, *, model: str = "embedded", owner: str,
    watched: bool = True, seconds: float = SECONDS,
) -> str:
    """Put a training into the queue; the job's name.

    Raises `QueueFull`, `OutOfRange`, `UnknownModel`, `ModelUnavailable`.
    """
    plan.checked(files.info(model).layers)
    train, held = parted(lines, plan.held_out, plan.seed)
    tags = lines.kind == "tags"
    spec: dict[str, Any] = {
        "model": find(model).id, "kind": lines.kind, "labels": lines.labels, "unit": lines.unit,
        "plan": plan.facts(), "train": train, "held_out": held,
        "items": [[i.text, i.words, i.tags] if tags else [i.text, i.label] for i in lines.items],
    }
    return pool.submit(Job("train", spec, seconds, watched), owner)


def point(note: dict[str, Any]) -> Point:
    """A point of the curve as a worker tells it."""
    return Point(note["epoch"], note["step"], *note["train"], *note["held_out"])


def outcome(pool: Pool, name: str) -> Outcome:
    """What a finished training left. Raises `ResultGone`, or why it failed."""
    folder = pool.folder(name)
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    arrays = load_file(folder / ARRAYS)
    for array in arrays.values():
        array.flags.writeable = False
    own = adapter(folder)
    return Outcome(
        facts["model"], facts["kind"], tuple(facts["labels"]), facts["unit"],
        Plan(**facts["plan"]), facts["base"], tuple(point(note) for note in facts["curve"]),
        tuple(facts["losses"]), facts["steps"], facts["trained"], facts["seconds"],
        facts["stopped"], own.weight, own.bias, **arrays,
    )


def adapter(folder: Path) -> Adapter:
    """What changed in the encoder, and the head."""
    return unpacked(load_file(folder / WEIGHTS))


def say(pool: Pool, name: str, text: str) -> Said:
    """Ask the trained model. Raises `EmptyText`, `TextTooLong`, `ResultGone`, `Busy`."""
    limits.check_text(text)
    found = pool.ask("predict", {"folder": str(pool.folder(name)), "text": text})
    return Said(
        tuple(found["tokens"]), tuple((a, b) for a, b in found["spans"]),
        np.array(found["vectors"]), np.array(found["logits"]),
    )
