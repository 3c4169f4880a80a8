"""What is read off one pass, whole or operated on: the words at a blank and P(IsNext)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.contract import Surgery, Trace, TraceRequest
from core.engine.answers import mask_positions
from core.engine.protocol import Engine
from core.errors import WordNotOnePiece
from core.limits import check_index
from core.models.files import folder_of
from core.trace.recompute import softmax
from core.wordpiece.encoder import tokenizer

KEEP = frozenset({"embeddings", "weights", "after_ffn", "mlm", "nsp"})


@dataclass(frozen=True)
class Patient:
    """What is operated on: the text or pair, and which of its blanks is watched."""

    text: str
    text_b: str = ""
    model: str = "embedded"
    blank: int = 0


def place_of(engine: Engine, patient: Patient) -> int | None:
    """Where the watched [MASK] stands; None without a blank or without a masked-LM head.

    Raises `OutOfRange` for a blank that the text has not.
    """
    encoded = engine.tokenize(patient.model, patient.text, patient.text_b or None)
    places = mask_positions(encoded)
    if not places or not engine.info(patient.model).has_mlm:
        return None
    return places[check_index("blank", patient.blank, len(places))]


def traced(engine: Engine, patient: Patient, surgery: Surgery, at: int | None) -> Trace:
    """One pass with everything this lesson shows; masked-LM logits at `at` alone."""
    keep = KEEP if at is not None else KEEP - {"mlm"}
    return engine.trace(
        TraceRequest(
            patient.text, patient.text_b or None, patient.model, keep,
            surgery=surgery, mlm_at=None if at is None else (at,),
        )
    )


def probabilities(trace: Trace) -> np.ndarray:
    """Softmax over the vocabulary at the one place that was read, float64[V]."""
    assert trace.mlm_logits is not None
    return softmax(trace.mlm_logits[0, 0].astype(np.float64))


def is_next(trace: Trace) -> float | None:
    """P(IsNext) of a pair; None for one sentence or a model without that head."""
    if trace.nsp_logits is None or 1 not in trace.encoded.segments:
        return None
    return float(softmax(trace.nsp_logits[0].astype(np.float64))[0])


def best(shares: np.ndarray, count: int) -> tuple[int, ...]:
    """Ids of the most probable words, best first."""
    return tuple(int(i) for i in np.argsort(-shares, kind="stable")[:count])


def id_of(engine: Engine, model: str, word: str) -> int | None:
    """The vocabulary id of a word to watch; None for an empty one. Raises `WordNotOnePiece`."""
    if not word.strip():
        return None
    encoded = engine.tokenize(model, word)
    if len(encoded) != 3 or encoded.tokens[1] == "[UNK]":
        raise WordNotOnePiece(word.strip(), len(encoded) - 2)
    return encoded.ids[1]


def watched_word(engine: Engine, model: str, word: str, shares: np.ndarray) -> int:
    """The id of the learner's word, or of the best by `shares` when there is none.

    Raises `WordNotOnePiece`.
    """
    asked = id_of(engine, model, word)
    return best(shares, 1)[0] if asked is None else asked


def names_of(engine: Engine, model: str, ids: Sequence[int]) -> tuple[str, ...]:
    """Vocabulary entries by their ids."""
    words = tokenizer(folder_of(engine.info(model).id))
    return tuple(words.id_to_token(int(i)) or f"[{i}]" for i in ids)
