"""The exact weights of one opened head, or of a layer's heads averaged."""

from dataclasses import dataclass

import numpy as np

from core import limits
from core.engine.protocol import Engine
from lessons.views.lesson import Request, traced, weights_of


@dataclass(frozen=True)
class Opening:
    """head : from 0; the number of heads itself stands for their average."""

    text: str
    text_b: str
    model: str
    layer: int
    head: int


def opened(engine: Engine, opening: Opening) -> np.ndarray:
    """float32[n, n], read-only. Raises `OutOfRange`, and the errors of `Engine.trace`."""
    info = engine.info(opening.model)
    limits.check_index("layer", opening.layer, info.layers)
    limits.check_index("head", opening.head, info.heads + 1)
    trace = traced(engine, Request(opening.text, opening.text_b, opening.model))
    weights = weights_of(trace)[opening.layer]  # (A, n, n)
    average = opening.head == info.heads
    exact = weights.mean(axis=0) if average else weights[opening.head].copy()
    exact.flags.writeable = False
    return exact
