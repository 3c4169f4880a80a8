"""Whether a checkpoint's header holds every weight that its config promises. No torch.

A byte flipped in a weight's name leaves a header that can be read; the library would then make
that weight up, at random, and say nothing.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import ModelUnavailable

WEIGHTS = "model.safetensors"
BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Stored:
    """Where one weight lies in the file: dtype as safetensors names it, first byte, bytes."""

    dtype: str
    shape: Shape
    start: int
    size: int


def check(label: str, config: Mapping[str, Any], found: Mapping[str, Stored]) -> None:
    """Raises `ModelUnavailable` for a weight that is missing or of another shape.

    Raises KeyError, TypeError, ValueError for a config without whole numbers.
    """
    hidden, vocabulary = int(config["hidden_size"]), int(config["vocab_size"])
    if any(_shape(found, name) != shape for name, shape in _encoder(config)):
        raise ModelUnavailable.unfitting(label)
    for head in _heads(hidden, vocabulary):  # all of a head, or nothing
        shapes = [(_shape(found, name), shape) for name, shape in head]
        if any(own is not None for own, _ in shapes) and any(own != shape for own, shape in shapes):
            raise ModelUnavailable.unfitting(label)
    bias = (_shape(found, f"cls.predictions.{name}") for name in ("bias", "decoder.bias"))
    if "cls.predictions.transform.dense.weight" in found and (vocabulary,) not in bias:
        raise ModelUnavailable.unfitting(label)
    for stored in found.values():
        each = BYTES.get(stored.dtype)
        if each is not None and stored.size != each * math.prod(stored.shape):
            raise ModelUnavailable.damaged(label, WEIGHTS)


def _shape(found: Mapping[str, Stored], name: str) -> Shape | None:
    stored = found.get(name)
    return None if stored is None or stored.dtype not in BYTES else stored.shape


def _encoder(config: Mapping[str, Any]) -> Iterator[tuple[str, Shape]]:
    hidden, inner = int(config["hidden_size"]), int(config["intermediate_size"])
    rows = {
        "word": int(config["vocab_size"]), "position": int(config["max_position_embeddings"]),
        "token_type": int(config.get("type_vocab_size", 2)),
    }
    for kind, count in rows.items():
        yield f"bert.embeddings.{kind}_embeddings.weight", (count, hidden)
    yield from _pair("bert.embeddings.LayerNorm", (hidden,))
    square, names = (hidden, hidden), ("self.query", "self.key", "self.value", "output.dense")
    for layer in range(int(config["num_hidden_layers"])):
        start = f"bert.encoder.layer.{layer}"
        for name in names:
            yield from _pair(f"{start}.attention.{name}", square)
        yield from _pair(f"{start}.attention.output.LayerNorm", (hidden,))
        yield from _pair(f"{start}.intermediate.dense", (inner, hidden))
        yield from _pair(f"{start}.output.dense", (hidden, inner))
        yield from _pair(f"{start}.output.LayerNorm", (hidden,))


def _heads(hidden: int, vocabulary: int) -> Iterator[list[tuple[str, Shape]]]:
    square = (hidden, hidden)
    yield list(_pair("bert.pooler.dense", square))
    yield list(_pair("cls.seq_relationship", (2, hidden)))
    yield [
        *_pair("cls.predictions.transform.dense", square),
        *_pair("cls.predictions.transform.LayerNorm", (hidden,)),
    ]


def _pair(name: str, shape: Shape) -> Iterator[tuple[str, Shape]]:
    """A map's weight and its bias."""
    yield f"{name}.weight", shape
    yield f"{name}.bias", shape[:1]
