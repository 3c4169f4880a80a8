"""The same blank answered three ways: by ELMo's two halves, by a GPT-style model, by BERT."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.engine.protocol import Engine
from core.errors import ModelUnavailable
from core.models.files import folder_of
from core.models.registry import EMBEDDED
from core.trace.recompute import linear, mlm_logits
from core.vectors import elmo, gpt
from core.vectors.words import split
from core.wordpiece.encoder import tokenizer
from lessons.mlm import lesson as mlm
from lessons.mlm.head import log_sum_exp
from lessons.proof import Check, Proof, check
from lessons.text import Preset
from lessons.three_ways.blank import Blank, blank_of

WAYS = ("elmo_forward", "elmo_backward", "gpt", "bert")
_ROWS = 4096  # of the vocabulary at a time, so that no second table is held in float64


@dataclass(frozen=True)
class Request:
    """word : what the blank hides, "" where nobody knows."""

    text: str
    word: str = ""
    model: str = "embedded"
    top_k: int = 6


@dataclass(frozen=True)
class Answer:
    """One model's words for the blank, best first.

    choices : how many entries the softmax chooses among
    p_word : the probability of the hidden word, None where there is none; rank : its place in
        the list, from 1, None where it is not one entry
    """

    way: str
    words: tuple[str, ...]
    probabilities: tuple[float, ...]
    choices: int
    p_word: float | None = None
    rank: int | None = None


@dataclass(frozen=True)
class Result:
    """answers : in the order of `WAYS`, without those of a model that is `missing`.

    together : ELMo's two directions multiplied, with the word's own frequency taken out once;
        None without ELMo
    """

    blank: Blank
    word: str
    answers: tuple[Answer, ...]
    together: Answer | None
    missing: tuple[str, ...]
    proof: Proof

    def of(self, way: str) -> Answer | None:
        return next((answer for answer in self.answers if answer.way == way), None)

    def best(self) -> str | None:
        """The way that gives the hidden word the highest probability."""
        known = [a for a in self.answers if a.p_word is not None]
        return max(known, key=lambda a: a.p_word or 0.0).way if known else None


def run(engine: Engine, request: Request) -> Result:
    """Fill the only blank of a text from the left, from the right and from both sides.

    Raises `NoMask`, `OneBlank`, `MissingHead`, `OutOfRange` for top_k, and the errors of
    `Engine.trace`. ELMo or GPT may be missing: then their answers are.

    Source: Radford et al. 2018, section 3.1; Peters et al. 2018, section 3.1; Devlin et al.
    2019, section 3.1.
    """
    blank = blank_of(request.text)
    answers: list[Answer] = []
    checks: list[Check] = []
    missing: list[str] = []
    together = None
    try:
        *halves, together = _elmo(blank, request, checks)
        answers += halves
    except ModelUnavailable:
        missing.append("elmo")
    try:
        answers.append(_gpt(blank, request, checks))
    except ModelUnavailable:
        missing.append("gpt")
    answers.append(_bert(engine, request, checks))
    return Result(blank, request.word, tuple(answers), together, tuple(missing),
                  Proof(tuple(checks)))


def _elmo(blank: Blank, request: Request, checks: list[Check]) -> tuple[Answer, Answer, Answer]:
    """P(w | left), P(w | right), and the two together."""
    model = elmo.load()
    left, right = split(blank.left), split(blank.right)
    size = len(model.vocabulary)
    filled = model.fill(left, right, size)  # all of them, for the rank of the hidden word
    word = split(request.word)
    name = word[0] if len(word) == 1 else ""
    forward, backward, both = (
        _answer(way, ranked, request.top_k, name)
        for way, ranked in zip(
            (*WAYS[:2], "elmo_together"), (filled.forward, filled.backward, filled.both),
            strict=True,
        )
    )
    half = model.module.shape.projection
    for answer, words, at, part in (
        (forward, left, -1, slice(half)), (backward, right, 0, slice(half, None))
    ):
        if words:
            state = model.states(words)[2][at, part]  # (projection,)
            checks.append(_check_elmo(model, answer, state))
    return forward, backward, both


def _check_elmo(model: elmo.Elmo, answer: Answer, state: np.ndarray) -> Check:
    weights = model.module.softmax.state_dict()
    logits = linear(state.astype(np.float64), weights["weight"].numpy(), weights["bias"].numpy())
    ids = model.vocabulary.ids(answer.words)
    p = np.exp(logits[ids] - log_sum_exp(logits))
    side = "left" if answer.way == "elmo_forward" else "right"
    return check(f"ELMo, {side}", "softmax(W h + b)", p, np.array(answer.probabilities))


def _gpt(blank: Blank, request: Request, checks: list[Check]) -> Answer:
    """P(w | left): of a word of several pieces the product over its pieces."""
    model = gpt.load()
    size = model.module.shape.vocabulary
    ranked = model.next_pieces(blank.left, size)
    words = model.next_words(blank.left, request.top_k)
    p_word, rank = None, None
    if request.word:
        before, _ = model.log_probabilities(blank.left)
        pieces, logs = model.log_probabilities(blank.left + request.word)
        own = pieces[len(before) :]
        p_word = float(np.exp(logs[len(before) :].astype(np.float64).sum())) if own else None
        if len(own) == 1:
            rank = _place([name for name, _ in ranked], own[0])
    pieces, states = model.states(blank.left)
    if 0 < len(pieces) == len(model.log_probabilities(blank.left)[0]):  # nothing was cut off
        checks.append(_check_gpt(model, words, states[-1, -1]))
    names, probabilities = zip(*words, strict=True)
    return Answer("gpt", names, probabilities, size, p_word, rank)


def _check_gpt(model: gpt.Gpt, words: Sequence[tuple[str, float]], state: np.ndarray) -> Check:
    module = model.module
    transform, norm = (
        (part.weight.detach().numpy(), part.bias.detach().numpy())
        for part in (module.transform, module.transform_norm)
    )
    table, bias = module.table, module.bias.detach().numpy()
    logits = np.concatenate([
        mlm_logits(state.astype(np.float64), transform, norm,
                   table[at : at + _ROWS].float().numpy(), bias[at : at + _ROWS])
        for at in range(0, len(table), _ROWS)
    ])  # (V,)
    pieces = tokenizer(folder_of(EMBEDDED))
    ids = [pieces.token_to_id(name) for name, _ in words]
    p = np.exp(logits[ids] - log_sum_exp(logits))
    return check("GPT", "softmax(LayerNorm(GELU(h W^T + b)) E^T + c)", p,
                 np.array([q for _, q in words]))


def _bert(engine: Engine, request: Request, checks: list[Check]) -> Answer:
    """P(w | everything else); only a word of one piece has such a probability."""
    result = mlm.run(engine, mlm.Request(request.text, request.model, request.top_k))
    checks += result.proof.checks
    mask = result.fill.masks[0]
    size = engine.info(request.model).vocabulary
    p_word, rank = None, None
    own = engine.tokenize(request.model, request.word).ids[1:-1] if request.word else ()
    if len(own) == 1:
        every = engine.mask_fill(request.text, top_k=size, model=request.model).masks[0]
        rank = _place(every.ids, own[0])
        p_word = every.probabilities[rank - 1] if rank else None
    return Answer("bert", mask.tokens, mask.probabilities, size, p_word, rank)


def _answer(way: str, ranked: Sequence[tuple[str, float]], top_k: int, name: str) -> Answer:
    words = [word for word, _ in ranked]
    rank = _place(words, name)
    p_word = ranked[rank - 1][1] if rank else None
    best = ranked[:top_k]
    return Answer(way, tuple(w for w, _ in best), tuple(p for _, p in best), len(ranked), p_word,
                  rank)


def _place(entries: Sequence[object], one: object) -> int | None:
    """Where it stands, from 1; None where it is not listed."""
    return entries.index(one) + 1 if one in entries else None


def default_request(preset: Preset, model: str) -> Request:
    return Request(preset.text, "", model)


def to_json(result: Result) -> dict[str, Any]:
    """answers: [{way, predictions: [{token, p}], p_word, rank}], missing."""
    return {
        "word": result.word,
        "answers": [
            {
                "way": a.way,
                "predictions": [
                    {"token": t, "p": p} for t, p in zip(a.words, a.probabilities, strict=True)
                ],
                "p_word": a.p_word,
                "rank": a.rank,
            }
            for a in result.answers
        ],
        "missing": list(result.missing),
    }
