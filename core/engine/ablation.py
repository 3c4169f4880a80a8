"""An ablation in small pieces of work, so that other requests get in between."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from core.contract import Ablation, AblationRequest, Encoded, ModelInfo, Trace, TraceRequest
from core.engine.alone import Alone, Tell, told
from core.errors import MissingHead, TooManyPieces
from core.limits import check_index

PIECES_AT_ONCE = 512  # in one piece of work: others wait this long at most
MOST_WORK = 10**12  # multiply-adds of a whole ablation: half a minute of one core


def work(info: ModelInfo, pieces: int, unit: str = "heads") -> int:
    """Multiply-adds of an ablation, the attention products left out.

    A part of layer l costs the L - l layers from there on, each 4 H^2 + 2 H F a piece.
    """
    parts = info.heads if unit == "heads" else 1
    return parts * info.layers * (info.layers + 1) // 2 * pieces * _layer(info)


def passes(info: ModelInfo, work: int) -> int:
    """As many multiply-adds in word pieces that pass through all layers, at least one."""
    return max(1, work // (info.layers * _layer(info)))


def _layer(info: ModelInfo) -> int:
    """Multiply-adds of one piece in one layer."""
    return 4 * info.hidden**2 + 2 * info.hidden * info.inner


def check(info: ModelInfo, encoded: Encoded, request: AblationRequest) -> None:
    """Raises `MissingHead`, `OutOfRange`, `TooManyPieces`."""
    check_target(info, encoded, request.position, request.word)
    if work(info, len(encoded), request.unit) > MOST_WORK:
        raise TooManyPieces(len(encoded), MOST_WORK // work(info, 1, request.unit))


def check_target(
    info: ModelInfo, encoded: Encoded, position: int | None, word: int | None
) -> None:
    """A word at a piece, or IsNext. Raises `MissingHead`, `OutOfRange`."""
    if position is None or word is None:
        if not info.has_nsp:
            raise MissingHead(info.label, "next-sentence")
        return
    if not info.has_mlm:
        raise MissingHead(info.label, "masked-LM")
    check_index("position", position, len(encoded))
    check_index("word", word, info.vocabulary)


def inputs(request: AblationRequest) -> TraceRequest:
    """The pass whose hidden states an ablation starts from."""
    keep = frozenset({"embeddings", "after_ffn"})
    return TraceRequest(request.text, request.text_b, request.model, keep)


def ablate(
    info: ModelInfo, request: AblationRequest, trace: Trace, alone: Alone, tell: Tell | None = None
) -> Ablation:
    """Every part off in turn, a piece of work for a layer or some of its heads.

    Raises `Cancelled`, and what `alone` raises.
    """
    from core.trace import sweep

    n = len(trace.encoded)
    alone = told(alone, passes(info, work(info, n, request.unit)), tell)

    def do(what: Callable[..., np.ndarray], cost: int, *arguments: Any) -> np.ndarray:
        return alone(lambda model, info: what(model, target, *arguments), cost)

    assert trace.embeddings is not None
    target = sweep.Target(request.position or 0, request.word)
    states = [trace.embeddings.normalized, *(layer.after_ffn for layer in trace.layers)]
    row = slice(target.row, target.row + 1)
    ((intact_logit, intact),) = do(sweep.read, 1, states[-1][:, row])  # type: ignore[index]
    if request.unit == "layers":
        off = [
            do(sweep.layer_off, _cost(info, n, layer), x, layer)
            for layer, x in enumerate(states[:-1])
        ]
        found = np.concatenate(off)  # (L, 2)
    else:
        found = np.zeros((info.layers, info.heads, 2), dtype=np.float32)
        for layer, heads in _stretches(info, n):
            found[layer, heads] = do(
                sweep.heads_off, _cost(info, n * len(heads), layer), states[layer], layer, heads
            )
    found.flags.writeable = False
    return Ablation(
        trace.encoded, found[..., 1], found[..., 0], float(intact), float(intact_logit)
    )


def _cost(info: ModelInfo, pieces: int, layer: int) -> int:
    """In passes of one piece through all layers, of which those from `layer` on are made."""
    return -(-pieces * (info.layers - layer) // info.layers)


def _stretches(info: ModelInfo, n: int) -> Iterator[tuple[int, range]]:
    """Layers, and as many of their heads as are at most PIECES_AT_ONCE pieces."""
    at_once = max(1, PIECES_AT_ONCE // n)
    for layer in range(info.layers):
        for start in range(0, info.heads, at_once):
            yield layer, range(start, min(start + at_once, info.heads))
