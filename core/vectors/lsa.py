"""Latent semantic analysis: documents and words in the few directions that matter most.

Source: Deerwester et al., Indexing by Latent Semantic Analysis, JASIS 41(6), 1990.
"""

from dataclasses import dataclass

import numpy as np

from core.errors import OutOfRange, TooFewWords
from core.vectors.counts import cosines
from core.vectors.documents import OneDocument


@dataclass(frozen=True)
class Lsa:
    """X ~ U S V^T, cut after k directions.

    singular : float64[min(D, V)], all singular values, largest first
    documents : float64[D, k], U S; words : float64[V, k], V S; directions : float64[k, V], V^T
    """

    singular: np.ndarray
    documents: np.ndarray
    words: np.ndarray
    directions: np.ndarray

    @property
    def kept(self) -> float:
        """Share of the matrix's squared numbers that k directions keep."""
        total = float((self.singular**2).sum())
        return float((self.singular[: len(self.directions)] ** 2).sum()) / total

    def place(self, row: np.ndarray) -> np.ndarray:
        """Where a document that was not part of it would lie: float[V] -> float64[k]."""
        return np.asarray(row, np.float64) @ self.directions.T


def most_directions(matrix: np.ndarray) -> int:
    """How many directions a float[D, V] matrix can have.

    Raises `OneDocument`, `TooFewWords` where there are fewer than two.
    """
    documents, words = (int((np.abs(matrix).sum(axis=axis) > 0).sum()) for axis in (1, 0))
    if documents < 2:
        raise OneDocument
    if words < 2:
        raise TooFewWords(words, 2)
    return min(documents, words)


def decompose(matrix: np.ndarray, k: int) -> Lsa:
    """Truncated SVD of float[D, V], by scikit-learn, with a fixed seed.

    Raises `OneDocument`, `TooFewWords`, `OutOfRange`.
    """
    from sklearn.decomposition import TruncatedSVD

    most = most_directions(matrix)
    if not 2 <= k <= most:
        raise OutOfRange("size", k, 2, most)
    svd = TruncatedSVD(k, algorithm="randomized", n_iter=20, n_oversamples=20, random_state=0)
    documents = svd.fit_transform(matrix)  # (D, k)
    return Lsa(
        np.linalg.svd(matrix, compute_uv=False), documents,
        svd.components_.T * svd.singular_values_, svd.components_,
    )


@dataclass(frozen=True)
class Pair:
    """Two words that stand in no common document, and their cosine in the k directions."""

    one: int
    two: int
    cosine: float


def never_together(counts: np.ndarray, words: np.ndarray) -> Pair | None:
    """Of the words that share no document, the two whose vectors are most alike.

    counts : int[D, V]; words : float[V, k]. None where every two words share one. Of equally
    alike pairs the most frequent is taken.
    """
    present = (counts > 0).astype(np.float64)
    together = present.T @ present  # (V, V)
    alike = np.round(cosines(words, words), 6)  # (V, V)
    frequency = counts.sum(axis=0)
    apart = np.triu(together == 0, 1)
    if not apart.any():
        return None
    score = np.where(apart, alike + 1e-9 * np.minimum.outer(frequency, frequency), -np.inf)
    one, two = np.unravel_index(int(score.argmax()), score.shape)
    return Pair(int(one), int(two), float(cosines(words[one][None], words[two][None])[0, 0]))


def classes(vectors: np.ndarray, count: int) -> tuple[int, ...]:
    """Group float[N, k] vectors by direction: agglomerative clustering, average cosine distance.

    A number for each vector, from 0, in the order in which the classes are first met.
    Raises `OutOfRange`.
    """
    from sklearn.cluster import AgglomerativeClustering

    if not 1 <= count <= len(vectors):
        raise OutOfRange("classes", count, 1, len(vectors))
    if len(vectors) == 1:
        return (0,)
    far = np.clip(1.0 - cosines(vectors, vectors), 0.0, None)  # (N, N)
    found = AgglomerativeClustering(
        n_clusters=count, metric="precomputed", linkage="average"
    ).fit_predict(far)
    names: dict[int, int] = {}
    return tuple(names.setdefault(int(label), len(names)) for label in found)
