"""How much of the context a prediction needs: the words left or right of the mask taken away."""

from dataclasses import dataclass

import numpy as np

from core.contract import TraceRequest
from core.engine.answers import MASK, check_mask_fill, mask_positions
from core.engine.protocol import Engine
from core.errors import NoMask
from core.models.files import folder_of
from core.wordpiece.encoder import tokenizer
from lessons.mlm.head import vocabulary_logits

STEPS = 8  # amounts of context on the curve; three lines of them are at most 24 passes


@dataclass(frozen=True)
class Request:
    """left, right : how many words are kept on each side; None keeps all."""

    text: str
    model: str = "embedded"
    left: int | None = None
    right: int | None = None
    top_k: int = 5


@dataclass(frozen=True)
class Result:
    """The shortened text, and the top words for its first mask."""

    text: str
    left: int
    right: int
    words: tuple[str, ...]
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class CurveRequest:
    """word : the word to follow; "" for the model's own first with all of the context."""

    text: str
    word: str = ""
    model: str = "embedded"


@dataclass(frozen=True)
class Curve:
    """p(word) with the nearest `kept` words on the left alone, the right alone, and both."""

    word: str
    kept: tuple[int, ...]
    left: tuple[float, ...]
    right: tuple[float, ...]
    both: tuple[float, ...]


def sides(text: str) -> tuple[list[str], list[str]]:
    """The words left and right of the first [MASK]. Raises `NoMask`."""
    before, found, after = text.partition(MASK)
    if not found:
        raise NoMask
    return before.split(), after.split()


def shortened(text: str, left: int | None, right: int | None) -> str:
    """The text with only the nearest words on each side of its first mask."""
    before, after = sides(text)
    return " ".join([*before[len(before) - _kept(left, len(before)) :], MASK,
                     *after[: _kept(right, len(after))]])


def _kept(wanted: int | None, there: int) -> int:
    return there if wanted is None else max(0, min(wanted, there))


def run(engine: Engine, request: Request) -> Result:
    """Fill the first mask from what is left of its context. Raises `NoMask`, `MissingHead`."""
    text = shortened(request.text, request.left, request.right)
    before, after = sides(text)
    first = engine.mask_fill(text, top_k=request.top_k, model=request.model).masks[0]
    return Result(text, len(before), len(after), first.tokens, first.probabilities)


def curve(engine: Engine, request: CurveRequest) -> Curve:
    """The probability of one word as its context grows from nothing to all of it.

    Raises `NoMask`, `MissingHead`.
    """
    text, model = request.text, request.model
    before, after = sides(text)
    check_mask_fill(engine.info(model), engine.tokenize(model, text), 1)
    followed = _followed(engine, request)
    kept = amounts(max(len(before), len(after)))

    def line(left: bool, right: bool) -> tuple[float, ...]:
        cut = (shortened(text, k if left else 0, k if right else 0) for k in kept)
        return tuple(_probability(engine, model, one, followed) for one in cut)

    name = tokenizer(folder_of(engine.info(model).id)).id_to_token(followed)
    return Curve(name or "", kept, line(True, False), line(False, True), line(True, True))


def amounts(most: int) -> tuple[int, ...]:
    """At most `STEPS` whole numbers from 0 to `most`, denser where they are small."""
    if most < STEPS:
        return tuple(range(most + 1))
    growing = np.geomspace(1, most, STEPS - 1)
    return tuple(sorted({0, *(round(x) for x in growing.tolist())}))


def _followed(engine: Engine, request: CurveRequest) -> int:
    if request.word:
        pieces = engine.tokenize(request.model, request.word).ids[1:-1]
        if len(pieces) == 1:
            return pieces[0]
    return engine.mask_fill(request.text, top_k=1, model=request.model).masks[0].ids[0]


def _probability(engine: Engine, model: str, text: str, word: int) -> float:
    """p(word) at the first mask, from the last hidden state: the logits are not kept."""
    last = engine.info(model).layers - 1
    trace = engine.trace(TraceRequest(text, None, model, frozenset({"after_ffn"}), (last,)))
    states = trace.layer(last).after_ffn
    assert states is not None
    logits = vocabulary_logits(engine, model, states[0, mask_positions(trace.encoded)[0]])  # (V,)
    grown = np.exp(logits - logits.max())
    return float(grown[word] / grown.sum())
