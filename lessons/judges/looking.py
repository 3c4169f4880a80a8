"""The first judge: attention from the predicted place, read in one of four ways."""

from collections.abc import Sequence

import numpy as np

from core.contract import ModelInfo, Trace, TraceRequest
from core.engine.protocol import Engine
from core.limits import check_head
from core.trace.recompute import attention
from lessons.views.rollout import averaged, rollout

WAYS = ("last", "mean", "rollout", "head")


def traced(
    engine: Engine, info: ModelInfo, text: str, text_b: str, way: str, layer: int, head: int
) -> Trace:
    """One pass with q, k and the weights of the layers that are read. Raises `OutOfRange`."""
    if way == "head":
        check_head(info, layer, head)
    layers = {"last": (info.layers - 1,), "head": (layer,)}.get(way)
    return engine.trace(
        TraceRequest(text, text_b or None, info.id, frozenset({"qkv", "weights"}), layers)
    )


def read(weights: Sequence[np.ndarray], way: str, head: int, place: int) -> np.ndarray:
    """The row of `place`, float64[n], from the layers' weights float[A, n, n].

    last : mean over the heads of the last layer; mean : of all layers; head : one head's;
    rollout : attention multiplied through the layers
    """
    if way == "head":
        return weights[-1][head, place].astype(np.float64)
    average = averaged(weights)  # (L, n, n)
    if way == "mean":
        return average.mean(axis=0)[place]
    return (rollout(average) if way == "rollout" else average)[-1, place]


def models(trace: Trace) -> list[np.ndarray]:
    """The weights as the model made them, float32[A, n, n] a layer."""
    return [layer.weights[0] for layer in trace.layers if layer.weights is not None]


def by_hand(trace: Trace) -> list[np.ndarray]:
    """The same as softmax(q k^T / sqrt(d_k)) in float64."""
    found = []
    for layer in trace.layers:
        assert layer.q is not None and layer.k is not None and layer.v is not None
        q, k, v = (part[0].astype(np.float64) for part in (layer.q, layer.k, layer.v))
        found.append(attention(q, k, v)[2])
    return found
