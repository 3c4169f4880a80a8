"""word2vec in plain NumPy, small enough to train while a learner watches.

Symbols as in Rong 2014, "word2vec Parameter Learning Explained": V words, N hidden units,
W input vectors v_w, W' output vectors v'_w, h hidden layer, u_j scores, y_j predictions,
t_j targets, e_j = y_j - t_j, EH = sum_j e_j v'_j. Here W' has one row a word, so both
matrices are (V, N).
"""

import time
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.vectors.windows import Corpus, Example, Kind, examples

Output = Literal["negative", "softmax"]
NOISE_POWER = 0.75  # Mikolov et al. 2013b, section 2.2
MAX_SNAPSHOTS = 32


@dataclass(frozen=True)
class Settings:
    """How to train: size N, window on each side, negatives K for each example, rate eta."""

    kind: Kind = "skipgram"
    output: Output = "negative"
    size: int = 8
    window: int = 2
    negatives: int = 5
    rate: float = 0.1
    seed: int = 0


@dataclass(frozen=True)
class Weights:
    """W and W', both float64[V, N]."""

    inputs: np.ndarray
    outputs: np.ndarray

    def copy(self) -> "Weights":
        return Weights(self.inputs.copy(), self.outputs.copy())


@dataclass(frozen=True)
class Step:
    """Every number of one update; R rows of W' take part (1 + K words, or all V).

    inputs : C input words; rows : int[R] words that are scored, the target first when negatives
    are drawn; labels t, scores u, predictions y, errors e = y - t, terms : float64[R], the
    terms add up to `loss`; hidden h, to_hidden EH, to_input EH / C : float64[N]
    to_output : float64[R, N], rows e_j h; after : the same example's loss after the update
    """

    inputs: tuple[int, ...]
    target: int
    rows: np.ndarray
    labels: np.ndarray
    hidden: np.ndarray
    scores: np.ndarray
    predictions: np.ndarray
    errors: np.ndarray
    terms: np.ndarray
    loss: float
    to_hidden: np.ndarray
    to_output: np.ndarray
    to_input: np.ndarray
    after: float


def initial(words: int, settings: Settings) -> Weights:
    """Small random numbers, uniform in +-1/2 over sqrt(N), in both matrices.

    word2vec.c starts W' at zero, so that the first update cannot move W; Rong starts both at
    random, and so do we.
    """
    random = np.random.default_rng(settings.seed)
    draw = random.uniform(-0.5, 0.5, (2, words, settings.size)) / np.sqrt(settings.size)
    return Weights(draw[0], draw[1])


def noise(counts: tuple[int, ...]) -> np.ndarray:
    """P_n(w), the distribution negatives are drawn from: counts ** 3/4, float64[V] of sum 1."""
    raised = np.asarray(counts, np.float64) ** NOISE_POWER
    return raised / raised.sum()


def draw_negatives(
    targets: np.ndarray, counts: tuple[int, ...], negatives: int, random: np.random.Generator
) -> np.ndarray:
    """int[n, K] noise words for n targets; one that hits its target is drawn again."""
    edges = noise(counts).cumsum()[:-1]  # (V - 1,)
    drawn = np.searchsorted(edges, random.random((len(targets), negatives)), side="right")
    while (hit := drawn == targets[:, None]).any():
        drawn[hit] = np.searchsorted(edges, random.random(int(hit.sum())), side="right")
    return drawn


def predict(scores: np.ndarray, labels: np.ndarray, output: Output
            ) -> tuple[np.ndarray, np.ndarray]:
    """Predictions y and the terms of the loss, float64[R] each.

    negative : y = sigma(u), E = -log sigma(u_O) - sum_k log sigma(-u_k)   (Rong eq. 55)
    softmax : y = softmax(u), E = -log y_O   (Rong eq. 7)
    """
    if output == "negative":
        return 1 / (1 + np.exp(-scores)), np.logaddexp(0.0, (1 - 2 * labels) * scores)
    grown = np.exp(scores - scores.max())
    total = grown.sum()
    return grown / total, labels * (np.log(total) + scores.max() - scores)


def loss_of(weights: Weights, inputs: np.ndarray, rows: np.ndarray, labels: np.ndarray,
            output: Output) -> float:
    """E of one example, forward only."""
    hidden = weights.inputs[inputs].mean(axis=0)  # (N,)
    return float(predict(weights.outputs[rows] @ hidden, labels, output)[1].sum())


def look(weights: Weights, example: Example, rows: np.ndarray, settings: Settings) -> Step:
    """All numbers of one update, without making it: `weights` stay as they are.

    Gradients (Rong eq. 10, 12 and 24; with negatives eq. 59 and 61):
    dE/dv'_j = e_j h, EH = sum_j e_j v'_j, and each of the C input vectors gets EH / C.
    """
    inputs = np.asarray(example.inputs)
    labels = _labels(rows, example.target, settings.output)
    hidden = weights.inputs[inputs].mean(axis=0)  # (N,)
    scores = weights.outputs[rows] @ hidden  # (R,)
    predictions, terms = predict(scores, labels, settings.output)
    errors = predictions - labels  # (R,)
    to_hidden = errors @ weights.outputs[rows]  # (N,)
    changed = weights.copy()
    _learn(changed, inputs, rows, labels, settings)
    return Step(
        example.inputs, example.target, rows, labels, hidden, scores, predictions, errors, terms,
        float(terms.sum()), to_hidden, np.outer(errors, hidden), to_hidden / len(inputs),
        loss_of(changed, inputs, rows, labels, settings.output),
    )


def _labels(rows: np.ndarray, target: int, output: Output) -> np.ndarray:
    if output == "softmax":
        return (rows == target).astype(np.float64)
    labels = np.zeros(len(rows))
    labels[0] = 1.0
    return labels


def _learn(weights: Weights, inputs: np.ndarray, rows: np.ndarray, labels: np.ndarray,
           settings: Settings) -> float:
    """One update in place; the loss before it."""
    old = weights.outputs[rows]  # (R, N), a copy
    hidden = weights.inputs[inputs].mean(axis=0)  # (N,)
    predictions, terms = predict(old @ hidden, labels, settings.output)
    move = settings.rate * (predictions - labels)  # (R,)
    np.subtract.at(weights.outputs, rows, move[:, None] * hidden)  # a noise word may come twice
    np.subtract.at(weights.inputs, inputs, (move @ old) / len(inputs))
    return float(terms.sum())


class Training:
    """A network that learns a text, step by step; the same seed always goes the same way.

    epoch, place : passes done, and examples done in this one; updates : examples in all
    losses : mean loss of each full pass; snapshots : (epoch, W as float32[V, N]) pairs, thinned
    to at most `MAX_SNAPSHOTS` and evenly spread; last : the newest single step
    """

    def __init__(self, corpus: Corpus, settings: Settings) -> None:
        self.corpus, self.settings = corpus, settings
        self.examples = examples(corpus, settings.window, settings.kind)
        self.weights = initial(len(corpus.words), settings)
        self.epoch = self.place = self.updates = 0
        self.losses: list[float] = []
        self.snapshots = [(0, self.weights.inputs.astype(np.float32))]
        self.last: Step | None = None
        self._every = 1
        self._inputs = [np.array(e.inputs) for e in self.examples]
        self._targets = np.array([e.target for e in self.examples])
        self._sum = 0.0
        self._plan()

    def _plan(self) -> None:
        """Order and noise words of this pass, from the seed and the pass's number alone."""
        random = np.random.default_rng((self.settings.seed, self.epoch))
        self._order = random.permutation(len(self.examples))
        if self.settings.output == "softmax":
            rows = np.arange(len(self.corpus.words))
            self._rows = np.broadcast_to(rows, (len(self.examples), len(rows)))
            return
        drawn = draw_negatives(
            self._targets, self.corpus.counts, self.settings.negatives, random
        )
        self._rows = np.column_stack([self._targets, drawn])  # (n, 1 + K)

    def preview(self) -> Step:
        """The next update's numbers; nothing moves."""
        at = self._order[self.place]
        return look(self.weights, self.examples[at], self._rows[at], self.settings)

    def one_step(self) -> Step:
        """Make the next update and return its numbers, taken before it."""
        self.last = self.preview()
        self._advance()
        return self.last

    def _advance(self) -> None:
        at = self._order[self.place]
        rows = self._rows[at]
        labels = _labels(rows, self._targets[at], self.settings.output)
        self._sum += _learn(self.weights, self._inputs[at], rows, labels, self.settings)
        self.place += 1
        self.updates += 1
        if self.place == len(self.examples):
            self._close()

    def _close(self) -> None:
        self.losses.append(self._sum / len(self.examples))
        self.epoch, self.place, self._sum = self.epoch + 1, 0, 0.0
        if self.epoch % self._every == 0:
            self.snapshots.append((self.epoch, self.weights.inputs.astype(np.float32)))
        if len(self.snapshots) > MAX_SNAPSHOTS:
            self.snapshots = self.snapshots[::2]
            self._every *= 2
        self._plan()

    def moments(self) -> list[tuple[int, np.ndarray]]:
        """The snapshots and the vectors as they are now, in order."""
        now = (self.epoch, self.weights.inputs.astype(np.float32))
        return [s for s in self.snapshots if s[0] < self.epoch] + [now]

    def run(self, until: int, seconds: float) -> bool:
        """Train until that many passes are done or the time is used; True when done.

        seconds : CPU time of this thread, so that a busy server does not cut it short twice
        """
        stop = time.thread_time() + seconds
        while self.epoch < until:
            for _ in range(16):
                self._advance()
                if self.epoch >= until:
                    break
            if time.thread_time() >= stop:
                break
        return self.epoch >= until
