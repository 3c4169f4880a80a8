"""Scaled dot-product attention of one head, on the learner's own text."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core import limits
from core.contract import AttentionMask, Encoded, TraceRequest
from core.engine.protocol import Engine
from lessons.proof import Proof, check
from lessons.text import Preset

KEEP = frozenset({"qkv", "scores", "weights", "context"})
WHOLE_BYTES = 8 * 2**20  # of a pass with all layers kept; some 70 pieces in the embedded model
PROJECTIONS = ("query", "key", "value")


@dataclass(frozen=True)
class Request:
    text: str
    text_b: str = ""
    model: str = "embedded"
    layer: int = 0
    head: int = 0
    mask: AttentionMask = "bidirectional"


@dataclass(frozen=True)
class Projection:
    """One head's slice of a projection: weight float32[d_k, H] (torch's [out, in]), bias [d_k]."""

    weight: np.ndarray
    bias: np.ndarray


@dataclass(frozen=True)
class Result:
    """One head, opened. n word pieces, d_k numbers a head.

    x : float32[n, H], what enters the layer; query, key, value : the head's projections
    q, k, v, z : float32[n, d_k]; scores, scaled, weights : float32[n, n]
    allowed : bool[n, n], True where row i may look at column j
    """

    encoded: Encoded
    layer: int
    head: int
    d_k: int
    x: np.ndarray
    query: Projection
    key: Projection
    value: Projection
    q: np.ndarray
    k: np.ndarray
    v: np.ndarray
    scores: np.ndarray
    scaled: np.ndarray
    allowed: np.ndarray
    weights: np.ndarray
    z: np.ndarray
    proof: Proof


def attention_by_hand(
    x: np.ndarray, query: Projection, key: Projection, value: Projection, allowed: np.ndarray
) -> tuple[np.ndarray, ...]:
    """softmax(Q K^T / sqrt(d_k)) V for one head: x float[n, H] -> q, k, v, scores, ..., z.

    Source: Vaswani et al. 2017, eq. 1.
    """
    q = x @ query.weight.T + query.bias  # (n, d_k)
    k = x @ key.weight.T + key.bias  # (n, d_k)
    v = x @ value.weight.T + value.bias  # (n, d_k)
    scores = q @ k.T  # (n, n)
    scaled = scores / np.sqrt(q.shape[-1])  # (n, n)
    masked = np.where(allowed, scaled, -np.inf)  # (n, n)
    grown = np.exp(masked - masked.max(axis=-1, keepdims=True))  # (n, n)
    weights = grown / grown.sum(axis=-1, keepdims=True)  # (n, n), rows sum to 1
    z = weights @ v  # (n, d_k)
    return q, k, v, scores, scaled, weights, z


def run(engine: Engine, request: Request) -> Result:
    """Trace one layer and open one of its heads.

    Raises `OutOfRange` for a layer or head that the model has not, and the errors of
    `Engine.trace`.
    """
    info = engine.info(request.model)
    limits.check_head(info, request.layer, request.head)
    trace = engine.trace(_whole(engine, request) or TraceRequest(
        request.text, request.text_b or None, request.model, KEEP, (request.layer,), request.mask,
    ))
    inside = trace.layer(request.layer)
    query, key, value = (
        _projection(engine, request, name, info.d_k) for name in PROJECTIONS
    )
    x = _array(inside.x)[0]  # (n, H)
    allowed = trace.allowed[0, 0]  # (n, n)
    q, k, v, scores, scaled, weights, z = (
        _array(a)[0, request.head]
        for a in (inside.q, inside.k, inside.v, inside.scores, inside.scaled, inside.weights,
                  inside.context)
    )
    ours = attention_by_hand(x, query, key, value, allowed)
    checks = tuple(
        check(name, formula, mine, models)
        for (name, formula), mine, models in zip(
            _FORMULAS, ours, (q, k, v, scores, scaled, weights, z), strict=True
        )
    )
    return Result(
        trace.encoded, request.layer, request.head, info.d_k, x, query, key, value,
        q, k, v, scores, scaled, allowed, weights, z, Proof(checks),
    )


def _whole(engine: Engine, request: Request) -> TraceRequest | None:
    """Everything this page may ask of a text in one pass; None where that would be too large.

    With it the overview and every step of the sliders cost one forward pass together.
    """
    info = engine.info(request.model)
    n = len(engine.tokenize(request.model, request.text, request.text_b or None))
    numbers = info.layers * (3 * info.heads * n * n + 5 * n * info.hidden)
    if 4 * numbers > WHOLE_BYTES:
        return None
    return TraceRequest(
        request.text, request.text_b or None, request.model, KEEP, mask=request.mask
    )


_FORMULAS = (
    ("q", "x W_Q^T + b_Q"),
    ("k", "x W_K^T + b_K"),
    ("v", "x W_V^T + b_V"),
    ("scores", "q k^T"),
    ("scaled", "q k^T / sqrt(d_k)"),
    ("weights", "softmax(scaled + mask)"),
    ("z", "weights v"),
)


def _array(value: np.ndarray | None) -> np.ndarray:
    assert value is not None
    return value


def _projection(engine: Engine, request: Request, name: str, d_k: int) -> Projection:
    stem = f"bert.encoder.layer.{request.layer}.attention.self.{name}"
    rows = slice(request.head * d_k, (request.head + 1) * d_k)
    return Projection(
        engine.parameter(request.model, f"{stem}.weight")[rows],
        engine.parameter(request.model, f"{stem}.bias")[rows],
    )


def all_heads(engine: Engine, request: Request) -> np.ndarray:
    """Every head's weights as bytes, uint8[L, A, n, n], 255 = 1, for the overview picture."""
    trace = engine.trace(_whole(engine, request) or TraceRequest(
        request.text, request.text_b or None, request.model, frozenset({"weights"}),
        mask=request.mask,
    ))
    weights = np.concatenate([_array(layer.weights) for layer in trace.layers])  # (L, A, n, n)
    return np.rint(weights * 255).astype(np.uint8)


STORED = (run, all_heads)


def default_request(preset: Preset, model: str) -> Request:
    controls = preset.controls
    return Request(
        preset.text, preset.text_b, model, int(controls.get("layer", 0)),
        int(controls.get("head", 0)),
        "causal" if controls.get("mask") == "causal" else "bidirectional",
    )


def to_json(result: Result) -> dict[str, Any]:
    """tokens, d_k, q, k, v (n x d_k), scores, scaled, weights, z."""
    named = ("q", "k", "v", "scores", "scaled", "weights", "z")
    return {
        "tokens": list(result.encoded.tokens),
        "layer": result.layer,
        "head": result.head,
        "d_k": result.d_k,
        **{name: getattr(result, name).tolist() for name in named},
        "allowed": result.allowed.tolist(),
    }
