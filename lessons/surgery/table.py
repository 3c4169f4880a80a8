"""The surgery table: one part of the model taken away or the words shuffled, a real pass each."""

from dataclasses import dataclass

import numpy as np

from core.contract import Encoded, Surgery
from core.engine.protocol import Engine
from core.limits import check_index
from lessons.surgery import reading
from lessons.surgery.reading import Patient

SHOWN = 3


@dataclass(frozen=True)
class Request:
    """layer : the one that the layer's rows switch off; seed : of the shuffled order."""

    text: str
    text_b: str = ""
    model: str = "embedded"
    layer: int = 0
    seed: int = 1
    blank: int = 0
    word: str = ""


@dataclass(frozen=True)
class Row:
    """One pass. name : intact, layer, attention, ffn, positions, segments, scaling, order, both.

    words, shares : the best words with their probabilities; watched : the followed word's
    is_next : P(IsNext), None for one sentence; tokens : as fed in
    """

    name: str
    tokens: tuple[str, ...]
    words: tuple[str, ...]
    shares: tuple[float, ...]
    watched: float | None
    is_next: float | None


@dataclass(frozen=True)
class Result:
    """rows : the first is the whole model; word : the followed one, "" without a blank."""

    word: str
    rows: tuple[Row, ...]

    @property
    def intact(self) -> Row:
        return self.rows[0]

    def row(self, name: str) -> Row:
        return next(row for row in self.rows if row.name == name)

    @property
    def survived(self) -> int:
        """In how many operations the best word stays the best."""
        return sum(row.words[:1] == self.intact.words[:1] for row in self.rows[1:])

    @property
    def worst(self) -> Row:
        """The operation after which the followed word, or else P(IsNext), has lost most."""
        return min(self.rows[1:], key=lambda row: _or_one(row.watched, row.is_next))

    @property
    def order_blind(self) -> float:
        """How far shuffling still moves the probabilities once the positions are off."""
        alone, both = self.row("positions"), self.row("both")
        pairs = ((alone.watched, both.watched), (alone.is_next, both.is_next))
        return max((abs(a - b) for a, b in pairs if a is not None and b is not None), default=0.0)


def _or_one(*values: float | None) -> float:
    return next((v for v in values if v is not None), 1.0)


def shuffled(encoded: Encoded, seed: int) -> tuple[int, ...]:
    """An order with each sentence's words shuffled among themselves, their pieces kept together.

    Another one than the text's own wherever a sentence has two words or more.
    """
    rng = np.random.default_rng(seed)
    order = list(range(len(encoded)))
    for segment in (0, 1):
        words: dict[int, list[int]] = {}
        for piece, word in enumerate(encoded.word_index):
            if word is not None and encoded.segments[piece] == segment:
                words.setdefault(word, []).append(piece)
        places = [piece for pieces in words.values() for piece in pieces]
        groups = list(words.values())
        mixed = groups
        while len(groups) > 1 and mixed == groups:
            mixed = [groups[i] for i in rng.permutation(len(groups))]
        for place, piece in zip(places, (p for group in mixed for p in group), strict=True):
            order[place] = piece
    return tuple(order)


def operations(encoded: Encoded, layer: int, seed: int) -> dict[str, Surgery]:
    """What each row does, in the table's order."""
    order = shuffled(encoded, seed)
    return {
        "intact": Surgery(),
        "layer": Surgery(layers_off=(layer,)),
        "attention": Surgery(attention_off=(layer,)),
        "ffn": Surgery(ffn_off=(layer,)),
        "positions": Surgery(positions_off=True),
        "segments": Surgery(segments_off=True),
        "scaling": Surgery(scaling_off=True),
        "order": Surgery(order=order),
        "both": Surgery(positions_off=True, order=order),
    }


def run(engine: Engine, request: Request) -> Result:
    """A pass for each operation. Raises `OutOfRange`, `WordNotOnePiece`."""
    check_index("layer", request.layer, engine.info(request.model).layers)
    patient = Patient(request.text, request.text_b, request.model, request.blank)
    encoded = engine.tokenize(request.model, request.text, request.text_b or None)
    at = reading.place_of(engine, patient)
    word: int | None = None
    rows = []
    for name, surgery in operations(encoded, request.layer, request.seed).items():
        place = at if at is None or surgery.order is None else surgery.order.index(at)
        trace = reading.traced(engine, patient, surgery, place)
        shares = None if place is None else reading.probabilities(trace)  # (V,)
        if shares is not None and word is None:
            word = reading.watched_word(engine, request.model, request.word, shares)
        best = () if shares is None else reading.best(shares, SHOWN)
        rows.append(Row(
            name, trace.encoded.tokens, reading.names_of(engine, request.model, best),
            tuple(float(shares[i]) for i in best) if shares is not None else (),
            float(shares[word]) if shares is not None and word is not None else None,
            reading.is_next(trace),
        ))
    watched = "" if word is None else reading.names_of(engine, request.model, (word,))[0]
    return Result(watched, tuple(rows))
