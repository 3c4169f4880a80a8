"""Input embeddings: token + segment + position, then LayerNorm. Needs no torch."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.contract import Encoded, TraceRequest
from core.engine.protocol import Engine
from core.models.files import folder_of
from core.trace.recompute import layer_norm
from core.wordpiece.encoder import tokenizer
from lessons.proof import Check, Proof, check
from lessons.text import Preset

TABLE = "bert.embeddings."
NEIGHBOURS = 8


@dataclass(frozen=True)
class Request:
    text: str
    text_b: str = ""
    model: str = "embedded"


@dataclass(frozen=True)
class Result:
    """The input layer of one text or pair.

    token, segment, position, sum, normalized : float32[n, H]
    mean, deviation : float32[n], of each row of `sum`; gamma, beta : float32[H]
    """

    encoded: Encoded
    token: np.ndarray
    segment: np.ndarray
    position: np.ndarray
    sum: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray
    gamma: np.ndarray
    beta: np.ndarray
    normalized: np.ndarray
    proof: Proof


def run(engine: Engine, request: Request) -> Result:
    """Look up three rows for each piece, add them, normalize.

    Where the model is already loaded the proof compares with its own forward pass; else with
    a second computation in float64.

    Source: Devlin et al. 2019, figure 2; Ba et al. 2016.
    """
    encoded = engine.tokenize(request.model, request.text, request.text_b or None)
    model = request.model
    ids, segments = np.array(encoded.ids), np.array(encoded.segments)
    token = engine.parameter(model, TABLE + "word_embeddings.weight")[ids]  # (n, H)
    segment = engine.parameter(model, TABLE + "token_type_embeddings.weight")[segments]  # (n, H)
    position = engine.parameter(model, TABLE + "position_embeddings.weight")[: len(ids)]  # (n, H)
    gamma = engine.parameter(model, TABLE + "LayerNorm.weight")
    beta = engine.parameter(model, TABLE + "LayerNorm.bias")
    total = token + segment + position  # (n, H)
    normalized = layer_norm(total, gamma, beta)  # (n, H)
    result = Result(
        encoded, token, segment, position.copy(), total, total.mean(-1), total.std(-1),
        gamma, beta, normalized, Proof(()),
    )
    checks = _checks(engine, request, result)
    return Result(**{**vars(result), "proof": Proof(checks)})


def _checks(engine: Engine, request: Request, result: Result) -> tuple[Check, ...]:
    formula = "LayerNorm(token + segment + position)"
    if engine.ready(request.model):
        keep = frozenset({"embeddings"})
        trace = engine.trace(
            TraceRequest(request.text, request.text_b or None, request.model, keep)
        )
        assert trace.embeddings is not None
        return (
            check("sum", "token + segment + position", result.sum, trace.embeddings.sum[0]),
            check("normalized", formula, result.normalized, trace.embeddings.normalized[0]),
        )
    exact = layer_norm(
        result.sum.astype(np.float64), result.gamma.astype(np.float64), result.beta
    )
    return (check("normalized (float64)", formula, result.normalized, exact),)


def sinusoidal_positions(count: int, hidden: int) -> np.ndarray:
    """The fixed position vectors of the first Transformer, float64[count, hidden].

    PE(pos, 2i) = sin(pos / 10000^(2i/H)), PE(pos, 2i+1) = cos(the same).

    Source: Vaswani et al. 2017, section 3.5.
    """
    places = np.arange(count)[:, None]  # (count, 1)
    rates = np.exp(-math.log(10_000.0) * np.arange(0, hidden, 2) / hidden)  # (H/2,)
    table = np.zeros((count, hidden))
    table[:, 0::2] = np.sin(places * rates)
    table[:, 1::2] = np.cos(places * rates[: hidden // 2])
    return table


def cosine_similarity(rows: np.ndarray) -> np.ndarray:
    """Cosine of every pair of rows, float[n, n]."""
    unit = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)
    return unit @ unit.T


def colour_extent(rows: np.ndarray) -> float:
    """Where the colour scale ends: the 99th percentile, so that one outlier does not bleach all."""
    return float(np.quantile(np.abs(rows), 0.99)) or 1.0


def learned_positions(engine: Engine, model: str, count: int) -> np.ndarray:
    """The first `count` rows of the model's own position table, float32[count, H]."""
    return engine.parameter(model, TABLE + "position_embeddings.weight")[:count]


def nearest_pieces(engine: Engine, model: str, piece_id: int) -> tuple[tuple[str, float], ...]:
    """The pieces whose token embeddings have the largest cosine with one piece's."""
    table = engine.parameter(model, TABLE + "word_embeddings.weight")  # (V, H)
    norms = np.linalg.norm(table, axis=-1)
    similar = table @ table[piece_id] / np.maximum(norms * norms[piece_id], 1e-12)  # (V,)
    best = np.argsort(-similar)[: NEIGHBOURS + 1]
    names = tokenizer(folder_of(engine.info(model).id))
    return tuple(
        (names.id_to_token(int(i)), float(similar[i])) for i in best if int(i) != piece_id
    )[:NEIGHBOURS]


def default_request(preset: Preset, model: str) -> Request:
    return Request(preset.text, preset.text_b, model)


def to_json(result: Result) -> dict[str, Any]:
    """tokens, token, segment, position, sum, normalized (n x H each)."""
    named = ("token", "segment", "position", "sum", "normalized")
    return {
        "tokens": list(result.encoded.tokens),
        "ids": list(result.encoded.ids),
        "segments": list(result.encoded.segments),
        **{name: getattr(result, name).tolist() for name in named},
    }
