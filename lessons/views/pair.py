"""Two sentences beside each other: which head looks elsewhere, over all of its rows."""

from dataclasses import dataclass

import numpy as np

from core.contract import Encoded
from core.engine.protocol import Engine
from lessons.attention.compare import partners, total_variation
from lessons.views import lesson
from lessons.views.lesson import traced, weights_of
from lessons.views.shares import kinds_of
from lessons.views.thumbnails import BUDGET, pool_of, thumbnails


@dataclass(frozen=True)
class Request:
    text: str
    other: str
    model: str = "embedded"


@dataclass(frozen=True)
class Side:
    """One of the two texts: its pieces, their kinds and the weights of all heads as bytes."""

    encoded: Encoded
    kinds: str
    pool: int
    grid: np.ndarray


@dataclass(frozen=True)
class Result:
    """Two texts of n and n' pieces.

    partner : for each piece of the first its place in the second, -1 without one
    moved : float32[L, A], mean over corresponding pieces of the share of attention that went
        elsewhere (total variation distance)
    """

    sides: tuple[Side, Side]
    partner: tuple[int, ...]
    moved: np.ndarray

    @property
    def most(self) -> tuple[int, int]:
        """(layer, head) that moved most."""
        layer, head = np.unravel_index(self.moved.argmax(), self.moved.shape)
        return int(layer), int(head)


def run(engine: Engine, request: Request) -> Result:
    """Trace both texts. Raises the errors of `Engine.trace`."""
    traces = [
        traced(engine, lesson.Request(text, "", request.model))
        for text in (request.text, request.other)
    ]
    layers = [weights_of(trace) for trace in traces]
    sides = tuple(_side(t.encoded, w) for t, w in zip(traces, layers, strict=True))
    pairs = partners(traces[0].encoded.tokens, traces[1].encoded.tokens)
    moved = np.stack([_moved(one, two, pairs) for one, two in zip(*layers, strict=True)])
    there = dict(pairs)
    partner = tuple(there.get(i, -1) for i in range(len(traces[0].encoded)))
    return Result((sides[0], sides[1]), partner, moved.astype(np.float32))


def _side(encoded: Encoded, layers: list[np.ndarray]) -> Side:
    pool = pool_of(len(layers) * len(layers[0]), len(encoded), BUDGET // 2)
    return Side(encoded, kinds_of(encoded.tokens), pool, thumbnails(layers, pool))


def _moved(one: np.ndarray, two: np.ndarray, pairs: tuple[tuple[int, int], ...]) -> np.ndarray:
    """float[A, n, n], float[A, n', n'] -> float[A]. [CLS] corresponds to [CLS]: never empty."""
    rows = [total_variation(one[:, i], two[:, j], pairs) for i, j in pairs]
    return np.mean(rows, axis=0)
