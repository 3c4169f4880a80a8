"""Train one live: labelled lines, a few steps, and what the encoder with its new head says then.

For one class a line, with C the last layer's vector of [CLS] (or the mean of all pieces):

    p = softmax(C W^T + b),   loss = -log p[label],   averaged over the lines of a step

For a tag a word the same with T_i, the vector of the word's first piece, in place of C.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.engine.protocol import Engine
from core.live import tuning
from core.live.jobs import shared_pool
from core.live.lines import Kind, Lines, parse, parted
from core.live.plan import STARTS, Mode, Plan, Pooling
from core.live.tuning import Outcome, Said
from core.trace.recompute import softmax
from lessons.proof import Check, Proof, check
from lessons.text import Preset
from lessons.train.held import HeldOut, held_out
from lessons.train.material import SETS, text_of

WAIT = 600.0


@dataclass(frozen=True)
class Request:
    """lines : one labelled line each, as `core.live.lines` reads them; text : asked afterwards

    epochs : 0 for what the mode starts with; the rate is the mode's own
    """

    text: str
    lines: str
    kind: Kind = "sentence"
    mode: Mode = "lora"
    last: int = 1
    rank: int = 8
    pooling: Pooling = "cls"
    epochs: int = 0
    seed: int = 0
    model: str = "embedded"


@dataclass(frozen=True)
class Trained:
    """A finished training by the name of its job."""

    job: str


@dataclass(frozen=True)
class Asked:
    """A text for a finished training."""

    job: str
    text: str


@dataclass(frozen=True)
class Answer:
    """What a trained model says of a text.

    probabilities : float64[m, K], one row for the whole text or one a word of `spans`
    """

    text: str
    labels: tuple[str, ...]
    said: Said
    probabilities: np.ndarray
    proof: Proof

    @property
    def best(self) -> tuple[str, ...]:
        return tuple(self.labels[i] for i in self.probabilities.argmax(-1))


@dataclass(frozen=True)
class Result:
    lines: Lines
    outcome: Outcome
    held: HeldOut
    answer: Answer

    @property
    def proof(self) -> Proof:
        return self.answer.proof


def plan_of(request: Request) -> Plan:
    epochs, rate = STARTS[request.kind][request.mode]
    return Plan(
        request.mode, request.last, request.rank, request.pooling, request.epochs or epochs,
        rate, seed=request.seed,
    )


def run(engine: Engine, request: Request) -> Result:
    """Train in a worker process, wait for it, ask it.

    Raises what `core.live.lines.parse` and `core.live.tuning.start` raise.
    """
    lines = parse(request.lines, request.kind)
    pool = shared_pool()
    job = tuning.start(
        pool, lines, plan_of(request), model=request.model, owner="command line", watched=False
    )
    pool.wait(job, WAIT)
    found = trained(engine, Trained(job))
    return Result(lines, found, held_out(lines, found), ask(engine, Asked(job, request.text)))


def trained(engine: Engine, request: Trained) -> Outcome:
    """What a finished training left. Raises `ResultGone`, or why it failed."""
    return tuning.outcome(shared_pool(), request.job)


def ask(engine: Engine, request: Asked) -> Answer:
    """The trained model's answer, its logits and probabilities recomputed from W and b."""
    found = tuning.outcome(shared_pool(), request.job)
    said = tuning.say(shared_pool(), request.job, request.text)
    shares = softmax(said.logits)
    return Answer(request.text, found.labels, said, shares, Proof(_by_hand(found, said, shares)))


def _by_hand(found: Outcome, said: Said, shares: np.ndarray) -> tuple[Check, ...]:
    weight, bias = found.weight.astype(np.float64), found.bias.astype(np.float64)
    ours = np.einsum("mh,kh->mk", said.vectors, weight) + bias
    name = "T_i W^T + b" if found.kind == "tags" else "C W^T + b"
    grown = np.exp(ours - ours.max(-1, keepdims=True))
    return (
        check("logits", name, ours, said.logits),
        check("probabilities", "exp(z_k) / sum exp(z_j)",
              grown / grown.sum(-1, keepdims=True), shares),
    )


@dataclass(frozen=True)
class Scale:
    """taught, held : lines on either side; steps : of an epoch; points : what one held-out line is
    worth, in percentage points"""

    taught: int
    held: int
    steps: int
    points: float


def scale(lines: Lines, plan: Plan) -> Scale:
    """How small this training is."""
    taught, held = (len(part) for part in parted(lines, plan.held_out, plan.seed))
    return Scale(taught, held, -(-taught // plan.batch), 100 / held)


def example() -> Lines:
    """The first set's lines, where the learner's cannot be read."""
    return parse(text_of("spam"), SETS["spam"])


def default_request(preset: Preset, model: str) -> Request:
    name = preset.controls.get("set", "spam")
    return Request(preset.text, text_of(name), SETS[name], model=model)


def to_json(result: Result) -> dict[str, Any]:
    """labels, curve, held_out (accuracy, confusion), trained, seconds, and the answer."""
    found, answer = result.outcome, result.answer
    rows = [dict(zip(found.labels, map(float, row), strict=True)) for row in answer.probabilities]
    said: dict[str, Any] = {"label": answer.best[0], "probabilities": rows[0]}
    if found.kind == "tags":
        words = [answer.text[a:b] for a, b in answer.said.spans]
        said = {"tags": [
            {"word": word, "tag": tag, "p": row[tag]}
            for word, tag, row in zip(words, answer.best, rows, strict=True)
        ]}
    return {
        "labels": list(found.labels), "plan": found.plan.facts(), "trained": found.trained,
        "seconds": found.seconds, "steps": found.steps,
        "curve": [vars(point) for point in found.curve],
        "held_out": {
            "accuracy": result.held.accuracy, "majority": result.held.majority,
            "confusion": result.held.confusion.tolist(),
        },
        "text": answer.text, **said,
    }
