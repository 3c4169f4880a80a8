"""Masked language model: which words the model puts in the place of each [MASK], and why."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.contract import MaskFill, MaskPrediction, TraceRequest
from core.engine.protocol import Engine
from lessons.mlm.head import log_sum_exp, logits_of, vocabulary_logits
from lessons.proof import Check, Proof, check
from lessons.text import Preset


@dataclass(frozen=True)
class Request:
    text: str
    model: str = "embedded"
    top_k: int = 8


@dataclass(frozen=True)
class Result:
    """Predictions for every [MASK].

    log_sum_exp : for each mask log sum_w exp(logit_w), the denominator of its softmax
    """

    fill: MaskFill
    log_sum_exp: tuple[float, ...]
    proof: Proof


def run(engine: Engine, request: Request) -> Result:
    """Fill the masks; recompute the shown logits and probabilities from the last hidden state.

    Raises `NoMask`, `MissingHead`, `OutOfRange` for top_k, and the errors of `Engine.trace`.

    Source: Devlin et al. 2019, section 3.1, task 1.
    """
    fill = engine.mask_fill(request.text, top_k=request.top_k, model=request.model)
    last = engine.info(request.model).layers - 1
    trace = engine.trace(
        TraceRequest(request.text, None, request.model, frozenset({"after_ffn"}), (last,))
    )
    hidden = trace.layer(last).after_ffn
    assert hidden is not None
    denominators = []
    checks: list[Check] = []
    for mask in fill.masks:
        state = hidden[0, mask.position]  # (H,)
        logits = logits_of(engine, request.model, state, np.array(mask.ids))  # (k,)
        everything = vocabulary_logits(engine, request.model, state)  # (V,)
        denominators.append(float(log_sum_exp(everything)))
        checks += _checks(mask, logits, denominators[-1])
    return Result(fill, tuple(denominators), Proof(tuple(checks)))


def _checks(mask: MaskPrediction, logits: np.ndarray, denominator: float) -> tuple[Check, Check]:
    return (
        check(f"logits at {mask.position}", "LayerNorm(GELU(h W^T + b)) E^T + c",
              logits, np.array(mask.logits)),
        check(f"p at {mask.position}", "exp(logit) / sum over V of exp(logit)",
              np.exp(logits - denominator), np.array(mask.probabilities)),
    )


@dataclass(frozen=True)
class Softmax:
    """One mask's softmax with its largest logit taken out: exp(z - top), their sum over V."""

    top: float
    exponentials: tuple[float, ...]
    total: float


def softmax_of(result: Result, n: int) -> Softmax:
    """The terms of the shown words of mask number n, and the sum of all V terms."""
    logits = np.array(result.fill.masks[n].logits)
    top = float(logits[0])
    return Softmax(top, tuple(np.exp(logits - top).tolist()),
                   float(np.exp(result.log_sum_exp[n] - top)))


def default_request(preset: Preset, model: str) -> Request:
    return Request(preset.text, model)


def to_json(result: Result) -> dict[str, Any]:
    """masks: [{position, predictions: [{token, p}]}]."""
    return {
        "tokens": list(result.fill.encoded.tokens),
        "masks": [
            {
                "position": mask.position,
                "predictions": [
                    {"token": token, "id": i, "p": p, "logit": logit}
                    for token, i, p, logit in zip(
                        mask.tokens, mask.ids, mask.probabilities, mask.logits, strict=True
                    )
                ],
            }
            for mask in result.fill.masks
        ],
    }
