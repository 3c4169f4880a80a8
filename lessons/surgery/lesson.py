"""Operating on BERT: the same text through the whole model and through one with heads off."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.contract import Encoded, Surgery, Trace
from core.engine.protocol import Engine
from lessons.mlm.head import logits_of
from lessons.proof import Check, Proof, check
from lessons.surgery import reading
from lessons.surgery.board import Heads, heads_of
from lessons.surgery.by_hand import ByHand
from lessons.surgery.reading import Patient
from lessons.text import Preset


@dataclass(frozen=True)
class Request:
    """off : heads as `board.code_of` writes them; blank : which [MASK] is watched, from 0;
    word : whose probability is followed, "" for the whole model's best"""

    text: str
    text_b: str = ""
    model: str = "embedded"
    off: str = ""
    blank: int = 0
    word: str = ""
    top_k: int = 5

    @property
    def patient(self) -> Patient:
        return Patient(self.text, self.text_b, self.model, self.blank)


@dataclass(frozen=True)
class Words:
    """The blank's words: the best before, then those that are among the best only after.

    watched : index of the followed word, which comes last where it is not among the best
    """

    place: int
    tokens: tuple[str, ...]
    ids: tuple[int, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]
    watched: int

    def top(self, when: str) -> str:
        """The best word "before" or "after"."""
        shares = getattr(self, when)
        return self.tokens[shares.index(max(shares))]


@dataclass(frozen=True)
class Result:
    """Before and after.

    off : the heads that were off; words : None without a blank
    next_before, next_after : P(IsNext), None for one sentence
    moved : float32[L, A], the share of each head's attention that went elsewhere, mean over
        its rows (total variation); 0 up to the first operated layer, whose own input is the same
    """

    encoded: Encoded
    off: Heads
    words: Words | None
    next_before: float | None
    next_after: float | None
    moved: np.ndarray
    proof: Proof


def run(engine: Engine, request: Request) -> Result:
    """Two passes, one with the heads' z set to zero before W^O; the second again by hand.

    Raises `BadInput` for a code that names no head, `OutOfRange`, `WordNotOnePiece`, and the
    errors of `Engine.trace`.

    Source: Michel et al. 2019, section 2.3 (the mask on each head's output).
    """
    info = engine.info(request.model)
    off = heads_of(request.off, info.layers, info.heads)
    at = reading.place_of(engine, request.patient)
    before = reading.traced(engine, request.patient, Surgery(), at)
    after = reading.traced(engine, request.patient, Surgery(heads_off=off), at)
    words = None if at is None else _words(engine, request, at, before, after)
    return Result(
        before.encoded, off, words, reading.is_next(before), reading.is_next(after),
        _moved(before, after), Proof(_checks(engine, request, after, off, words)),
    )


def _words(engine: Engine, request: Request, at: int, before: Trace, after: Trace) -> Words:
    old, new = reading.probabilities(before), reading.probabilities(after)  # (V,)
    watched = reading.watched_word(engine, request.model, request.word, old)
    best = (*reading.best(old, request.top_k), *reading.best(new, request.top_k), watched)
    ids = tuple(dict.fromkeys(best))
    chosen = list(ids)
    return Words(
        at, reading.names_of(engine, request.model, ids), ids,
        tuple(old[chosen].tolist()), tuple(new[chosen].tolist()), ids.index(watched),
    )


def _moved(before: Trace, after: Trace) -> np.ndarray:
    rows = []
    for old, new in zip(before.layers, after.layers, strict=True):
        assert old.weights is not None and new.weights is not None
        elsewhere = np.abs(new.weights[0] - old.weights[0]).sum(-1) / 2  # (A, n)
        rows.append(elsewhere.mean(-1))
    moved = np.stack(rows)  # (L, A)
    moved.flags.writeable = False
    return moved


def _checks(
    engine: Engine, request: Request, after: Trace, off: Heads, words: Words | None
) -> tuple[Check, ...]:
    """The first operated layer, the words' logits and P(IsNext), each from what feeds it."""
    hand = ByHand(engine, request.model, Surgery(heads_off=off))
    index = off[0][0] if off else 0
    states = [after.embeddings.normalized[0]] if after.embeddings else []
    states += [layer.after_ffn[0] for layer in after.layers if layer.after_ffn is not None]
    checks = [check(f"layer {index}, {len(off)} heads off", "z = 0 where a head is off",
                    hand.layer(index, states[index].astype(np.float64)), states[index + 1])]
    if words is not None and after.mlm_logits is not None:
        ids = np.array(words.ids)
        logits = logits_of(engine, request.model, states[-1][words.place], ids)
        checks.append(check("logits after", "LayerNorm(GELU(h W^T + b)) E^T + c", logits,
                            after.mlm_logits[0, 0, ids]))
    if after.nsp_logits is not None:
        by_hand = hand.next_sentence(hand.pooled(states[-1][0].astype(np.float64)))
        checks.append(check("NSP logits after", "W_nsp tanh(W_p x + b_p) + b", by_hand,
                            after.nsp_logits[0]))
    return tuple(checks)


def default_request(preset: Preset, model: str) -> Request:
    return Request(preset.text, preset.text_b, model, preset.controls.get("off", ""),
                   word=preset.controls.get("word", ""))


def to_json(result: Result) -> dict[str, Any]:
    """tokens, off, words: [{token, before, after}], is_next: {before, after}, moved (L x A)."""
    words = result.words
    return {
        "tokens": list(result.encoded.tokens),
        "off": [list(pair) for pair in result.off],
        "words": [] if words is None else [
            {"token": token, "before": before, "after": after}
            for token, before, after in zip(words.tokens, words.before, words.after, strict=True)
        ],
        "is_next": {"before": result.next_before, "after": result.next_after},
        "moved": result.moved.tolist(),
    }
