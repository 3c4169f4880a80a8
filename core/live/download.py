"""A trained model to take home: safetensors whose metadata says what it is and how to read it."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save

from core.live.tuning import Outcome
from core.tasks.registry import WEIGHTS

MAX_DOWNLOAD = 64 * 2**20  # bytes; a larger encoder stays here and only the head is handed out
FILE = "trained.safetensors"
HOW = (
    "head.weight [K, H] and head.bias [K] read the vector that `pooling` names ([CLS], or the mean "
    "of all pieces; for kind=tags every piece) of the last layer. Everything else is added to a "
    "weight of the base encoder (a BertModel): NAME.weight and NAME.bias as they stand, NAME.up @ "
    "NAME.down to NAME.weight. `base` is the first half of the SHA-256 of the base's file."
)
_TEMPLATE = Path(__file__).with_name("snippet.py.txt")


@dataclass(frozen=True)
class Size:
    """bytes : of the file, nearly; whole : False where it holds the head alone"""

    bytes: int
    whole: bool


def size(folder: Path, found: Outcome) -> Size:
    """What `parcel` will make of a finished job's folder."""
    stored = (folder / WEIGHTS).stat().st_size
    if stored <= MAX_DOWNLOAD:
        return Size(stored, True)
    return Size(found.weight.nbytes + found.bias.nbytes, False)


def parcel(folder: Path, found: Outcome) -> bytes:
    """The file for a finished job's folder."""
    whole = size(folder, found).whole
    arrays = load_file(folder / WEIGHTS) if whole else {
        "head.weight": np.array(found.weight), "head.bias": np.array(found.bias),
    }
    facts = {
        "format": "inside-bert-live-1", "how": HOW, "model": found.model, "base": found.base,
        "kind": found.kind, "labels": json.dumps(found.labels), "pooling": found.plan.pooling,
        "mode": found.plan.mode, "whole": str(whole).lower(),
    }
    return save(arrays, metadata=facts)


def snippet(found: Outcome, text: str, base: str) -> str:
    """A Python program that loads the file and asks it. base : folder or hub id of the encoder"""
    source = _TEMPLATE.read_text(encoding="utf-8")
    values = {"BASE": base, "FILE": FILE, "TEXT": text}
    for name, value in values.items():
        source = source.replace(f'"<{name}>"', json.dumps(value, ensure_ascii=False))
    return source
