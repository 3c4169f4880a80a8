"""GloVe on the learner's text: counts, the weight of each, ratios, and vectors fitted to them."""

from dataclasses import dataclass

import numpy as np

from core.engine.protocol import Engine
from core.vectors import cooccurrence
from core.vectors.cooccurrence import Glove
from core.vectors.windows import Corpus, around, read
from lessons.proof import Proof, check

# Pennington et al. 2014, table 1: P(k | ice), P(k | steam) and their ratio, from the paper's own
# corpus of six billion tokens.
PAPER = (
    ("solid", 1.9e-4, 2.2e-5, 8.9),
    ("gas", 6.6e-5, 7.8e-4, 8.5e-2),
    ("water", 3.0e-3, 2.2e-3, 1.36),
    ("fashion", 1.7e-5, 1.8e-5, 0.96),
)


@dataclass(frozen=True)
class Request:
    text: str
    window: int = 5
    by_distance: bool = True
    x_max: float = 10.0
    size: int = 8
    seed: int = 0


@dataclass(frozen=True)
class Result:
    """counts X, weights f(X), probabilities P(j | i), logs of X (0 where X is 0): float64[V, V].

    start, fitted : the terms of the loss before and after the fit, float64[V, V]
    """

    corpus: Corpus
    x_max: float
    counts: np.ndarray
    weights: np.ndarray
    probabilities: np.ndarray
    logs: np.ndarray
    glove: Glove
    fitted: np.ndarray
    proof: Proof

    @property
    def filled(self) -> int:
        """Cells with a count above 0: the only ones the loss has a term for."""
        return int((self.counts > 0).sum())

    def prediction(self, i: int, j: int) -> float:
        """w_i . w~_j + b_i + b~_j."""
        g = self.glove
        return float(g.w[i] @ g.context[j] + g.bias[i] + g.context_bias[j])


@dataclass(frozen=True)
class Ratio:
    """Word k's share of the company of i and of j; ratio is inf where only i ever met it."""

    word: str
    of_i: float
    of_j: float
    ratio: float


def run(engine: Engine, request: Request) -> Result:
    """Count, weigh and fit. Raises `EmptyText`, `TextTooLong`, `NoNeighbours`."""
    corpus = read(request.text)
    x = cooccurrence.counts(corpus, request.window, by_distance=request.by_distance)
    glove = cooccurrence.fit(x, request.size, x_max=request.x_max, seed=request.seed)
    logs = np.log(np.where(x > 0, x, 1.0))
    weights = cooccurrence.weight(x, request.x_max)
    shares = cooccurrence.probabilities(x)
    fitted = cooccurrence.terms(x, glove, request.x_max)
    return Result(
        corpus, request.x_max, x, weights, shares, logs, glove, fitted,
        _proof(request, corpus, x, weights, shares, glove, fitted),
    )


def _proof(request: Request, corpus: Corpus, x: np.ndarray, weights: np.ndarray,
           shares: np.ndarray, glove: Glove, fitted: np.ndarray) -> Proof:
    slow = np.zeros_like(x)
    for sentence in corpus.sentences:
        for place, word in enumerate(sentence):
            for other in around(len(sentence), place, request.window):
                worth = 1 / abs(place - other) if request.by_distance else 1.0
                slow[word, sentence[other]] += worth
    f = np.array([[(v / request.x_max) ** 0.75 if v < request.x_max else 1.0 for v in row]
                  for row in slow])
    pieces = np.einsum("in,jn->ij", glove.w, glove.context)
    guess = pieces + glove.bias[:, None] + glove.context_bias[None]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(slow > 0, f * (guess - np.log(slow)) ** 2, 0.0)
    total = slow.sum(axis=1, keepdims=True)
    return Proof((
        check("X", "a window at every word, 1/d each", slow, x),
        check("f(X)", "min(1, X / x_max)^0.75", f, weights),
        check("P", "X_ij / X_i", slow / np.where(total > 0, total, 1.0), shares),
        check("J", "f(X) (w.w~ + b + b~ - log X)^2", terms, fitted),
    ))


def ratios(result: Result, i: int, j: int, most: int = 12) -> tuple[Ratio, ...]:
    """P(k | i) / P(k | j) for the words that i or j met: the most telling ratios first.

    Words are taken by how often the two met them; the table is then ordered by ratio.
    """
    of_i, of_j = result.probabilities[i], result.probabilities[j]
    met = [k for k in np.argsort(-(of_i + of_j), kind="stable")
           if of_i[k] + of_j[k] > 0 and k not in (i, j)][:most]
    rows = (
        Ratio(result.corpus.words[k], float(of_i[k]), float(of_j[k]),
              float(of_i[k] / of_j[k]) if of_j[k] else float("inf"))
        for k in met
    )
    return tuple(sorted(rows, key=lambda r: -r.ratio))
