"""Input embeddings: token + segment + position, then LayerNorm. Needs no torch."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.contract import Encoded, TraceRequest
from core.engine.protocol import Engine
from core.errors import Busy
from core.trace.recompute import LAYER_NORM_EPS, layer_norm
from lessons.proof import Check, Proof, check
from lessons.text import Preset

TABLES = "bert.embeddings."
PARTS = ("token", "segment", "position", "sum", "normalized")


@dataclass(frozen=True)
class Request:
    text: str
    text_b: str = ""
    model: str = "embedded"


@dataclass(frozen=True)
class Result:
    """The input layer of one text or pair.

    token, segment, position, sum, normalized : float32[n, H]
    mean, variance : float64[n], of each row of `sum`; gamma, beta : float32[H], learned
    norms : float32[3, n], the lengths of the token, segment and position rows
    proof : the shown numbers once more, a piece at a time in float64
    """

    encoded: Encoded
    token: np.ndarray
    segment: np.ndarray
    position: np.ndarray
    sum: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    gamma: np.ndarray
    beta: np.ndarray
    normalized: np.ndarray
    norms: np.ndarray
    proof: Proof


def run(engine: Engine, request: Request) -> Result:
    """Look up three rows for each piece, add them, normalize.

    x_i = E_token[w_i] + E_segment[s_i] + E_position[i];  y_i = LayerNorm(x_i)

    Raises `EmptyText`, `TextTooLong`, `UnknownModel`, `ModelUnavailable`.
    Source: Devlin et al. 2019, figure 2; Ba, Kiros and Hinton 2016.
    """
    encoded = engine.tokenize(request.model, request.text, request.text_b or None)

    def table(name: str) -> np.ndarray:
        return engine.parameter(request.model, f"{TABLES}{name}")

    token = table("word_embeddings.weight")[list(encoded.ids)]  # (n, H)
    segment = table("token_type_embeddings.weight")[list(encoded.segments)]  # (n, H)
    position = table("position_embeddings.weight")[: len(encoded)].copy()  # (n, H)
    gamma, beta = table("LayerNorm.weight"), table("LayerNorm.bias")  # (H,)
    total = token + segment + position  # (n, H)
    wide = total.astype(np.float64)
    result = Result(
        encoded, token, segment, position, total, wide.mean(axis=1), wide.var(axis=1),
        gamma, beta, layer_norm(total, gamma, beta),
        np.linalg.norm([token, segment, position], axis=2), Proof(()),
    )
    return replace(result, proof=Proof(_by_hand(result)))


def _by_hand(result: Result) -> tuple[Check, ...]:
    """Every piece for itself with the textbook's sums, in float64."""
    sums, rows = [], []
    for piece in range(len(result.encoded)):
        parts = (result.token[piece], result.segment[piece], result.position[piece])
        x = np.sum(np.asarray(parts, np.float64), axis=0)  # (H,)
        mu = x.sum() / x.size
        variance = ((x - mu) ** 2).sum() / x.size
        sums.append(x)
        rows.append((x - mu) / np.sqrt(variance + LAYER_NORM_EPS) * result.gamma + result.beta)
    return (
        check("sum", "token + segment + position", np.array(sums), result.sum),
        check("normalized", "(x - mu) / sqrt(var + eps) * gamma + beta", np.array(rows),
              result.normalized),
    )


def against_model(engine: Engine, request: Request) -> Proof:
    """Every shown part beside what the model's own forward pass has there. Raises `Busy`."""
    result = run(engine, request)
    traced = engine.trace(
        TraceRequest(
            request.text, request.text_b or None, request.model, frozenset({"embeddings"})
        )
    ).embeddings
    assert traced is not None
    formulas = ("E_token[w]", "E_segment[s]", "E_position[i]", "token + segment + position",
                "(x - mu) / sqrt(var + eps) * gamma + beta")
    return Proof(
        tuple(
            check(part, formula, getattr(result, part), getattr(traced, part)[0])
            for part, formula in zip(PARTS, formulas, strict=True)
        )
    )


def proof(engine: Engine, request: Request, result: Result) -> Proof:
    """What can be compared now: with the model's own pass too, once it is loaded."""
    if not engine.ready(request.model):
        return result.proof
    try:
        return Proof(result.proof.checks + against_model(engine, request).checks)
    except Busy:
        return result.proof


def colour_extent(rows: np.ndarray) -> float:
    """Where the colour scale ends: the 99th percentile, so that one outlier does not bleach all."""
    return float(np.quantile(np.abs(rows), 0.99)) or 1.0


def own_piece(encoded: Encoded) -> int:
    """The piece to begin with: the second of the text's own, or what there is."""
    own = [i for i, word in enumerate(encoded.word_index) if word is not None]
    return own[min(1, len(own) - 1)] if own else 0


def default_request(preset: Preset, model: str) -> Request:
    return Request(preset.text, preset.text_b, model)


def to_json(result: Result) -> dict[str, Any]:
    """tokens, token, segment, position, sum, normalized (n x H each), and LayerNorm's factors."""
    return {
        "tokens": list(result.encoded.tokens),
        "ids": list(result.encoded.ids),
        "segments": list(result.encoded.segments),
        **{part: getattr(result, part).tolist() for part in PARTS},
        "mean": result.mean.tolist(),
        "variance": result.variance.tolist(),
        "gamma": result.gamma.tolist(),
        "beta": result.beta.tolist(),
    }
