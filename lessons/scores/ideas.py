"""One idea of each later model, tried on the loaded one: shared layers, half of them, a
replaced word, and masks that are drawn anew."""

import time
from dataclasses import dataclass
from statistics import median

import numpy as np

from core.contract import Encoded, Surgery, TraceRequest
from core.engine.protocol import Engine
from core.limits import check_index
from core.models.files import folder_of
from core.wordpiece.encoder import tokenizer
from lessons.mlm import recipe
from lessons.proof import Proof
from lessons.scores.likelihood import check_length, hidden, likelihood, places_of

ROUNDS = 5
NARROW = 128  # ALBERT's embedding size E (Lan et al. 2020, section 3.1)
LAYER = "bert.encoder.layer.0."
MAPS = ("attention.self.query", "attention.self.key", "attention.self.value",
        "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense",
        "output.dense", "output.LayerNorm")


@dataclass(frozen=True)
class Sharing:
    """ALBERT's two savings in counts of numbers.

    total : of the loaded model; layer : in one layer; shared : with one layer used L times
    words : in the V x H word embeddings; factored : V x E + E x H of the same
    """

    total: int
    layers: int
    layer: int
    words: int
    factored: int
    narrow: int = NARROW

    @property
    def shared(self) -> int:
        return self.total - (self.layers - 1) * self.layer

    @property
    def both(self) -> int:
        return self.shared - self.words + self.factored


def sharing(engine: Engine, model: str) -> Sharing:
    """Counted from the loaded model's own weights. Source: Lan et al. 2020, section 3.1."""
    info = engine.info(model)
    layer = sum(
        engine.parameter(model, f"{LAYER}{name}.{part}").size
        for name in MAPS for part in ("weight", "bias")
    )
    vocabulary, width = engine.parameter(model, "bert.embeddings.word_embeddings.weight").shape
    return Sharing(info.parameters, info.layers, layer, vocabulary * width,
                   vocabulary * NARROW + NARROW * width)


@dataclass(frozen=True)
class HalvingRequest:
    text: str
    model: str = "embedded"


@dataclass(frozen=True)
class Halving:
    """A pass with all layers and with every second one.

    seconds, half_seconds : median of `rounds` passes; words, half_words : the best word for the
    piece hidden at `place`, with its probability
    """

    encoded: Encoded
    place: int
    layers: int
    kept: tuple[int, ...]
    seconds: float
    half_seconds: float
    word: tuple[str, float]
    half_word: tuple[str, float]
    rounds: int = ROUNDS

    @property
    def faster(self) -> float:
        return self.seconds / self.half_seconds


def halving(engine: Engine, request: HalvingRequest) -> Halving:
    """Timed in turns, so that a busy moment meets both. Source: Sanh et al. 2019, section 3.

    Raises the errors of `check_length`.
    """
    encoded = check_length(engine, request.model, request.text)
    layers = engine.info(request.model).layers
    off = tuple(range(1, layers, 2))
    kept = tuple(layer for layer in range(layers) if layer not in off)
    places = places_of(encoded)
    place = places[len(places) // 2]
    mask = engine.tokenize(request.model, "[MASK]").ids[1]
    ids = (*encoded.ids[:place], mask, *encoded.ids[place + 1 :])
    names = tokenizer(folder_of(engine.info(request.model).id))

    def once(cut: Surgery, round_: int) -> tuple[float, tuple[str, float]]:
        # a round's own list of places keeps its answer apart from the others' in the cache
        asked = TraceRequest(request.text, None, request.model, frozenset({"mlm"}), (),
                             input_ids=ids, surgery=cut, mlm_at=(place,) * (round_ + 1))
        start = time.perf_counter()
        logits = engine.trace(asked).mlm_logits
        took = time.perf_counter() - start
        assert logits is not None
        row = logits[0, 0].astype(np.float64)  # (V,)
        shares = np.exp(row - row.max())
        best = int(shares.argmax())
        return took, (names.id_to_token(best) or "", float(shares[best] / shares.sum()))

    whole, half = [], []
    for round_ in range(ROUNDS + 1):
        whole.append(once(Surgery(), round_))
        half.append(once(Surgery(layers_off=off), round_))
    return Halving(
        encoded, place, layers, kept, median(t for t, _ in whole[1:]),
        median(t for t, _ in half[1:]), whole[0][1], half[0][1],
    )


@dataclass(frozen=True)
class ReplacedRequest:
    """place : of the piece to be replaced; seed : of the draw"""

    text: str
    place: int = 1
    seed: int = 1
    model: str = "embedded"


@dataclass(frozen=True)
class Replaced:
    """A sentence with one piece replaced by what the masked LM drew for its place.

    original, drawn : the two pieces with their probabilities at the hidden place
    tokens : the sentence as ELECTRA's judge would read it
    places, log_p : log P of each of its pieces, as our masked LM sees it; suspect : the least
    """

    encoded: Encoded
    place: int
    original: tuple[str, float]
    drawn: tuple[str, float]
    tokens: tuple[str, ...]
    places: tuple[int, ...]
    log_p: np.ndarray
    suspect: int
    proof: Proof

    @property
    def same(self) -> bool:
        """The draw gave the original back: ELECTRA then counts it as original."""
        return self.original[0] == self.drawn[0]

    @property
    def found(self) -> bool:
        return self.suspect == self.place


def replaced(engine: Engine, request: ReplacedRequest) -> Replaced:
    """Hide a piece, draw another from P, and look which piece then seems least likely.

    Raises the errors of `check_length`, `OutOfRange`. Source: Clark et al. 2020, section 2.
    """
    encoded = check_length(engine, request.model, request.text)
    place = 1 + check_index("place", request.place - 1, max(1, len(encoded) - 2))
    log_words, _ = hidden(engine, request.model, request.text, encoded.ids, place)
    shares = np.exp(log_words)
    shares /= shares.sum()
    word = int(np.random.default_rng(request.seed).choice(shares.size, p=shares))
    ids = (*encoded.ids[:place], word, *encoded.ids[place + 1 :])
    name = tokenizer(folder_of(engine.info(request.model).id)).id_to_token(word) or ""
    seen, check = likelihood(engine, request.model, request.text, ids)
    tokens = (*encoded.tokens[:place], name, *encoded.tokens[place + 1 :])
    return Replaced(
        encoded, place, (encoded.tokens[place], float(shares[encoded.ids[place]])),
        (name, float(shares[word])), tokens, seen.places, seen.log_p, seen.weakest,
        Proof((check,)),
    )


@dataclass(frozen=True)
class MasksRequest:
    text: str
    seed: int = 1
    model: str = "embedded"


def masks(engine: Engine, request: MasksRequest) -> tuple[recipe.Draw, recipe.Draw]:
    """The same sentence in two epochs: RoBERTa rolls its masks each time anew.

    Source: Liu et al. 2019, section 4.1.
    """
    first, second = (
        recipe.draw(engine, recipe.Request(request.text, request.seed + step, request.model))
        for step in (0, 1)
    )
    return first, second
