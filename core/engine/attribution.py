"""An attribution in small pieces of work, so that other requests get in between."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import isqrt
from typing import Any

import numpy as np

from core.contract import (
    Attribution,
    AttributionRequest,
    Encoded,
    ModelInfo,
    Trace,
    TraceRequest,
)
from core.engine.ablation import MOST_WORK, PIECES_AT_ONCE, check_target, passes
from core.engine.alone import Alone, Tell, told
from core.errors import OutOfRange, TooManyPieces

BACKWARD = 3  # a gradient costs about three passes
MOST_STEPS = 256

Trial = Callable[[TraceRequest], Trace]


def work(info: ModelInfo, pieces: int, request: AttributionRequest) -> int:
    """Multiply-adds of an attribution, attention products and heads left out."""
    each_piece = {"gradient": BACKWARD, "integrated": BACKWARD * request.steps}
    each = info.layers * (4 * info.hidden**2 + 2 * info.hidden * info.inner)
    return each_piece.get(request.method, pieces) * pieces * each


def check(info: ModelInfo, encoded: Encoded, request: AttributionRequest) -> None:
    """Raises `MissingHead`, `OutOfRange`, `TooManyPieces`."""
    check_target(info, encoded, request.position, request.word)
    if not 1 <= request.steps <= MOST_STEPS:
        raise OutOfRange("steps", request.steps, 1, MOST_STEPS)
    n = len(encoded)
    if work(info, n, request) > MOST_WORK:
        by_gradient = request.method in ("gradient", "integrated")
        affordable = MOST_WORK // work(info, 1, request)
        raise TooManyPieces(n, affordable if by_gradient else isqrt(affordable))


def attribute(
    info: ModelInfo, encoded: Encoded, request: AttributionRequest, mask_id: int,
    trace: Trial, alone: Alone, tell: Tell | None = None,
) -> Attribution:
    """The request answered in pieces of work. Raises `Cancelled`, and what `alone` raises."""
    alone = told(alone, passes(info, work(info, len(encoded), request)), tell)
    if request.method in ("gradient", "integrated"):
        return _by_gradient(encoded, request, mask_id, trace, alone)
    return _by_leaving_out(encoded, request, mask_id, alone)


def _target(request: AttributionRequest) -> Any:
    from core.trace.sweep import Target

    return Target(request.position or 0, request.word)


def masked_ids(encoded: Encoded, mask_id: int) -> tuple[int, ...]:
    """The text with [MASK] in place of every piece but the special ones."""
    pieces = zip(encoded.ids, encoded.word_index, strict=True)
    return tuple(mask_id if word is not None else i for i, word in pieces)


def _embedded(
    request: AttributionRequest, trace: Trial, ids: tuple[int, ...] | None = None
) -> np.ndarray:
    asked = TraceRequest(
        request.text, request.text_b, request.model, frozenset({"embeddings"}), input_ids=ids
    )
    found = trace(asked).embeddings
    assert found is not None
    return found.normalized  # float32[1, n, H]


def _by_gradient(
    encoded: Encoded, request: AttributionRequest, mask_id: int, trace: Trial, alone: Alone
) -> Attribution:
    from core.trace import attribution  # here: Captum is slow to import

    target, x, n = _target(request), _embedded(request, trace), len(encoded)
    log_p = float(_do(alone, n, attribution.log_p_of, target, x))
    if request.method == "gradient":
        scores = _do(alone, BACKWARD * n, attribution.gradient_x_input, target, x)
        return Attribution(encoded, _sealed(scores), log_p)
    start = np.zeros_like(x)
    if request.baseline == "masked":
        start = _embedded(request, trace, masked_ids(encoded, mask_id))
    scores = np.zeros(n)
    at_once = max(1, PIECES_AT_ONCE // (BACKWARD * n))
    for low, high, steps in _stretches(request.steps, at_once):
        first, last = (start + np.float32(share) * (x - start) for share in (low, high))
        scores += _do(
            alone, BACKWARD * n * steps, attribution.integrated_gradients, target, last, first,
            steps,
        )
    return Attribution(
        encoded, _sealed(scores), log_p, float(_do(alone, n, attribution.log_p_of, target, start))
    )


def _do(alone: Alone, cost: int, what: Callable[..., Any], *arguments: Any) -> Any:
    return alone(lambda model, info: what(model, *arguments), cost)


def _stretches(steps: int, at_once: int) -> Iterator[tuple[float, float, int]]:
    """The path from 0 to 1 in parts, each with its ends and its number of points."""
    for first in range(0, steps, at_once):
        last = min(first + at_once, steps)
        yield first / steps, last / steps, last - first


def _by_leaving_out(
    encoded: Encoded, request: AttributionRequest, mask_id: int, alone: Alone
) -> Attribution:
    from core.trace.leave_out import log_probabilities

    target, n = _target(request), len(encoded)
    ids, segments = np.array(encoded.ids), np.array(encoded.segments)
    (log_p,) = _do(alone, n, log_probabilities, target, ids[None], segments[None])
    scores = np.zeros(n, dtype=np.float32)
    at_once = max(1, PIECES_AT_ONCE // n)
    for side in (range(target.row), range(target.row + 1, n)):
        closes_up = request.method == "deleted" and side.stop == target.row
        read = replace(target, row=target.row - closes_up)
        for first in range(0, len(side), at_once):
            out = np.array(side[first : first + at_once])
            texts = _left_out(request.method, ids, segments, out, mask_id)
            scores[out] = log_p - _do(alone, n * len(out), log_probabilities, read, *texts)
    return Attribution(encoded, _sealed(scores), float(log_p))


def _left_out(
    method: str, ids: np.ndarray, segments: np.ndarray, out: np.ndarray, mask_id: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """The texts without piece out[b] each: ids and segments int64[B, n or n - 1], whom to hide."""
    rows, parts = np.tile(ids, (len(out), 1)), np.tile(segments, (len(out), 1))
    if method == "hidden":
        return rows, parts, out
    if method == "masked":
        rows[np.arange(len(out)), out] = mask_id
        return rows, parts, None
    kept = np.arange(len(ids))[None] != out[:, None]  # (B, n)
    closed = (len(out), len(ids) - 1)
    return rows[kept].reshape(closed), parts[kept].reshape(closed), None


def _sealed(scores: np.ndarray) -> np.ndarray:
    scores = scores.astype(np.float32)
    scores.flags.writeable = False
    return scores
