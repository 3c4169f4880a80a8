"""One-hot vectors, the bag of words and TF-IDF of the learner's documents."""

from dataclasses import dataclass

import numpy as np

from core.engine.protocol import Engine
from core.vectors.counts import cell, cosines, tfidf, tfidf_by_hand
from core.vectors.documents import function_words
from lessons.classic.request import Counted, Request, counted
from lessons.proof import Proof, check

FAMOUS = (("bag", "cat", "dog"), ("包", "猫", "狗"))


@dataclass(frozen=True)
class OneHot:
    """1-of-N: word i is row i of the identity.

    pairs : how many pairs of words there are; nearest, farthest : the smallest and the largest
    distance among them, 0 where there is no pair; cosine : the largest cosine
    trio : up to three words to look at first; same : two documents with the same counts, if any
    """

    counted: Counted
    pairs: int
    nearest: float
    farthest: float
    cosine: float
    trio: tuple[int, ...]
    same: tuple[int, int] | None


def one_hot(engine: Engine, request: Request) -> OneHot:
    """Count every word, measure every pair of one-hot vectors.

    Raises the errors of `collection`.
    """
    found = counted(request, every_word=True)
    vectors = np.eye(len(found.counts.words))  # (V, V)
    distances, angles = between(vectors)
    upper = np.triu_indices(len(vectors), 1)
    far, alike = distances[upper], angles[upper]
    return OneHot(
        found, len(far), float(far.min(initial=np.inf)) if len(far) else 0.0,
        float(far.max(initial=0.0)), float(alike.max(initial=0.0)),
        _trio(found), _same_bag(found),
    )


def between(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Euclidean distances and cosines of every two rows of float[N, V]: float64[N, N] each."""
    products = vectors @ vectors.T  # (N, N)
    squares = np.diag(products)
    apart = np.maximum(squares[:, None] + squares[None] - 2 * products, 0.0)
    return np.sqrt(apart), cosines(vectors, vectors)


def _trio(found: Counted) -> tuple[int, ...]:
    words = found.counts.words
    for famous in FAMOUS:
        if set(famous) <= set(words):
            return tuple(words.index(word) for word in famous)
    often = found.counts.matrix.sum(axis=0)
    order = sorted(range(len(words)), key=lambda i: (words[i] in function_words(), -often[i], i))
    return tuple(order[:3])


def _same_bag(found: Counted) -> tuple[int, int] | None:
    """Two documents that differ and whose counts do not."""
    texts, matrix = found.collection.words, found.counts.matrix
    for i in range(len(matrix)):
        for j in range(i + 1, len(matrix)):
            if texts[i] != texts[j] and (matrix[i] == matrix[j]).all():
                return i, j
    return None


@dataclass(frozen=True)
class Weighed:
    """TF-IDF of the collection and the sentence.

    idf : float64[V]; weights : float64[D, V]; query : float64[V]
    similar : float64[D], cosine of the sentence and each document
    order : words from the largest summed weight to the smallest
    """

    counted: Counted
    idf: np.ndarray
    weights: np.ndarray
    query: np.ndarray
    similar: np.ndarray
    order: tuple[int, ...]
    proof: Proof

    def heaviest(self, document: int, count: int) -> tuple[int, ...]:
        """The words of a document with the largest weights, largest first."""
        row = np.round(self.weights[document], 12)
        return tuple(int(w) for w in np.argsort(-row, kind="stable")[:count] if row[w] > 0)


def weigh(engine: Engine, request: Request) -> Weighed:
    """TF-IDF by scikit-learn, checked against the formula.

    Raises the errors of `counted`.
    """
    found = counted(request)
    matrix = found.counts.matrix
    scores = tfidf(matrix, found.query)
    ours = tfidf_by_hand(matrix)
    document, word = np.unravel_index(int(scores.matrix.argmax()), scores.matrix.shape)
    one = cell(matrix, int(document), int(word))
    n, df = len(matrix), (matrix > 0).sum(axis=0)
    proof = Proof((
        check("idf", "ln((1 + n) / (1 + df)) + 1", np.log((1 + n) / (1 + df)) + 1, scores.idf),
        check("tf-idf", "tf · idf / length", ours, scores.matrix),
        check("one cell", "tf · idf / length", np.array(one.weight),
              scores.matrix[document, word]),
    ))
    order = np.argsort(-np.round(scores.matrix.sum(axis=0), 12), kind="stable")
    return Weighed(
        found, scores.idf, scores.matrix, scores.query,
        cosines(scores.query[None], scores.matrix)[0], tuple(map(int, order)), proof,
    )
