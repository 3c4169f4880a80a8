"""Three judges: which pieces a prediction rests on, by attention, by gradient, by leaving out."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.contract import AttributionRequest, Encoded
from core.engine import attribution
from core.engine.alone import Tell, part
from core.engine.answers import mask_positions
from core.engine.protocol import Engine
from core.errors import BadInput, NoMask
from lessons.judges import looking
from lessons.judges.agreement import Agreement, between, ranks
from lessons.proof import Proof
from lessons.surgery import reading
from lessons.text import Preset

NAMES = ("attention", "gradient", "leaving")
GRADIENTS = ("gradient", "integrated")
LEAVING = ("masked", "hidden", "deleted")
ORDERS = ("size", "signed")
PIECES = ("words", "all")
LEAST = 3  # pieces to rank
LIGHT_WORK = 5 * 10**10  # multiply-adds up to which the judges are not asked for first


@dataclass(frozen=True)
class Request:
    """What is judged, and how each judge judges.

    watch : "mlm", the word at the first [MASK], or "nsp", IsNext; word : "" for the model's best
    attention : one of `looking.WAYS`, layer and head for "head"
    gradient : one of `GRADIENTS`; baseline, steps : as in `AttributionRequest`
    leaving : one of `LEAVING`; order : by the "size" of a number, or "signed" by what helps most
    pieces : "words", or "all" for [CLS] and [SEP] too
    """

    text: str
    text_b: str = ""
    model: str = "embedded"
    watch: str = "mlm"
    word: str = ""
    attention: str = "last"
    layer: int = 0
    head: int = 0
    gradient: str = "gradient"
    baseline: str = "masked"
    steps: int = 32
    leaving: str = "masked"
    order: str = "size"
    pieces: str = "words"


@dataclass(frozen=True)
class Judge:
    """One judge's numbers on the m judged pieces: scores float64[m], ranks float64[m] from 1."""

    name: str
    scores: np.ndarray
    ranks: np.ndarray

    @property
    def favourite(self) -> int:
        """The piece ranked first, of equals the earlier; counted among the judged."""
        return int(self.ranks.argmin())


@dataclass(frozen=True)
class Result:
    """place : the piece that the prediction is read at; blanks : how many [MASK] the text has
    word : the followed word, "" for IsNext; p : its probability
    rated : which pieces are judged; judges : attention, gradient, leaving out
    start, gap : log P of the baseline and what integrated gradients miss, None for others
    """

    encoded: Encoded
    place: int
    blanks: int
    word: str
    p: float
    rated: tuple[int, ...]
    judges: tuple[Judge, ...]
    agreements: tuple[Agreement, ...]
    start: float | None
    gap: float | None
    proof: Proof

    @property
    def tokens(self) -> tuple[str, ...]:
        """The judged pieces."""
        return tuple(self.encoded.tokens[i] for i in self.rated)

    def without(self, judged: int) -> float:
        """P with that judged piece left out."""
        return float(self.p * np.exp(-self.judges[2].scores[judged]))

    def agreement(self, first: int, second: int) -> Agreement:
        pair = {first, second}
        return next(a for a in self.agreements if {a.first, a.second} == pair)


@dataclass(frozen=True)
class Case:
    """The prediction to be judged: word is None for IsNext, read at [CLS]."""

    encoded: Encoded
    place: int
    word: int | None


def case_of(engine: Engine, request: Request) -> Case:
    """Raises `NoMask`, `BadInput` for IsNext of one sentence, `WordNotOnePiece`."""
    encoded = engine.tokenize(request.model, request.text, request.text_b or None)
    if request.watch == "nsp":
        if 1 not in encoded.segments:
            raise BadInput("P(IsNext) needs a second sentence.")
        return Case(encoded, 0, None)
    masks = mask_positions(encoded)
    if not masks:
        raise NoMask
    word = reading.id_of(engine, request.model, request.word)
    if word is None:
        fill = engine.mask_fill(request.text, request.text_b or None, top_k=1, model=request.model)
        word = fill.masks[0].ids[0]
    return Case(encoded, masks[0], word)


def asked(request: Request, case: Case, method: str) -> AttributionRequest:
    """What a judge asks the engine."""
    return AttributionRequest(
        request.text, request.text_b or None, request.model,
        None if case.word is None else case.place, case.word,
        method, request.baseline, request.steps,
    )


def light(engine: Engine, request: Request) -> bool:
    """True where all three take about a second at most."""
    encoded = engine.tokenize(request.model, request.text, request.text_b or None)
    info = engine.info(request.model)
    work = sum(
        attribution.work(info, len(encoded), AttributionRequest(
            request.text, method=method, steps=request.steps
        ))
        for method in (request.gradient, request.leaving)
    )
    return work <= LIGHT_WORK


def rated(encoded: Encoded, place: int, specials: bool) -> tuple[int, ...]:
    """The pieces to judge: all but the place itself, and [CLS] and [SEP] only when asked."""
    words = enumerate(encoded.word_index)
    return tuple(i for i, word in words if i != place and (specials or word is not None))


def judged(engine: Engine, request: Request, tell: Tell | None = None) -> Result:
    """The three verdicts and their agreement, without the proof.

    tell : as in `Engine.attribute`

    Raises `NoMask`, `BadInput`, `WordNotOnePiece` and the errors of `Engine.attribute`.
    """
    _check(request)
    case, info = case_of(engine, request), engine.info(request.model)
    trace = looking.traced(
        engine, info, request.text, request.text_b, request.attention, request.layer, request.head
    )
    looked = looking.read(looking.models(trace), request.attention, request.head, case.place)
    both = asked(request, case, request.gradient), asked(request, case, request.leaving)
    first, second = (attribution.work(info, len(case.encoded), one) for one in both)
    share = first / (first + second)
    pulled = engine.attribute(both[0], tell=part(tell, 0.0, share))
    missed = engine.attribute(both[1], tell=part(tell, share, 1.0))
    pieces = rated(case.encoded, case.place, request.pieces == "all")
    numbers = [
        np.asarray(scores, np.float64)[list(pieces)]
        for scores in (looked, pulled.scores, missed.scores)
    ]
    keys = tuple(np.abs(n) if request.order == "size" else n for n in numbers)
    judges = tuple(
        Judge(name, scores, ranks(key))
        for name, scores, key in zip(NAMES, numbers, keys, strict=True)
    )
    word = "" if case.word is None else reading.names_of(engine, request.model, (case.word,))[0]
    return Result(
        case.encoded, case.place, len(mask_positions(case.encoded)), word,
        float(np.exp(missed.log_p)), pieces, judges, between(keys),
        pulled.start, pulled.gap, Proof(()),
    )


def run(engine: Engine, request: Request, tell: Tell | None = None) -> Result:
    """`judged`, with each judge's favourite recomputed in NumPy.

    Source: Jain and Wallace 2019, section 4.1, the same three measures for other models.
    """
    from lessons.judges.by_hand import proof

    result = judged(engine, request, tell)
    return replace(result, proof=proof(engine, request, case_of(engine, request), result))


def _check(request: Request) -> None:
    for name, value, allowed in (
        ("attention", request.attention, looking.WAYS),
        ("gradient", request.gradient, GRADIENTS),
        ("leaving", request.leaving, LEAVING),
        ("order", request.order, ORDERS),
        ("pieces", request.pieces, PIECES),
        ("watch", request.watch, ("mlm", "nsp")),
    ):
        if value not in allowed:
            raise BadInput(f"{name} is {value!r}; it must be one of {', '.join(allowed)}.")


def default_request(preset: Preset, model: str) -> Request:
    """The preset as the page first shows it: a blank is judged, else the pair."""
    watch = preset.controls.get("watch") or ("mlm" if "[MASK]" in preset.text else "nsp")
    return Request(preset.text, preset.text_b, model, watch, preset.controls.get("word", ""))


def to_json(result: Result) -> dict[str, Any]:
    """tokens, word, p, judges: {name: {scores, ranks}}, agreement: [{judges, kendall, ...}]."""
    return {
        "tokens": list(result.tokens),
        "position": result.place,
        "word": result.word,
        "p": result.p,
        "judges": {
            judge.name: {"scores": judge.scores.tolist(), "ranks": judge.ranks.tolist()}
            for judge in result.judges
        },
        "agreement": [
            {
                "judges": [NAMES[a.first], NAMES[a.second]], "kendall": a.kendall,
                "p": a.chance, "spearman": a.spearman, "same_first": a.same_first,
            }
            for a in result.agreements
        ],
        "gap": result.gap,
    }
