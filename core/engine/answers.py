"""From a trace to the engine's shorter answers: mask filling and next sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.contract import Encoded, MaskFill, MaskPrediction, ModelInfo, NextSentence, Trace
from core.errors import MissingHead, NoMask, OutOfRange
from core.limits import check_index
from core.trace.recompute import softmax
from core.wordpiece.encoder import tokenizer

MASK = "[MASK]"


def mask_positions(encoded: Encoded) -> tuple[int, ...]:
    """Where the [MASK] pieces stand."""
    return tuple(i for i, token in enumerate(encoded.tokens) if token == MASK)


def reordered(encoded: Encoded, order: Sequence[int]) -> Encoded:
    """The pieces with piece order[i] at place i; the segments belong to the places."""
    return replace(
        encoded,
        tokens=tuple(encoded.tokens[piece] for piece in order),
        ids=tuple(encoded.ids[piece] for piece in order),
        word_index=tuple(encoded.word_index[piece] for piece in order),
        spans=tuple(encoded.spans[piece] for piece in order),
    )


def check_mask_fill(info: ModelInfo, encoded: Encoded, top_k: int) -> None:
    """Raises `MissingHead`, `NoMask`, `OutOfRange`."""
    if not info.has_mlm:
        raise MissingHead(info.label, "masked-LM")
    if not mask_positions(encoded):
        raise NoMask
    if not 1 <= top_k <= info.vocabulary:
        raise OutOfRange("top_k", top_k, 1, info.vocabulary)


def check_next_sentence(info: ModelInfo) -> None:
    """Raises `MissingHead`."""
    if not info.has_nsp:
        raise MissingHead(info.label, "next-sentence")


def mask_fill(trace: Trace, top_k: int, folder: Path) -> MaskFill:
    """The top words of every [MASK] from a trace with MLM logits."""
    assert trace.mlm_logits is not None
    words = tokenizer(folder)
    masks = []
    for position in mask_positions(trace.encoded):
        logits = trace.mlm_logits[0, position].astype(np.float64)  # (V,)
        probabilities = softmax(logits)
        best = np.argsort(-logits, kind="stable")[:top_k]
        masks.append(
            MaskPrediction(
                position,
                tuple(words.id_to_token(int(i)) for i in best),
                tuple(int(i) for i in best),
                tuple(float(probabilities[i]) for i in best),
                tuple(float(logits[i]) for i in best),
            )
        )
    return MaskFill(trace.encoded, tuple(masks))


def next_sentence(trace: Trace) -> NextSentence:
    """P(IsNext) from a trace with NSP logits."""
    assert trace.nsp_logits is not None
    logits = trace.nsp_logits[0].astype(np.float64)  # (2,)
    is_next = float(softmax(logits)[0])
    return NextSentence(trace.encoded, is_next, (float(logits[0]), float(logits[1])))


def hidden_index(info: ModelInfo, layer: int) -> int:
    """The place of a layer among the L + 1 hidden states, counted from the end where negative.

    Raises `OutOfRange`.
    """
    count = info.layers + 1
    return check_index("layer", layer + count if layer < 0 else layer, count)


def groups_by_length(
    order: Sequence[int], encoded: Sequence[Encoded], batch_pieces: int, most: int
) -> Iterator[list[int]]:
    """Neighbours in `order`, at most `most` and `batch_pieces` a batch, padding counted."""
    group: list[int] = []
    for i in order:
        full = len(group) == most or (len(group) + 1) * len(encoded[i]) > batch_pieces
        if group and full:
            yield group
            group = []
        group.append(i)
    if group:
        yield group
