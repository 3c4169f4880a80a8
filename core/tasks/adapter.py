"""An adapter: what a task changes in the encoder's weights, and its head. No torch.

Every linear map x W^T + b of the encoder becomes x (W + U D)^T + b + c with a low-rank product
U D (LoRA, Hu et al. 2021), every LayerNorm gets its gamma and beta moved. A file holds the
changes in float16 by the module's name in BertModel, the head in float32:

    encoder.layer.0.attention.self.query.down   float16[r, in]     D
    encoder.layer.0.attention.self.query.up     float16[out, r]    U, LoRA's scale included
    encoder.layer.0.attention.self.query.bias   float16[out]       c
    encoder.layer.0.output.LayerNorm.weight     float16[H]         added to gamma
    head.weight, head.bias                      float32[K, H], float32[K]
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from core.errors import ModelUnavailable
from core.tasks.registry import FACTS, WEIGHTS, find

HEAD = "head."


@dataclass(frozen=True)
class Change:
    """What is added to one module, float32; None where nothing is.

    down : [r, in], up : [out, r], so that the weight grows by up @ down
    weight : [H], on a LayerNorm's gamma; bias : [out]
    """

    down: np.ndarray | None = None
    up: np.ndarray | None = None
    weight: np.ndarray | None = None
    bias: np.ndarray | None = None

    def weight_delta(self) -> np.ndarray | None:
        """What is added to the weight, written out: [out, in] or [H]."""
        if self.up is None or self.down is None:
            return self.weight
        return self.up @ self.down


@dataclass(frozen=True)
class Adapter:
    """A task's changes by module name, and its head.

    weight : float32[K, H], a row a class; for a span the rows are S and E
    bias : float32[K]
    """

    changes: Mapping[str, Change]
    weight: np.ndarray
    bias: np.ndarray

    @property
    def rank(self) -> int:
        downs = (c.down for c in self.changes.values())
        return max((down.shape[0] for down in downs if down is not None), default=0)

    @property
    def parameters(self) -> int:
        """Numbers that the task adds to the encoder, its head among them."""
        parts = (part for change in self.changes.values() for part in vars(change).values())
        return sum(p.size for p in parts if p is not None) + self.weight.size + self.bias.size


def unpacked(tensors: Mapping[str, np.ndarray]) -> Adapter:
    """An adapter from the arrays of its file, widened to float32 and read-only.

    Raises ValueError for a name that no adapter has.
    """
    wide = {name: np.ascontiguousarray(t, dtype=np.float32) for name, t in tensors.items()}
    for array in wide.values():
        array.flags.writeable = False
    found: dict[str, dict[str, np.ndarray]] = {}
    for name, array in wide.items():
        module, _, part = name.rpartition(".")
        if part not in Change.__dataclass_fields__:
            raise ValueError(f"an adapter has no {name}")
        found.setdefault(module, {})[part] = array
    head = found.pop(HEAD[:-1])
    return Adapter(
        {module: Change(**parts) for module, parts in found.items()}, head["weight"], head["bias"]
    )


def packed(adapter: Adapter) -> dict[str, np.ndarray]:
    """The arrays of an adapter's file: float16, the head in float32."""
    arrays = {
        f"{module}.{part}": array.astype(np.float16)
        for module, change in adapter.changes.items()
        for part, array in vars(change).items()
        if array is not None
    }
    return arrays | {f"{HEAD}weight": adapter.weight, f"{HEAD}bias": adapter.bias}


@lru_cache(maxsize=32)
def read(folder: Path) -> Adapter:
    """The adapter of a folder. Raises `ModelUnavailable`."""
    try:
        return unpacked(load_file(folder / WEIGHTS))
    except FileNotFoundError:
        raise ModelUnavailable.missing(folder.name, WEIGHTS) from None
    except Exception as error:  # the library raises Exception itself for a damaged file
        raise ModelUnavailable.damaged(folder.name, WEIGHTS) from error


@lru_cache(maxsize=32)
def facts(folder: Path) -> dict[str, Any]:
    """What task.json says of an adapter: recipe, data, figures. Raises `ModelUnavailable`."""
    try:
        found: dict[str, Any] = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelUnavailable.damaged(folder.name, FACTS) from error
    return found


@lru_cache(maxsize=32)
def fingerprint(name: str) -> str:
    """First 16 hex digits of the SHA-256 of a task's adapter, "" where it is not here."""
    file = find(name).folder / WEIGHTS
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16] if file.is_file() else ""


def is_here(name: str) -> bool:
    """True when a task's adapter is among the assets. Raises `UnknownTask`."""
    return (find(name).folder / WEIGHTS).is_file()
