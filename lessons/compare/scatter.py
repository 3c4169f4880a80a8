"""The sense sentences of a word as a cloud of its vectors, and the cloud seen in two dimensions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.engine.protocol import Engine
from core.errors import BadInput, ModelUnavailable
from core.vectors import elmo, senses, static
from lessons.compare import states
from lessons.compare.lesson import TABLES


@dataclass(frozen=True)
class Request:
    """kind : "word2vec", "glove", "elmo" or "bert"."""

    word: str
    kind: str = "bert"
    model: str = "embedded"


@dataclass(frozen=True)
class Cloud:
    """The word in m sentences; `sense` says for each which of its senses it has.

    vectors : float32[layers, m, D]; a static table has one layer
    """

    word: str
    sentences: tuple[str, ...]
    sense: tuple[int, ...]
    vectors: np.ndarray


TWENTY = 20  # sentences a word of the larger maps has


def large() -> tuple[str, ...]:
    """The English words with twenty sentences."""
    return tuple(
        w.word for w in senses.senses("en") if sum(len(s.sentences) for s in w.senses) >= TWENTY
    )


def check(kind: str, word: str) -> None:
    """Whether a static table or ELMo can draw this word. Raises `WordUnknown`,
    `ModelUnavailable`."""
    if kind in TABLES:
        static.load(TABLES[kind]).vector(word)
    elif kind == "elmo":
        elmo.load()


@dataclass(frozen=True)
class Plane:
    """A layer of the cloud on its two directions of largest spread.

    points : float64[m, 2]; own : float64[e, 2], further vectors on the same plane
    shares : of the cloud's variance, along each direction; 0 where all points are one
    agree : sentences whose nearest other has the same sense; None where all points are one
    nearest : for each further vector the index of the sentence with the largest cosine
    """

    points: np.ndarray
    own: np.ndarray
    shares: tuple[float, float]
    agree: int | None
    nearest: tuple[int, ...]


def run(engine: Engine, request: Request) -> Cloud:
    """The word's vectors in its sense sentences, all layers at once.

    Raises `BadInput` for a word without sense sentences, `WordUnknown`, `ModelUnavailable`,
    and the errors of `Engine.trace`.
    """
    word = senses.find(request.word)
    if word is None:
        raise BadInput(f"There are no sense sentences for {request.word!r}.")
    sentences = tuple(text for sense in word.senses for text in sense.sentences)
    which = tuple(i for i, sense in enumerate(word.senses) for _ in sense.sentences)
    if request.kind in TABLES:
        one = static.load(TABLES[request.kind]).vector(word.word)
        vectors: np.ndarray | None = np.repeat(one[None, None], len(sentences), axis=1)
    elif request.kind == "elmo":
        vectors = states.of_elmo(sentences, word.word)
    else:
        vectors = states.of_bert(engine, request.model, sentences, word.word)
    if vectors is None:
        raise ModelUnavailable("ELMo", f"it does not read {word.word!r} as a word.")
    vectors = np.asarray(vectors, np.float32)
    vectors.flags.writeable = False
    return Cloud(word.word, sentences, which, vectors)


def plane(
    cloud: Cloud, layer: int, own: np.ndarray | None = None, texts: Sequence[str] = ()
) -> Plane:
    """PCA of one layer, by singular value decomposition of the centred vectors.

    own : float[e, D], vectors to be placed on the plane without having a part in choosing it
    texts : their sentences; none of them counts as its own nearest
    """
    vectors = cloud.vectors[layer].astype(np.float64)  # (m, D)
    extra = np.zeros((0, vectors.shape[1])) if own is None else np.asarray(own, np.float64)
    centre = vectors.mean(axis=0)
    centred = vectors - centre
    spread = float((centred**2).sum())
    if spread < 1e-9 * max(float((vectors**2).sum()), 1e-12):
        nothing = np.zeros((len(vectors), 2))
        return Plane(nothing, np.zeros((len(extra), 2)), (0.0, 0.0), None, ())
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    axes = directions[:2] * np.where(directions[:2].sum(axis=1) < 0, -1.0, 1.0)[:, None]  # (2, D)
    shares = sizes[:2] ** 2 / spread
    among = _cosines(vectors, vectors)
    np.fill_diagonal(among, -np.inf)
    sense = np.array(cloud.sense)
    agree = int((sense[among.argmax(axis=1)] == sense).sum())
    to_own = _cosines(extra, vectors)  # (e, m)
    for row, text in zip(to_own, texts, strict=False):
        row[[s == text.strip() for s in cloud.sentences]] = -np.inf
    return Plane(
        centred @ axes.T, (extra - centre) @ axes.T, (float(shares[0]), float(shares[1])), agree,
        tuple(int(i) for i in to_own.argmax(axis=1)),
    )


def _cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """float64[a, D] and float64[b, D] -> float64[a, b]."""
    lengths = np.linalg.norm(one, axis=1)[:, None] * np.linalg.norm(other, axis=1)
    return one @ other.T / np.maximum(lengths, 1e-12)


def by_chance(cloud: Cloud) -> int:
    """How many sentences would agree with another one drawn at random, to the nearest whole."""
    m = len(cloud.sense)
    sizes = [cloud.sense.count(which) for which in set(cloud.sense)]
    return round(sum(n * (n - 1) for n in sizes) / (m - 1))
