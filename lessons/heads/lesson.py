"""Multi-head attention for one piece: split, attend, concatenate, W^O, and who added what."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core import limits
from core.contract import Encoded, LayerTrace, TraceRequest
from core.engine.protocol import Engine
from core.heads import roles as rules
from core.trace.recompute import attention, join_heads, linear, split_heads
from lessons.proof import Check, Proof, check
from lessons.text import Preset

KEEP = frozenset({"qkv", "weights", "context", "attention_output"})


@dataclass(frozen=True)
class Request:
    text: str
    text_b: str = ""
    model: str = "embedded"
    layer: int = 0
    piece: int = 1
    coordinate: int = 0


@dataclass(frozen=True)
class Result:
    """One piece in one layer. n word pieces, A heads of d_k = H / A numbers.

    x : float32[H], what enters the layer at this piece
    q, k, v : float32[A, d_k], its projections, cut into A heads; z : float32[A, d_k]
    rows : float32[A, n], where each head looks from this piece
    contributions : float32[A, H], W^O_h z_h, what each head adds to the output
    output_bias : float32[H]; output : float32[H], the model's attention output
    factors : float32[A, d_k], the row of W^O that makes the chosen coordinate
    """

    encoded: Encoded
    layer: int
    piece: int
    coordinate: int
    x: np.ndarray
    q: np.ndarray
    k: np.ndarray
    v: np.ndarray
    rows: np.ndarray
    z: np.ndarray
    contributions: np.ndarray
    output_bias: np.ndarray
    output: np.ndarray
    factors: np.ndarray
    proof: Proof


@dataclass(frozen=True)
class Weights:
    """A layer's projections as torch stores them, [out, in], each with its bias."""

    query: tuple[np.ndarray, np.ndarray]
    key: tuple[np.ndarray, np.ndarray]
    value: tuple[np.ndarray, np.ndarray]
    output: tuple[np.ndarray, np.ndarray]


def multi_head(
    x: np.ndarray, weights: Weights, heads: int, allowed: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Concat(head_1 ... head_A) W^O + b for x float[n, H]; q, k, v, z, concatenated, output.

    Source: Vaswani et al. 2017, section 3.2.2.
    """
    q, k, v = (
        split_heads(linear(x, *w), heads) for w in (weights.query, weights.key, weights.value)
    )  # (A, n, d_k) each
    *_, z = attention(q, k, v, allowed)  # (A, n, d_k)
    concatenated = join_heads(z)  # (n, H)
    return q, k, v, z, concatenated, linear(concatenated, *weights.output)  # (n, H)


def contributions_of(z: np.ndarray, output_weight: np.ndarray) -> np.ndarray:
    """W^O_h z_h for each head: z float[A, d_k], W^O float[H, A d_k] -> float[A, H]."""
    heads, d_k = z.shape
    columns = output_weight.reshape(-1, heads, d_k)  # (H, A, d_k)
    return np.einsum("hac,ac->ah", columns, z)


def run(engine: Engine, request: Request) -> Result:
    """Trace one layer and open all its heads at one piece.

    Raises `OutOfRange` for a layer, piece or coordinate that is not there, and the errors of
    `Engine.trace`.
    """
    info = engine.info(request.model)
    limits.check_index("layer", request.layer, info.layers)
    limits.check_index("coordinate", request.coordinate, info.hidden)
    trace = engine.trace(TraceRequest(
        request.text, request.text_b or None, request.model, KEEP, (request.layer,)
    ))
    at = limits.check_index("piece", request.piece, len(trace.encoded))
    inside = trace.layer(request.layer)
    weights = _weights(engine, request)
    x, rows, output = (_of(inside, name) for name in ("x", "weights", "attention_output"))
    q, k, v, z = (_of(inside, name)[:, at].copy() for name in ("q", "k", "v", "context"))
    contributions = contributions_of(z, weights.output[0])  # (A, H)
    ours = multi_head(x, weights, info.heads, trace.allowed[0, 0])
    checks = (
        *_steps(inside, ours),
        check("sum of the heads", "sum_h W_O[h] z[h] + b_O",
              contributions.sum(0) + weights.output[1], output[at]),
    )
    return Result(
        trace.encoded, request.layer, at, request.coordinate, x[at].copy(), q, k, v,
        rows[:, at].copy(), z, contributions, weights.output[1], output[at].copy(),
        weights.output[0][request.coordinate].reshape(z.shape), Proof(checks),
    )


def encode(engine: Engine, request: Request) -> Encoded:
    """The word pieces alone, for choosing one; needs no forward pass."""
    return engine.tokenize(request.model, request.text, request.text_b or None)


_FORMULAS = (
    ("q", "split(x W_Q^T + b_Q)", "q"),
    ("k", "split(x W_K^T + b_K)", "k"),
    ("v", "split(x W_V^T + b_V)", "v"),
    ("z", "softmax(q k^T / sqrt(d_k)) v", "context"),
    ("attention output", "concat(z) W_O^T + b_O", "attention_output"),
)


def _steps(inside: LayerTrace, ours: tuple[np.ndarray, ...]) -> list[Check]:
    q, k, v, z, _, output = ours
    return [
        check(name, formula, mine, _of(inside, field))
        for (name, formula, field), mine in zip(_FORMULAS, (q, k, v, z, output), strict=True)
    ]


def _of(inside: LayerTrace, name: str) -> np.ndarray:
    """One array of the layer without its batch axis."""
    value: np.ndarray = getattr(inside, name)
    return value[0]


def _weights(engine: Engine, request: Request) -> Weights:
    stem = f"bert.encoder.layer.{request.layer}.attention"
    return Weights(*(
        (engine.parameter(request.model, f"{stem}.{name}.weight"),
         engine.parameter(request.model, f"{stem}.{name}.bias"))
        for name in ("self.query", "self.key", "self.value", "output.dense")
    ))


@dataclass(frozen=True)
class Measured:
    """What every head does on a text: measures float32[R, L, A] in the order of `ROLES`, NaN
    where the text has nothing to measure; rows : int64[R], looking pieces each is the mean of.
    """

    encoded: Encoded
    measures: np.ndarray
    rows: np.ndarray


def measure(engine: Engine, request: Request) -> Measured:
    """The measures of all heads over the learner's text; layer, piece, coordinate unused."""
    trace = engine.trace(TraceRequest(
        request.text, request.text_b or None, request.model, frozenset({"weights"})
    ))
    weights = np.stack([_of(layer, "weights") for layer in trace.layers])  # (L, A, n, n)
    found = rules.totals(weights, trace.encoded.tokens)
    return Measured(trace.encoded, found.measures(), found.rows)


STORED = (run, measure)


def default_request(preset: Preset, model: str) -> Request:
    """What the page asks when a preset is opened and nothing else is touched."""
    controls = preset.controls
    return Request(
        preset.text, preset.text_b, model, int(controls.get("layer", 0)),
        int(controls.get("piece", 1)), int(controls.get("coordinate", 0)),
    )


def to_json(result: Result) -> dict[str, Any]:
    """tokens, layer, piece, coordinate; q, k, v, z (A x d_k), contributions (A x H), output."""
    named = ("q", "k", "v", "z", "contributions", "output_bias", "output")
    return {
        "tokens": list(result.encoded.tokens),
        "layer": result.layer,
        "piece": result.piece,
        "coordinate": result.coordinate,
        **{name: getattr(result, name).tolist() for name in named},
    }
