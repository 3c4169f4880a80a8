"""What lies behind the words: LSA, word classes, pLSA and LDA on the learner's documents."""

from dataclasses import dataclass

import numpy as np

from core.engine.protocol import Engine
from core.errors import TooFewWords
from core.vectors import lsa as svd
from core.vectors import plsa as em
from core.vectors import topics as dirichlet
from core.vectors.counts import cosines, tfidf
from core.vectors.documents import OneDocument
from lessons.classic.request import Counted, Request, check_topics, counted
from lessons.proof import Proof, check

MOST_CLASSED = 60


@dataclass(frozen=True)
class Space:
    """LSA of the collection.

    most : directions there could be; query : float64[k], where the sentence lies
    near, near_tfidf : float64[D], cosine of sentence and document in k directions and in all V
    pair : words that share no document and are most alike, if any
    classed : the heaviest words; labels : the class of each
    """

    counted: Counted
    lsa: svd.Lsa
    most: int
    query: np.ndarray
    near: np.ndarray
    near_tfidf: np.ndarray
    alike: np.ndarray
    alike_tfidf: np.ndarray
    pair: svd.Pair | None
    classed: tuple[int, ...]
    labels: tuple[int, ...]
    proof: Proof

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The words of each class, the largest class first."""
        words = self.counted.counts.words
        found = [
            tuple(words[w] for w, label in zip(self.classed, self.labels, strict=True)
                  if label == at)
            for at in range(max(self.labels) + 1)
        ]
        return tuple(sorted(found, key=len, reverse=True))


def lsa(engine: Engine, request: Request) -> Space:
    """Truncated SVD of the TF-IDF matrix, and the words grouped in that space.

    Raises the errors of `counted`, `OneDocument`, `TooFewWords`, `OutOfRange`.
    """
    found = counted(request)
    scores = tfidf(found.counts.matrix, found.query)
    most = svd.most_directions(scores.matrix)
    reduced = svd.decompose(scores.matrix, request.size)
    query = reduced.place(scores.query)
    weight = np.round(scores.matrix.sum(axis=0), 12)
    lengths = np.linalg.norm(reduced.words, axis=1)
    order = [int(w) for w in np.argsort(-weight, kind="stable") if lengths[w] > 1e-9]
    classed = tuple(order[:MOST_CLASSED])
    count = min(request.classes, len(classed))
    return Space(
        found, reduced, most, query, cosines(query[None], reduced.documents)[0],
        cosines(scores.query[None], scores.matrix)[0],
        cosines(reduced.documents, reduced.documents), cosines(scores.matrix, scores.matrix),
        svd.never_together(found.counts.matrix, reduced.words), classed,
        svd.classes(reduced.words[list(classed)], count), _svd_proof(scores.matrix, reduced),
    )


def _svd_proof(matrix: np.ndarray, reduced: svd.Lsa) -> Proof:
    """scikit-learn's approximation beside the full decomposition by LAPACK."""
    k = len(reduced.directions)
    u, s, vt = np.linalg.svd(matrix, full_matrices=False)
    spectrum = s[: k + 1]
    checks = [
        check("S", "eigenvalues of X Xᵀ, square roots",
              np.sqrt(np.maximum(np.linalg.eigvalsh(matrix @ matrix.T)[::-1][:k], 0)), s[:k]),
        check("U S", "X V", matrix @ reduced.directions.T, reduced.documents),
    ]
    if len(spectrum) == k or spectrum[k - 1] - spectrum[k] > 1e-3:  # else V is not unique
        checks.append(check("X_k", "U S Vᵀ, k directions", (u[:, :k] * s[:k]) @ vt[:k],
                            reduced.documents @ reduced.directions))
    return Proof(tuple(checks))


@dataclass(frozen=True)
class Aspects:
    """pLSA: `query` is P(z | sentence), float64[K], all equal where it shares no word."""

    counted: Counted
    plsa: em.Plsa
    query: np.ndarray
    proof: Proof


def plsa(engine: Engine, request: Request) -> Aspects:
    """EM on the counts. Raises the errors of `counted`, `OneDocument`, `TooFewWords`."""
    found = _several(request)
    matrix = found.counts.matrix
    model = em.fit(matrix, request.topics, request.steps, request.seed)
    fast = em.step(matrix, model.topics, model.mixtures)
    slow = em.step_by_hand(matrix, model.topics, model.mixtures)
    proof = Proof((
        check("P(w | z)", "Σ_d n P(z | d, w), normed", slow[0], fast[0]),
        check("P(z | d)", "Σ_w n P(z | d, w), normed", slow[1], fast[1]),
        check("Σ_w P(w | d)", "1", np.ones(len(matrix)),
              (model.mixtures @ model.topics).sum(axis=1)),
    ))
    return Aspects(found, model, em.fold_in(found.query, model.topics), proof)


@dataclass(frozen=True)
class Recount:
    """The M step for one word and one topic.

    terms : (n(d, w), P(z | d, w)) of each document with the word; total : the topic's sum over
    all words; value : P(w | z) after the step
    """

    terms: tuple[tuple[int, float], ...]
    total: float
    value: float


def recount(found: Aspects, word: int, topic: int) -> Recount:
    """What the next M step makes of P(w | z), term by term."""
    matrix = found.counted.counts.matrix
    shares = em.posterior(found.plsa.topics, found.plsa.mixtures)[:, :, topic]  # (D, V)
    terms = tuple((int(matrix[d, word]), float(shares[d, word]))
                  for d in np.flatnonzero(matrix[:, word]))
    total = float((matrix * shares).sum())
    return Recount(terms, total, sum(n * p for n, p in terms) / total if total else 0.0)


@dataclass(frozen=True)
class Mixtures:
    """LDA of the collection."""

    counted: Counted
    lda: dirichlet.Lda
    proof: Proof


def lda(engine: Engine, request: Request) -> Mixtures:
    """Variational Bayes on the counts. Raises the errors of `plsa`."""
    found = _several(request)
    model = dirichlet.fit(found.counts.matrix, found.query, request.topics, request.seed)
    ours = np.stack([
        dirichlet.mixture_by_hand(row, model.weights, model.alpha)
        for row in (*found.counts.matrix, found.query)
    ])
    proof = Proof((
        check("θ", "γ / Σ γ,  γ = α + Σ n φ", ours, np.vstack([model.mixtures, model.query])),
    ))
    return Mixtures(found, model, proof)


def _several(request: Request) -> Counted:
    check_topics(request)
    found = counted(request)
    if int((found.counts.matrix.sum(axis=1) > 0).sum()) < 2:
        raise OneDocument
    if len(found.counts.words) < 2:
        raise TooFewWords(len(found.counts.words), 2)
    return found


def top_words(
    topics: np.ndarray, words: tuple[str, ...], count: int
) -> list[list[tuple[str, float]]]:
    """The most probable words of each row of float[K, V], with their probability."""
    return [
        [(words[w], float(row[w])) for w in np.argsort(-np.round(row, 12), kind="stable")[:count]]
        for row in topics
    ]
