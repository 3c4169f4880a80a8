"""Looking around in a trained space: neighbours, analogies, and the plane that shows most of it."""

from dataclasses import dataclass

import numpy as np

Ranked = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Plane:
    """The two directions along which a cloud of vectors spreads most.

    centre : float64[N]; axes : float64[2, N]; share : of the variance that they keep, 0..1
    """

    centre: np.ndarray
    axes: np.ndarray
    share: float

    def place(self, vectors: np.ndarray) -> np.ndarray:
        """Coordinates float64[V, 2] of float[V, N]."""
        return (vectors - self.centre) @ self.axes.T


def plane(vectors: np.ndarray) -> Plane:
    """Principal components of float[V, N]; with N = 2 the vectors' own axes, nothing turned."""
    vectors = np.asarray(vectors, np.float64)
    if vectors.shape[1] == 2:
        return Plane(np.zeros(2), np.eye(2), 1.0)
    centre = vectors.mean(axis=0)
    _, spread, axes = np.linalg.svd(vectors - centre, full_matrices=False)
    axes = axes[:2] * np.sign(axes[:2].sum(axis=1, keepdims=True) + 1e-12)  # a fixed way up
    kept, all_ = float((spread[:2] ** 2).sum()), float((spread**2).sum())
    if len(axes) < 2:
        axes = np.vstack([axes, np.zeros_like(axes)])[:2]
    return Plane(centre, axes, kept / all_ if all_ else 1.0)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Every row brought to length 1; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1.0)


def nearest(words: tuple[str, ...], vectors: np.ndarray, query: np.ndarray, k: int,
            skip: tuple[int, ...] = ()) -> Ranked:
    """The k words whose vectors point most nearly along `query`, with their cosines."""
    closeness = unit(vectors) @ unit(query)  # (V,)
    order = [int(i) for i in np.argsort(-closeness, kind="stable") if i not in skip]
    return tuple((words[i], float(closeness[i])) for i in order[:k])


def neighbours(words: tuple[str, ...], vectors: np.ndarray, word: int, k: int) -> Ranked:
    """The k words nearest to a word of the space, without itself."""
    return nearest(words, vectors, vectors[word], k, (word,))


def analogy(words: tuple[str, ...], vectors: np.ndarray, a: int, b: int, c: int, k: int) -> Ranked:
    """What is to c as b is to a: nearest to b - a + c on vectors of length 1, none of the three.

    Source: Mikolov, Yih and Zweig 2013, "Linguistic Regularities", section 4.
    """
    of = unit(vectors)
    return nearest(words, vectors, of[b] - of[a] + of[c], k, (a, b, c))
