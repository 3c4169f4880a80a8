"""One encoder layer, entire: every vector between its input and its output."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core import limits
from core.contract import Encoded, TraceRequest
from core.engine.protocol import Engine
from lessons.layer.by_hand import FORMULAS, layer_by_hand, weights_of
from lessons.proof import Proof, check
from lessons.text import Preset

KEEP = frozenset({"qkv", "weights", "context", "attention_output", "after_attention", "ffn",
                  "after_ffn"})
STATIONS = (
    "input", "attention", "add_attention", "norm_attention", "up", "gelu", "down", "add_ffn",
    "norm_ffn",
)
INNER = ("up", "gelu")  # the two stations that are 4H wide


@dataclass(frozen=True)
class Request:
    text: str
    text_b: str = ""
    model: str = "embedded"
    layer: int = 0


@dataclass(frozen=True)
class Result:
    """One layer, opened. n word pieces, H numbers a piece, F = 4H inside the FFN.

    x : float32[n, H], what enters; weights : float32[A, n, n]; context : float32[A, n, d_k]
    attention_output, attention_residual, after_attention : float32[n, H]: a, x + a, y
    ffn_inner, ffn_activation : float32[n, F]: u, GELU(u)
    ffn_output, ffn_residual, after_ffn : float32[n, H]: f, y + f, what leaves
    """

    encoded: Encoded
    layer: int
    x: np.ndarray
    weights: np.ndarray
    context: np.ndarray
    attention_output: np.ndarray
    attention_residual: np.ndarray
    after_attention: np.ndarray
    ffn_inner: np.ndarray
    ffn_activation: np.ndarray
    ffn_output: np.ndarray
    ffn_residual: np.ndarray
    after_ffn: np.ndarray
    proof: Proof

    def at(self, station: str) -> np.ndarray:
        """float32[n, H or F]: all pieces' vectors at one of `STATIONS`."""
        vectors: np.ndarray = getattr(self, _FIELDS[station])
        return vectors


_FIELDS = dict(zip(STATIONS, (
    "x", "attention_output", "attention_residual", "after_attention", "ffn_inner",
    "ffn_activation", "ffn_output", "ffn_residual", "after_ffn",
), strict=True))


@dataclass(frozen=True)
class Station:
    """One piece's vector at one place of the block, float32[H or F], with its size."""

    name: str
    vector: np.ndarray
    norm: float
    mean: float
    variance: float


def run(engine: Engine, request: Request) -> Result:
    """Trace one layer, and compute it a second time from its weights.

    Raises `OutOfRange` for a layer that the model has not, and the errors of `Engine.trace`.
    """
    info = engine.info(request.model)
    limits.check_index("layer", request.layer, info.layers)
    trace = engine.trace(
        TraceRequest(request.text, request.text_b or None, request.model, KEEP, (request.layer,))
    )
    inside = trace.layer(request.layer)
    kept = {name: getattr(inside, name)[0] for name in ("x", "context", *FORMULAS)}
    ours = layer_by_hand(
        kept["x"], weights_of(engine, request.model, request.layer), info.heads,
        trace.allowed[0, 0],
    )
    checks = tuple(check(name, how, ours[name], kept[name]) for name, how in FORMULAS.items())
    return Result(trace.encoded, request.layer, proof=Proof(checks), **kept)


def stations(result: Result, token: int) -> tuple[Station, ...]:
    """What happens to one piece, place by place."""
    return tuple(_station(name, result.at(name)[token]) for name in STATIONS)


def _station(name: str, vector: np.ndarray) -> Station:
    exact = vector.astype(np.float64)
    return Station(name, vector, float(np.linalg.norm(exact)), float(exact.mean()),
                   float(exact.var()))


def default_request(preset: Preset, model: str) -> Request:
    return Request(preset.text, preset.text_b, model, int(preset.controls.get("layer", 0)))


def to_json(result: Result) -> dict[str, Any]:
    """tokens, layer, and every array of `Result` by its name."""
    return {
        "tokens": list(result.encoded.tokens),
        "layer": result.layer,
        **{name: getattr(result, name).tolist() for name in ("x", "context", *FORMULAS)},
    }
