"""Words counted: the bag of words, TF-IDF by scikit-learn, and one cell by hand."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.vectors.documents import MOST_WORDS, OnlyFunctionWords


@dataclass(frozen=True)
class Counts:
    """The bag of words.

    words : V different words, in the order in which they are first read
    matrix : int64[D, V], how often each stands in each document
    dropped : rarer words beyond `MOST_WORDS`
    """

    words: tuple[str, ...]
    matrix: np.ndarray
    dropped: int


def count(documents: Sequence[Sequence[str]]) -> Counts:
    """Count every word of every document. Raises `OnlyFunctionWords` when no word is left."""
    frequencies = Counter(word for words in documents for word in words)  # in reading order
    if not frequencies:
        raise OnlyFunctionWords
    frequent = {word for word, _ in frequencies.most_common(MOST_WORDS)}
    words = tuple(word for word in frequencies if word in frequent)
    return Counts(words, bags(documents, words), len(frequencies) - len(words))


def bags(documents: Sequence[Sequence[str]], words: Sequence[str]) -> np.ndarray:
    """int64[D, V], the counts of these words; other words are not seen."""
    index = {word: i for i, word in enumerate(words)}
    matrix = np.zeros((len(documents), len(index)), np.int64)
    for row, document in zip(matrix, documents, strict=True):
        for word in document:
            if word in index:
                row[index[word]] += 1
    return matrix


@dataclass(frozen=True)
class TfIdf:
    """TF-IDF as scikit-learn defines it.

    idf : float64[V], ln((1 + D) / (1 + df)) + 1
    matrix : float64[D, V], tf * idf, each row divided by its length; a row without words is 0
    query : float64[V], the same for a text that is not part of the collection
    """

    idf: np.ndarray
    matrix: np.ndarray
    query: np.ndarray


def tfidf(matrix: np.ndarray, query: np.ndarray) -> TfIdf:
    """Weigh int[D, V] counts, and with the same idf the int[V] counts of one more text."""
    from sklearn.feature_extraction.text import TfidfTransformer

    transformer = TfidfTransformer(norm="l2", smooth_idf=True, sublinear_tf=False).fit(matrix)
    return TfIdf(
        np.asarray(transformer.idf_), transformer.transform(matrix).toarray(),
        transformer.transform(query[None]).toarray()[0],
    )


def tfidf_by_hand(matrix: np.ndarray) -> np.ndarray:
    """The same float64[D, V] from the formula."""
    df = (matrix > 0).sum(axis=0)  # (V,)
    products = matrix * (np.log((1 + len(matrix)) / (1 + df)) + 1)  # (D, V)
    lengths = np.sqrt((products**2).sum(axis=1, keepdims=True))  # (D, 1)
    return np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)


@dataclass(frozen=True)
class Cell:
    """One TF-IDF number with everything that goes into it.

    tf : times the word stands in the document; df : documents it stands in, of n
    length : square root of the sum of all squared products of the row
    """

    tf: int
    n: int
    df: int
    idf: float
    product: float
    length: float
    weight: float


def cell(matrix: np.ndarray, document: int, word: int) -> Cell:
    """TF-IDF of one word in one document, step by step, in plain Python."""
    n = len(matrix)
    frequencies = [int((column > 0).sum()) for column in matrix.T]
    inverse = [math.log((1 + n) / (1 + df)) + 1 for df in frequencies]
    products = [int(tf) * idf for tf, idf in zip(matrix[document], inverse, strict=True)]
    length = math.sqrt(sum(product * product for product in products))
    product = products[word]
    return Cell(
        int(matrix[document, word]), n, frequencies[word], inverse[word], product, length,
        product / length if length else 0.0,
    )


def cosines(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Cosine of every row of float[a, c] with every row of float[b, c]: float64[a, b]."""
    def unit(vectors: np.ndarray) -> np.ndarray:
        wide = np.asarray(vectors, np.float64)
        lengths = np.linalg.norm(wide, axis=1, keepdims=True)
        return np.divide(wide, lengths, out=np.zeros_like(wide), where=lengths > 1e-12)

    return np.clip(unit(rows) @ unit(others).T, -1.0, 1.0)
