"""Every head off, one at a time: what happens to one prediction. And every layer."""

from dataclasses import dataclass, replace

import numpy as np

from core.contract import AblationRequest, Surgery
from core.engine import ablation
from core.engine.alone import Tell, part
from core.engine.protocol import Engine
from core.errors import BadInput, NoMask
from lessons.mlm.head import log_sum_exp, vocabulary_logits
from lessons.proof import Check, Proof, check
from lessons.surgery import reading
from lessons.surgery.board import Heads
from lessons.surgery.by_hand import ByHand
from lessons.surgery.reading import Patient

HARDLY = 0.01  # a change of probability below one point
PUBLISHED = {"pruned": 38, "voita_heads": 48, "bleu": "0.15"}  # Voita et al. 2019, abstract
LIGHT_WORK = 5 * 10**10  # multiply-adds up to which the map is made without being asked for


@dataclass(frozen=True)
class Request:
    """watch : "mlm" (the word at the blank) or "nsp" (P(IsNext))."""

    text: str
    text_b: str = ""
    model: str = "embedded"
    watch: str = "mlm"
    blank: int = 0
    word: str = ""


@dataclass(frozen=True)
class Result:
    """Probabilities with one part off.

    word : the followed word, "" for P(IsNext); intact : its probability in the whole model
    heads : float32[L, A], layers : float32[L], the same probability with that part off
    together : the probability with all heads off at once that alone change it by less than
        `HARDLY`
    """

    word: str
    intact: float
    heads: np.ndarray
    layers: np.ndarray
    together: float
    proof: Proof

    @property
    def change(self) -> np.ndarray:
        """float32[L, A]: what switching the head off adds to the probability."""
        return self.heads - np.float32(self.intact)

    @property
    def idle(self) -> Heads:
        """The heads that alone change it by less than `HARDLY`."""
        rows, columns = np.nonzero(np.abs(self.change) < HARDLY)
        return tuple(zip(rows.tolist(), columns.tolist(), strict=True))

    @property
    def added_up(self) -> float:
        """The sum of the single changes of the idle heads."""
        return float(sum(self.change[at] for at in self.idle))

    def extreme(self, sign: int) -> tuple[int, int]:
        """The head whose absence lowers (-1) or raises (+1) the probability most."""
        layer, head = np.unravel_index(int((sign * self.change).argmax()), self.heads.shape)
        return int(layer), int(head)

    @property
    def strongest(self) -> tuple[int, int]:
        """The head that matters most: the largest change in either direction."""
        layer, head = np.unravel_index(int(np.abs(self.change).argmax()), self.heads.shape)
        return int(layer), int(head)


def light(engine: Engine, request: Request) -> bool:
    """True where the map takes about a second at most."""
    encoded = engine.tokenize(request.model, request.text, request.text_b or None)
    return ablation.work(engine.info(request.model), len(encoded)) <= LIGHT_WORK


def run(engine: Engine, request: Request, tell: Tell | None = None) -> Result:
    """Heads and layers off one at a time; the pass without the strongest head again by hand.

    tell : as in `Engine.ablate`

    Raises `NoMask`, `BadInput` for P(IsNext) of one sentence, and the errors of `Engine.ablate`.

    Source: Michel et al. 2019, section 3.2 (each head ablated alone).
    """
    patient = Patient(request.text, request.text_b, request.model, request.blank)
    at = place = reading.place_of(engine, patient)
    whole = reading.traced(engine, patient, Surgery(), place)
    if request.watch == "nsp":
        if reading.is_next(whole) is None:
            raise BadInput("P(IsNext) needs a second sentence, and a model with that head.")
        at = word = None
    else:
        if at is None:
            raise NoMask
        word = reading.watched_word(
            engine, request.model, request.word, reading.probabilities(whole)
        )
    asked = AblationRequest(
        request.text, request.text_b or None, request.model, position=at, word=word
    )
    share = 1 / (1 + engine.info(request.model).heads)  # of the layers, each as much as a head
    layers = engine.ablate(replace(asked, unit="layers"), tell=part(tell, 0.0, share))
    heads = engine.ablate(asked, tell=part(tell, share, 1.0))
    name = "" if word is None else reading.names_of(engine, request.model, (word,))[0]
    result = Result(name, heads.intact, heads.probability, layers.probability, 0.0, Proof(()))
    cut = reading.traced(engine, patient, Surgery(heads_off=result.idle), place)
    together = reading.is_next(cut) if word is None else reading.probabilities(cut)[word]
    assert together is not None
    proof = Proof((_by_hand(engine, patient, at, word, result),))
    return replace(result, together=float(together), proof=proof)


def _by_hand(
    engine: Engine, patient: Patient, at: int | None, word: int | None, result: Result
) -> Check:
    """The whole pass with the strongest head off, in float64 from the layer below it."""
    layer, head = result.strongest
    hand = ByHand(engine, patient.model, Surgery(heads_off=((layer, head),)))
    trace = reading.traced(engine, patient, Surgery(), reading.place_of(engine, patient))
    x = hand.embeddings(trace.encoded)
    for index in range(engine.info(patient.model).layers):
        x = hand.layer(index, x)  # (n, H)
    if at is None or word is None:
        logits = hand.next_sentence(hand.pooled(x[0]))
        logit = logits[0]
    else:
        logits = vocabulary_logits(engine, patient.model, x[at])
        logit = logits[word]
    return check(
        f"P with layer {layer}, head {head} off", "softmax of the logits of the whole pass",
        np.exp(logit - log_sum_exp(logits)), result.heads[layer, head],
    )
