"""How likely BERT finds a sentence: every word piece hidden in turn, the log-probabilities summed.

    PLL(w) = sum_t log P(w_t | w without w_t)

Source: Salazar, Liang, Nguyen and Kirchhoff 2020, Masked Language Model Scoring, equation 1.
"""

from dataclasses import dataclass

import numpy as np

from core.contract import Encoded, TraceRequest
from core.engine.answers import MASK
from core.engine.protocol import Engine
from core.errors import EmptyText, MissingHead, TooManyPieces
from core.models.files import folder_of
from core.wordpiece.encoder import tokenizer
from lessons.mlm.head import log_sum_exp, vocabulary_logits
from lessons.proof import Check, check

MOST_PIECES = 48  # each is a forward pass of its own
FORMULA = "log softmax(LayerNorm(GELU(h W^T + b)) E^T + c)"


@dataclass(frozen=True)
class Likelihood:
    """A sentence with log P of every piece, each seen from all the others.

    places : of the m pieces that are no [CLS] or [SEP]; log_p : float64[m]
    best : the model's own first word for each place
    """

    encoded: Encoded
    places: tuple[int, ...]
    log_p: np.ndarray
    best: tuple[str, ...]

    @property
    def total(self) -> float:
        return float(self.log_p.sum())

    @property
    def mean(self) -> float:
        """A piece on average: sentences of unlike length are compared by it."""
        return float(self.log_p.mean())

    @property
    def weakest(self) -> int:
        """The place of the least likely piece."""
        return self.places[int(self.log_p.argmin())]

    @property
    def tokens(self) -> tuple[str, ...]:
        return tuple(self.encoded.tokens[place] for place in self.places)


def check_length(engine: Engine, model: str, text: str) -> Encoded:
    """Raises `EmptyText`, `TextTooLong`, `MissingHead`, `TooManyPieces`."""
    info = engine.info(model)
    if not info.has_mlm:
        raise MissingHead(info.label, "masked-LM")
    encoded = engine.tokenize(model, text)
    pieces = len(places_of(encoded))
    if pieces == 0:
        raise EmptyText
    if pieces > MOST_PIECES:
        raise TooManyPieces(pieces, MOST_PIECES)
    return encoded


def places_of(encoded: Encoded) -> tuple[int, ...]:
    """Where the text's own pieces stand."""
    return tuple(i for i, word in enumerate(encoded.word_index) if word is not None)


def hidden(
    engine: Engine, model: str, text: str, ids: tuple[int, ...], place: int
) -> tuple[np.ndarray, np.ndarray]:
    """One pass with [MASK] at `place`: log P of every word there, float64[V], and h, float32[H]."""
    last = engine.info(model).layers - 1
    mask = engine.tokenize(model, MASK).ids[1]
    trace = engine.trace(TraceRequest(
        text, None, model, frozenset({"after_ffn", "mlm"}), (last,),
        input_ids=(*ids[:place], mask, *ids[place + 1 :]), mlm_at=(place,),
    ))
    states = trace.layer(last).after_ffn
    assert trace.mlm_logits is not None and states is not None
    logits = trace.mlm_logits[0, 0].astype(np.float64)  # (V,)
    return logits - log_sum_exp(logits), states[0, place]


def likelihood(
    engine: Engine, model: str, text: str, ids: tuple[int, ...] | None = None
) -> tuple[Likelihood, Check]:
    """One pass a piece; the weakest piece's log P is computed again by hand.

    ids : other pieces in the text's places. Raises the errors of `check_length`.
    """
    encoded = check_length(engine, model, text)
    ids = ids or encoded.ids
    names = tokenizer(folder_of(engine.info(model).id))
    places = places_of(encoded)
    log_p, best = [], []
    weakest = (np.inf, np.zeros(0), 0)
    for place in places:
        log_words, state = hidden(engine, model, text, ids, place)
        log_p.append(float(log_words[ids[place]]))
        best.append(names.id_to_token(int(log_words.argmax())) or "")
        if log_p[-1] < weakest[0]:
            weakest = (log_p[-1], state, ids[place])
    found = Likelihood(encoded, places, np.array(log_p), tuple(best))
    return found, _by_hand(engine, model, weakest)


def _by_hand(engine: Engine, model: str, weakest: tuple[float, np.ndarray, int]) -> Check:
    theirs, state, word = weakest
    logits = vocabulary_logits(engine, model, state)  # (V,)
    return check("log P", FORMULA, np.array(logits[word] - log_sum_exp(logits)), np.array(theirs))
