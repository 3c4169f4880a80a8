"""The judges' numbers again in NumPy, in float64 and from the weights."""

from dataclasses import replace

import numpy as np

from core.contract import Encoded, Surgery
from core.engine.attribution import masked_ids
from core.engine.protocol import Engine
from lessons.judges import looking
from lessons.judges.lesson import Case, Request, Result
from lessons.mlm.head import log_sum_exp, logits_of
from lessons.proof import Check, Proof, check
from lessons.surgery.by_hand import ByHand

STEP = 1e-4  # how much longer and shorter a vector is made for the slope
ROWS = 4096  # of the embedding table at once, in float64
MASK_PIECE = "[MASK]"


def proof(engine: Engine, request: Request, case: Case, result: Result) -> Proof:
    """Attention's row, and the numbers that gradient and leaving out give their favourites."""
    trace = looking.traced(
        engine, engine.info(request.model), request.text, request.text_b,
        request.attention, request.layer, request.head,
    )
    row = looking.read(looking.by_hand(trace), request.attention, request.head, case.place)
    judges = result.judges
    checks = [check("attention", "softmax(q k^T / √d_k)",
                    row[list(result.rated)], judges[0].scores)]
    if result.rated:
        hand = _Hand(engine, request.model, case)
        checks += [_gradient(engine, request, case, result, hand),
                   _leaving(engine, request, case, result, hand)]
    return Proof(tuple(checks))


def _gradient(
    engine: Engine, request: Request, case: Case, result: Result, hand: "_Hand"
) -> Check:
    x = hand.embeddings(case.encoded)  # (n, H)
    if request.gradient == "integrated":
        start = np.zeros_like(x)
        if request.baseline == "masked":
            ids = masked_ids(case.encoded, _mask_id(engine, request.model))
            start = hand.embeddings(replace(case.encoded, ids=ids))
        return check("log P of the baseline", "the whole pass", hand.log_p(start[None]),
                     np.array([result.start]))
    judge = result.judges[1]
    piece = result.rated[judge.favourite]
    both = np.stack([x, x])  # (2, n, H)
    both[0, piece] *= 1 + STEP
    both[1, piece] *= 1 - STEP
    longer, shorter = hand.log_p(both)
    return check(
        f"gradient × input of {case.encoded.tokens[piece]}",
        "(log P(longer) - log P(shorter)) / 2h",
        np.array([(longer - shorter) / (2 * STEP)]), judge.scores[[judge.favourite]],
    )


def _leaving(
    engine: Engine, request: Request, case: Case, result: Result, hand: "_Hand"
) -> Check:
    judge = result.judges[2]
    piece = result.rated[judge.favourite]
    (whole,) = hand.log_p(hand.embeddings(case.encoded)[None])
    mask_id = _mask_id(engine, request.model)
    left, place, allowed = _without(case, piece, request.leaving, mask_id)
    (without,) = hand.log_p(hand.embeddings(left)[None], place, allowed)
    return check(
        f"without {case.encoded.tokens[piece]}", "log P(text) - log P(text without it)",
        np.array([whole - without]), judge.scores[[judge.favourite]],
    )


def _mask_id(engine: Engine, model: str) -> int:
    return engine.tokenize(model, MASK_PIECE).ids[1]


def _without(
    case: Case, piece: int, leaving: str, mask_id: int
) -> tuple[Encoded, int, np.ndarray | None]:
    """The text without a piece, where the prediction then stands, and whom one may look at."""
    encoded, n = case.encoded, len(case.encoded)
    if leaving == "hidden":
        return encoded, case.place, np.arange(n)[None, None] != piece  # (1, 1, n)
    if leaving == "masked":
        ids = (*encoded.ids[:piece], mask_id, *encoded.ids[piece + 1 :])
        return replace(encoded, ids=ids), case.place, None
    kept = [i for i in range(n) if i != piece]
    closed = replace(
        encoded, ids=tuple(encoded.ids[i] for i in kept),
        segments=tuple(encoded.segments[i] for i in kept),
    )
    return closed, case.place - (piece < case.place), None


class _Hand:
    """log P of the case from the embedding layer's output, float64."""

    def __init__(self, engine: Engine, model: str, case: Case) -> None:
        self._engine, self._model, self._case = engine, model, case
        self._layers = engine.info(model).layers
        self._hand = ByHand(engine, model, Surgery())

    def embeddings(self, encoded: Encoded) -> np.ndarray:
        return self._hand.embeddings(encoded)  # (n, H)

    def log_p(
        self, x: np.ndarray, place: int | None = None, allowed: np.ndarray | None = None
    ) -> np.ndarray:
        """float64[m, n, H] -> float64[m]."""
        for index in range(self._layers):
            x = self._hand.layer(index, x, allowed)
        row = x[:, self._case.place if place is None else place]  # (m, H)
        if self._case.word is None:
            logits = self._hand.next_sentence(self._hand.pooled(row))  # (m, 2)
            return logits[:, 0] - log_sum_exp(logits)
        size = self._engine.info(self._model).vocabulary
        parts = [np.arange(at, min(at + ROWS, size)) for at in range(0, size, ROWS)]
        logits = np.concatenate(
            [logits_of(self._engine, self._model, row, ids) for ids in parts], axis=-1
        )  # (m, V)
        return logits[:, self._case.word] - log_sum_exp(logits)
