"""Averages and attention rollout of a text, with what they hide."""

from dataclasses import dataclass

import numpy as np

from core.contract import Encoded
from core.engine.protocol import Engine
from lessons.attention.story import entropy
from lessons.proof import Proof, check
from lessons.views.lesson import Request, traced, weights_of
from lessons.views.rollout import RESIDUAL, averaged, rollout, running_mean, spread
from lessons.views.shares import kinds_of
from lessons.views.thumbnails import pool_of, thumbnails

SOURCES = ("average", "running", "rollout")


@dataclass(frozen=True)
class Result:
    """Three summaries for every layer l, n pieces.

    maps : float32[L, 3, n, n], in the order of `SOURCES`: the layer's heads averaged, layers
        0..l averaged, rollout through layers 0..l
    grid : uint8[L, 3, m, m], the same as bytes, `pool` pieces a cell
    head_bits, average_bits : float[L], entropy of a row, mean over single heads and of the average
    spreads : float[L, 3], how different the rows of each map are (0: all the same)
    special : float[3], share of [CLS] and [SEP] in the last layer's maps
    """

    encoded: Encoded
    kinds: str
    pool: int
    maps: np.ndarray
    grid: np.ndarray
    head_bits: np.ndarray
    average_bits: np.ndarray
    spreads: np.ndarray
    special: np.ndarray
    proof: Proof


def run(engine: Engine, request: Request) -> Result:
    """Average and roll out the weights. Raises the errors of `Engine.trace`."""
    trace = traced(engine, request)
    layers, kinds = weights_of(trace), kinds_of(trace.encoded.tokens)
    average = averaged(layers)  # (L, n, n)
    rolled = rollout(average)  # (L, n, n)
    maps = np.stack([average, running_mean(average), rolled], axis=1)  # (L, 3, n, n)
    pool = pool_of(maps.shape[0] * maps.shape[1], maps.shape[-1])
    on_special = np.array([kind in "cs" for kind in kinds])
    exact = maps.astype(np.float32)
    exact.flags.writeable = False
    return Result(
        trace.encoded, kinds, pool, exact, thumbnails(exact, pool),
        np.array([entropy(weights.astype(np.float64)).mean() for weights in layers]),
        entropy(average).mean(-1),
        np.array([[spread(one) for one in layer] for layer in maps]),
        maps[-1][:, :, on_special].sum(-1).mean(-1),
        _proof(average, rolled),
    )


def _proof(average: np.ndarray, rolled: np.ndarray) -> Proof:
    """Rows that must sum to 1, and the last rollout as one product from the other end."""
    n = average.shape[-1]
    whole = np.eye(n)
    for weights in average[::-1]:
        mixed = (1 - RESIDUAL) * weights + RESIDUAL * np.eye(n)
        whole = whole @ (mixed / mixed.sum(-1, keepdims=True))
    ones = np.ones(rolled.shape[:2])
    return Proof((
        check("rollout, rows", "sum_j R[i, j] = 1", rolled.sum(-1), ones),
        check("rollout, last layer", "A'_L ... A'_1 A'_0 multiplied from the left", whole,
              rolled[-1]),
    ))
