"""Next sentence: from the last [CLS] vector to two logits and one probability."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.contract import Encoded, TraceRequest
from core.engine.answers import check_next_sentence
from core.engine.protocol import Engine
from core.limits import check_text
from core.trace.recompute import linear, softmax
from lessons.proof import Check, Proof, check
from lessons.text import Preset

IS_NEXT, NOT_NEXT = 0, 1  # the rows of W_nsp, as in BERT's published heads
POOLER = "bert.pooler.dense."
HEAD = "cls.seq_relationship."


@dataclass(frozen=True)
class Request:
    text: str
    text_b: str
    model: str = "embedded"


@dataclass(frozen=True)
class Result:
    """The path of one pair, float64 where it was computed here.

    hidden : float32[H], x_[CLS] of the last layer
    pooled : float32[H], C = tanh(W_p x_[CLS] + b_p)
    terms : float64[2, H], w_j C_j for IsNext and NotNext; bias : float64[2]
    logits : float64[2], what the model said; is_next : P(IsNext)
    """

    encoded: Encoded
    hidden: np.ndarray
    pooled: np.ndarray
    terms: np.ndarray
    bias: np.ndarray
    logits: np.ndarray
    is_next: float
    proof: Proof


def run(engine: Engine, request: Request) -> Result:
    """One forward pass of the pair, then the NSP head again by hand.

    C = tanh(W_p x_[CLS] + b_p);  logits = W_nsp C + b;  P = softmax(logits)

    Raises `MissingHead`, `EmptyText` for either side, and the errors of `Engine.trace`.

    Source: Devlin et al. 2019, section 3.1, task 2; the pooler is in the published code.
    """
    info = engine.info(request.model)
    check_next_sentence(info)
    check_text(request.text)
    check_text(request.text_b)
    last = info.layers - 1
    trace = engine.trace(
        TraceRequest(
            request.text, request.text_b, request.model, frozenset({"nsp", "after_ffn"}), (last,)
        )
    )
    states = trace.layer(last).after_ffn
    assert states is not None and trace.pooled is not None and trace.nsp_logits is not None
    hidden, pooled, logits = states[0, 0], trace.pooled[0], trace.nsp_logits[0]  # (H,) (H,) (2,)
    weight = _exact(engine, request.model, HEAD + "weight")  # (2, H)
    bias = _exact(engine, request.model, HEAD + "bias")  # (2,)
    terms = weight * pooled  # (2, H)
    wide = logits.astype(np.float64)
    is_next = float(softmax(wide)[IS_NEXT])
    proof = Proof(_checks(engine, request.model, hidden, pooled, terms, bias, wide, is_next))
    return Result(trace.encoded, hidden, pooled, terms, bias, wide, is_next, proof)


def _exact(engine: Engine, model: str, name: str) -> np.ndarray:
    return engine.parameter(model, name).astype(np.float64)


def _checks(
    engine: Engine, model: str, hidden: np.ndarray, pooled: np.ndarray, terms: np.ndarray,
    bias: np.ndarray, logits: np.ndarray, is_next: float,
) -> tuple[Check, ...]:
    """Each step from the step before it; the probability from the difference of the logits."""
    by_hand = np.tanh(
        linear(
            hidden.astype(np.float64),
            _exact(engine, model, POOLER + "weight"), _exact(engine, model, POOLER + "bias"),
        )
    )
    odds = np.exp(logits[NOT_NEXT] - logits[IS_NEXT])
    return (
        check("pooled", "tanh(W_p x + b_p)", by_hand, pooled),
        check("logits", "sum_j w_j C_j + b", terms.sum(axis=1) + bias, logits),
        check("P(IsNext)", "1 / (1 + exp(z_1 - z_0))", 1 / (1 + odds), np.array(is_next)),
    )


def largest(terms: np.ndarray, count: int) -> np.ndarray:
    """int[count]: the dimensions whose contribution is largest in size, largest first."""
    return np.argsort(-np.abs(terms), kind="stable")[:count]


def points_between(first: Result, second: Result) -> float:
    """How far P(IsNext) moves from the first pair to the second, in percentage points."""
    return 100 * (second.is_next - first.is_next)


def default_request(preset: Preset, model: str) -> Request:
    return Request(preset.text, preset.text_b, model)


def to_json(result: Result) -> dict[str, Any]:
    """is_next, logits [IsNext, NotNext]; tokens and the pooled vector besides."""
    return {
        "is_next": result.is_next,
        "logits": result.logits.tolist(),
        "tokens": list(result.encoded.tokens),
        "segments": list(result.encoded.segments),
        "pooled": result.pooled.tolist(),
    }
