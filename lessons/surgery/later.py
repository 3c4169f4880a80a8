"""One head's attention before and after the operation."""

from dataclasses import dataclass

import numpy as np

from core.contract import Surgery
from core.engine.protocol import Engine
from core.limits import check_head
from lessons.surgery import reading
from lessons.surgery.board import heads_of
from lessons.surgery.reading import Patient


@dataclass(frozen=True)
class Request:
    text: str
    text_b: str
    model: str
    off: str
    blank: int
    layer: int
    head: int


@dataclass(frozen=True)
class Result:
    """before, after : float32[n, n], the softmax rows of one head."""

    tokens: tuple[str, ...]
    before: np.ndarray
    after: np.ndarray


def run(engine: Engine, request: Request) -> Result:
    """The weights of one head in both passes. Raises `OutOfRange`."""
    info = engine.info(request.model)
    check_head(info, request.layer, request.head)
    off = heads_of(request.off, info.layers, info.heads)
    patient = Patient(request.text, request.text_b, request.model, request.blank)
    at = reading.place_of(engine, patient)
    both = [
        reading.traced(engine, patient, surgery, at)
        for surgery in (Surgery(), Surgery(heads_off=off))
    ]
    before, after = (trace.layer(request.layer).weights for trace in both)
    assert before is not None and after is not None
    return Result(both[0].encoded.tokens, before[0, request.head], after[0, request.head])


def most_moved(moved: np.ndarray) -> tuple[int, int]:
    """The head whose attention changed most, (layer, head)."""
    layer, head = np.unravel_index(int(moved.argmax()), moved.shape)
    return int(layer), int(head)
