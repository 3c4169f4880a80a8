"""The weights of every head of every layer, and where all that attention goes."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.contract import Encoded, Trace, TraceRequest
from core.engine.protocol import Engine
from core.trace.recompute import softmax
from lessons.proof import Proof, check
from lessons.text import Preset
from lessons.views.shares import crossing, kinds_of, to_kinds
from lessons.views.thumbnails import pool_of, thumbnails
from lessons.views.tour import Find, tour

KEEP = frozenset({"qkv", "weights"})


@dataclass(frozen=True)
class Request:
    text: str
    text_b: str = ""
    model: str = "embedded"


@dataclass(frozen=True)
class Result:
    """All heads of one text of n pieces, for the picture of all and the facts beside it.

    kinds : a letter for each piece, see `shares.KINDS`
    grid : uint8[L, A, m, m], the weights as bytes; `pool` pieces share a cell (1 for most texts)
    to_kind : float32[L, A, 4], share of a head's attention that lands on each kind
    between : float32[L, A, 2, 2], share of a sentence's attention spent on each sentence,
        None for a single text
    finds : heads worth opening first
    """

    encoded: Encoded
    kinds: str
    pool: int
    grid: np.ndarray
    to_kind: np.ndarray
    between: np.ndarray | None
    finds: tuple[Find, ...]
    proof: Proof


def traced(engine: Engine, request: Request) -> Trace:
    """The one pass behind everything on this page, kept by the engine."""
    return engine.trace(
        TraceRequest(request.text, request.text_b or None, request.model, KEEP)
    )


def weights_of(trace: Trace) -> list[np.ndarray]:
    """Each layer's weights, float32[A, n, n]."""
    return [layer.weights[0] for layer in trace.layers if layer.weights is not None]


def run(engine: Engine, request: Request) -> Result:
    """Trace the text with all its heads. Raises the errors of `Engine.trace`."""
    trace = traced(engine, request)
    encoded, layers = trace.encoded, weights_of(trace)
    kinds, segments = kinds_of(encoded.tokens), encoded.segments
    pool = pool_of(len(layers) * trace.info.heads, len(encoded))
    pair = max(segments) == 1
    return Result(
        encoded, kinds, pool, thumbnails(layers, pool),
        np.stack([to_kinds(w, kinds) for w in layers]),
        np.stack([crossing(w, segments) for w in layers]) if pair else None,
        tour(layers, kinds, segments), _proof(trace),
    )


def _proof(trace: Trace) -> Proof:
    """Every head's weights again from its queries and keys."""
    checks = []
    for layer in trace.layers:
        assert layer.q is not None and layer.k is not None and layer.weights is not None
        scaled = layer.q[0] @ layer.k[0].swapaxes(-1, -2) / np.sqrt(trace.info.d_k)  # (A, n, n)
        ours = softmax(scaled)  # (A, n, n)
        checks.append(
            check(f"weights, layer {layer.index}", "softmax(q k^T / sqrt(d_k))", ours,
                  layer.weights[0])
        )
    return Proof(tuple(checks))


STORED = (run,)


def default_request(preset: Preset, model: str) -> Request:
    return Request(preset.text, preset.text_b, model)


def to_json(result: Result) -> dict[str, Any]:
    """tokens, kinds, where attention goes a head, and the heads worth opening."""
    return {
        "tokens": list(result.encoded.tokens),
        "kinds": list(result.kinds),
        "to_kind": result.to_kind.tolist(),
        "between": None if result.between is None else result.between.tolist(),
        "finds": [vars(find) for find in result.finds],
    }
