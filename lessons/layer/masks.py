"""The same layer under BERT's mask and under GPT's: the learner's own weights, both times."""

from dataclasses import dataclass

import numpy as np

from core import limits
from core.contract import AttentionMask, Encoded, TraceRequest
from core.engine.protocol import Engine
from lessons.layer.by_hand import FORMULAS, layer_by_hand, weights_of
from lessons.layer.lesson import Request
from lessons.proof import Check, Proof, check

KEEP = frozenset({"qkv", "weights", "after_ffn"})
BOTH: tuple[AttentionMask, AttentionMask] = ("bidirectional", "causal")


@dataclass(frozen=True)
class Masks:
    """weights : float32[2, A, n, n] and allowed : bool[2, n, n], bidirectional first.

    cosine : float64[n], between what leaves the layer for each piece under the two masks; every
    layer before this one had the same mask
    ahead : float64[A], share of attention that goes to later pieces without the causal mask
    """

    encoded: Encoded
    weights: np.ndarray
    allowed: np.ndarray
    cosine: np.ndarray
    ahead: np.ndarray
    proof: Proof


def run(engine: Engine, request: Request) -> Masks:
    """Trace the layer twice. Raises `OutOfRange` and the errors of `Engine.trace`."""
    info = engine.info(request.model)
    limits.check_index("layer", request.layer, info.layers)
    w = weights_of(engine, request.model, request.layer)
    weights, allowed, after, checks = [], [], [], list[Check]()
    for mask in BOTH:
        trace = engine.trace(TraceRequest(
            request.text, request.text_b or None, request.model, KEEP, (request.layer,), mask
        ))
        inside = trace.layer(request.layer)
        assert inside.x is not None and inside.weights is not None
        assert inside.after_ffn is not None
        ours = layer_by_hand(inside.x[0], w, info.heads, trace.allowed[0, 0])
        for name in ("weights", "after_ffn"):
            models = getattr(inside, name)[0]
            checks.append(check(f"{name}, {mask}", FORMULAS[name], ours[name], models))
        weights.append(inside.weights[0])
        allowed.append(trace.allowed[0, 0])
        after.append(inside.after_ffn[0].astype(np.float64))
    lengths = [np.linalg.norm(states, axis=1) for states in after]
    cosine = (after[0] * after[1]).sum(1) / (lengths[0] * lengths[1])
    return Masks(
        trace.encoded, np.stack(weights), np.stack(allowed), cosine,
        _ahead(weights[0]), Proof(tuple(checks)),
    )


def _ahead(weights: np.ndarray) -> np.ndarray:
    """float[A]: the share of each head's attention that goes to later pieces."""
    shares: np.ndarray = np.triu(weights.astype(np.float64), 1).sum((1, 2)) / weights.shape[1]
    return shares
