"""One head on the learner's text: between its pieces, and between its words."""

from dataclasses import dataclass

import numpy as np

from core import limits
from core.contract import Encoded, TraceRequest
from core.engine.protocol import Engine
from core.errors import TooFewWords
from core.heads.arcs import DIRECTIONS, guesses
from core.heads.words import merge, words_of


@dataclass(frozen=True)
class Request:
    text: str
    text_b: str = ""
    model: str = "embedded"
    layer: int = 0
    head: int = 0


@dataclass(frozen=True)
class Pieces:
    """One head's weights between the n pieces: float32[n, n]."""

    encoded: Encoded
    weights: np.ndarray


@dataclass(frozen=True)
class Words:
    """One head between the m words of the text, special pieces left out.

    words : as written; attention : float32[m, m]; governors : int[2, m], for each direction
    the word that the head would call each word's governor; weights : float32[2, m], the
    attention that decided it
    """

    words: tuple[str, ...]
    attention: np.ndarray
    governors: np.ndarray
    weights: np.ndarray


def pieces(engine: Engine, request: Request) -> Pieces:
    """Raises `OutOfRange` for a head the model has not, and the errors of `Engine.trace`."""
    limits.check_head(engine.info(request.model), request.layer, request.head)
    trace = engine.trace(TraceRequest(  # all layers: the pass that the measures have made
        request.text, request.text_b or None, request.model, frozenset({"weights"})
    ))
    weights = trace.layer(request.layer).weights
    assert weights is not None
    return Pieces(trace.encoded, weights[0, request.head].copy())


def word_count(engine: Engine, request: Request) -> int:
    """How many words the text has as BERT splits words; needs no forward pass."""
    return len(words_of(engine.tokenize(request.model, request.text, request.text_b or None)))


def words(engine: Engine, request: Request) -> Words:
    """Raises `TooFewWords` for a text of one word, else as `pieces`."""
    found = pieces(engine, request)
    groups = words_of(found.encoded)
    if len(groups) < 2:
        raise TooFewWords(len(groups), 2)
    attention = merge(found.weights, groups)  # (m, m)
    governors = np.stack([guesses(attention, d) for d in DIRECTIONS])  # (2, m)
    each = np.arange(len(groups))
    weights = np.stack([attention[each, governors[0]], attention[governors[1], each]])
    names = tuple(_written(request, found.encoded, group) for group in groups)
    return Words(names, attention, governors, weights)


def _written(request: Request, encoded: Encoded, group: tuple[int, ...]) -> str:
    text = request.text_b if encoded.segments[group[0]] else request.text
    return text[encoded.spans[group[0]][0] : encoded.spans[group[-1]][1]]
