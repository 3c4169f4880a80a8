"""word2vec: a window slides over the text, makes examples, and each example moves some vectors."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.engine.protocol import Engine
from core.limits import check_index
from core.vectors import live
from core.vectors.live import Output, Settings, Step, Training, Weights
from core.vectors.windows import Corpus, Example, Kind, around, examples, examples_at, read
from lessons.proof import Proof, check
from lessons.text import Preset

NUDGE = 1e-5  # central differences err by about its square
MAX_EARLIER = 500  # updates that may lie before the one that is opened


@dataclass(frozen=True)
class Request:
    """place : the running word in the window's centre; earlier : updates made before the shown."""

    text: str
    place: int = 0
    kind: Kind = "skipgram"
    output: Output = "negative"
    size: int = 8
    window: int = 2
    negatives: int = 5
    rate: float = 0.1
    seed: int = 0
    earlier: int = 0

    @property
    def settings(self) -> Settings:
        return Settings(self.kind, self.output, self.size, self.window, self.negatives,
                        self.rate, self.seed)


@dataclass(frozen=True)
class Result:
    """One window and one update.

    sentence, centre : where the window stands; context : places beside it in that sentence
    cbow, skipgram : the examples of this window; cbow_total, skipgram_total : of the whole text
    example : what the shown update learns; step : its numbers
    inputs : float64[C, N] rows of W before it; outputs : float64[R, N] rows of W' before it
    """

    corpus: Corpus
    sentence: int
    centre: int
    context: tuple[int, ...]
    cbow: tuple[Example, ...]
    skipgram: tuple[Example, ...]
    cbow_total: int
    skipgram_total: int
    settings: Settings
    example: Example
    step: Step
    inputs: np.ndarray
    outputs: np.ndarray
    proof: Proof

    def names(self, ids: tuple[int, ...]) -> tuple[str, ...]:
        return tuple(self.corpus.words[i] for i in ids)


def run(engine: Engine, request: Request) -> Result:
    """The window at one place, and one update of a network that starts from the seed.

    Raises `EmptyText`, `TextTooLong`, `NoNeighbours`, `OutOfRange`.
    """
    corpus = read(request.text)
    check_index("place", request.place, corpus.running)
    check_index("earlier", request.earlier, MAX_EARLIER + 1)
    sentence, centre = where(corpus, request.place)
    training = Training(corpus, request.settings)
    for _ in range(request.earlier):
        training.one_step()
    before = training.weights.copy()
    step = training.one_step()
    return Result(
        corpus, sentence, centre,
        around(len(corpus.sentences[sentence]), centre, request.window),
        examples_at(corpus, sentence, centre, request.window, "cbow"),
        examples_at(corpus, sentence, centre, request.window, "skipgram"),
        len(examples(corpus, request.window, "cbow")),
        len(examples(corpus, request.window, "skipgram")),
        request.settings, Example(step.inputs, step.target, 0, 0), step,
        before.inputs[list(step.inputs)], before.outputs[step.rows],
        prove(before, step, request.settings),
    )


def corpus_of(engine: Engine, text: str) -> Corpus:
    """The text as sentences of words. Raises `EmptyText`, `TextTooLong`, `NoNeighbours`."""
    return read(text)


def where(corpus: Corpus, place: int) -> tuple[int, int]:
    """Sentence and place in it of the running word number `place`."""
    for number, sentence in enumerate(corpus.sentences):
        if place < len(sentence):
            return number, place
        place -= len(sentence)
    raise IndexError(place)


def prove(before: Weights, step: Step, settings: Settings) -> Proof:
    """The step again: the forward pass from one-hot vectors, the gradients by differences.

    A gradient by differences needs no formula for it: a weight is moved a little up and a
    little down, and the loss is compared.
    """
    one_hot = np.zeros(len(before.inputs))
    np.add.at(one_hot, list(step.inputs), 1 / len(step.inputs))
    hidden = before.inputs.T @ one_hot  # (N,)
    scores = (before.outputs @ hidden)[step.rows]  # (R,)
    grown = np.exp(scores)
    negative = settings.output == "negative"
    predictions = grown / (1 + grown) if negative else grown / grown.sum()
    likely = np.where(step.labels == 1, predictions, 1 - predictions if negative else 1.0)
    to_input, to_output = differences(before, step, settings.output)
    return Proof((
        check("h", "W^T (mean of one-hot x)", hidden, step.hidden),
        check("u", "W' h", scores, step.scores),
        check("y", "1 / (1 + exp(-u))" if negative else "exp(u) / sum exp(u)",
              predictions, step.predictions),
        check("E", "-sum log P(t_j)" if negative else "-log y_O",
              -np.log(likely).sum(), np.array(step.loss)),
        check("dE/dW'", "(E(w + d) - E(w - d)) / 2d", to_output, step.to_output),
        check("dE/dW", "(E(w + d) - E(w - d)) / 2d", to_input, step.to_input),
    ))


def differences(before: Weights, step: Step, output: Output) -> tuple[np.ndarray, np.ndarray]:
    """dE/dW for the first input word float64[N] and dE/dW' float64[R, N], by central differences.

    A word that stands several times in the context or among the noise is one row of the matrix
    and collects several shares; they are divided again, so that each share can be compared.
    """
    weights = before.copy()
    inputs = np.asarray(step.inputs)

    def slope(matrix: np.ndarray, row: int, column: int) -> float:
        kept = matrix[row, column]
        found = []
        for sign in (1, -1):
            matrix[row, column] = kept + sign * NUDGE
            found.append(live.loss_of(weights, inputs, step.rows, step.labels, output))
        matrix[row, column] = kept
        return (found[0] - found[1]) / (2 * NUDGE)

    size = before.inputs.shape[1]
    times = step.inputs.count(step.inputs[0])
    to_input = np.array([slope(weights.inputs, step.inputs[0], n) for n in range(size)]) / times
    repeated = np.array([(step.rows == row).sum() for row in step.rows])  # (R,)
    to_output = np.array(
        [[slope(weights.outputs, row, n) for n in range(size)] for row in step.rows]
    )
    return to_input, to_output / repeated[:, None]


def default_request(preset: Preset, model: str) -> Request:
    return Request(preset.text, window=int(preset.controls.get("win", 2)))


def to_json(result: Result) -> dict[str, Any]:
    """words, counts, the window's training pairs by words, and every number of one update."""
    step = result.step
    return {
        "words": list(result.corpus.words),
        "counts": list(result.corpus.counts),
        "centre": result.corpus.words[result.corpus.sentences[result.sentence][result.centre]],
        **{
            kind: [{"inputs": list(result.names(e.inputs)), "target": result.names((e.target,))[0]}
                   for e in pairs]
            for kind, pairs in (("cbow", result.cbow), ("skipgram", result.skipgram))
        },
        "step": {
            "inputs": list(result.names(step.inputs)),
            "rows": list(result.names(tuple(step.rows.tolist()))),
            **{name: getattr(step, name).tolist()
               for name in ("labels", "hidden", "scores", "predictions", "errors", "to_hidden",
                            "to_output", "to_input")},
            "loss": step.loss,
            "after": step.after,
        },
    }
