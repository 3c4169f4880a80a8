"""Static word vectors: one vector a word, whatever stands around it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock

import numpy as np

from core.errors import ModelUnavailable, WordUnknown
from core.vectors.words import Vocabulary, split

FOLDER = Path(__file__).parents[2] / "assets" / "vectors"
WORDS = "words.txt"
LABELS = {"cbow": "word2vec (CBOW)", "skipgram": "word2vec (skip-gram)", "glove": "GloVe"}
_loaded: dict[Path, "StaticVectors"] = {}
_vocabularies: dict[Path, Vocabulary] = {}
_lock = Lock()


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    """Cosine of the angle between two vectors, in float64; 0 when one of them is zero.

    A vector and its copy give exactly 1.0: the root of s * s is s in binary arithmetic.
    """
    a, b = np.asarray(a, np.float64).ravel(), np.asarray(b, np.float64).ravel()
    lengths = float(np.sqrt((a * a).sum() * (b * b).sum()))
    if lengths == 0.0:
        return 0.0
    return max(-1.0, min(1.0, float((a * b).sum()) / lengths))


@dataclass(frozen=True, eq=False)
class StaticVectors:
    """One trained table of word vectors.

    name : "cbow", "skipgram" or "glove"
    words : V words, most frequent first
    counts : int64[V], how often each stood in the training text
    vectors : float16[V, H], memory-mapped, row i is the vector of words[i]
    """

    name: str
    words: tuple[str, ...]
    counts: np.ndarray
    vectors: np.ndarray
    _index: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", {word: i for i, word in enumerate(self.words)})

    @property
    def label(self) -> str:
        """The method's usual name, the same in every language."""
        return LABELS.get(self.name, self.name)

    @cached_property
    def _lengths(self) -> np.ndarray:
        lengths = np.linalg.norm(np.asarray(self.vectors, np.float32), axis=1)  # (V,)
        return np.maximum(lengths, np.finfo(np.float32).tiny)

    def find(self, word: str) -> int | None:
        """The word's row, None when the table has none. Case and outer spaces do not matter."""
        parts = split(word)
        return self._index.get(parts[0]) if len(parts) == 1 else None

    def vector(self, word: str) -> np.ndarray:
        """The word's vector, float32[H]. Raises `WordUnknown`."""
        row = self.find(word)
        if row is None:
            raise WordUnknown(word.strip(), self.label)
        return np.asarray(self.vectors[row], np.float32)

    def nearest(
        self, vector: np.ndarray, k: int, skip: Iterable[str] = ()
    ) -> tuple[tuple[str, float], ...]:
        """The k words with the largest cosine to a vector, largest first, without `skip`.

        vector : float[H]
        """
        left_out = {self.find(word) for word in skip}
        table = np.asarray(self.vectors, np.float32)  # (V, H)
        closeness = table @ np.asarray(vector, np.float32) / self._lengths  # (V,)
        order = np.argsort(-closeness, kind="stable")[: k + len(left_out)]
        kept = [int(i) for i in order if i not in left_out][:k]
        return tuple((self.words[i], cosine(self.vectors[i], vector)) for i in kept)

    def analogy(self, a: str, b: str, c: str, k: int) -> tuple[tuple[str, float], ...]:
        """What is to c as b is to a: the k words nearest to b - a + c, none of the three.

        Every vector is first brought to length 1. Raises `WordUnknown`.
        Source: Mikolov, Yih and Zweig (2013), Linguistic regularities, section 4.
        """
        of_a, of_b, of_c = (v / max(np.linalg.norm(v), 1e-12) for v in map(self.vector, (a, b, c)))
        return self.nearest(of_b - of_a + of_c, k, skip=(a, b, c))


def load(name: str) -> StaticVectors:
    """The shipped table "cbow", "skipgram" or "glove", read once in a process.

    Raises `ModelUnavailable` when its files are missing or do not belong together.
    """
    path = FOLDER / f"{name}.npy"
    with _lock:
        if path not in _loaded:
            _loaded[path] = _read(name, path)
        return _loaded[path]


def _read(name: str, path: Path) -> StaticVectors:
    label = LABELS.get(name, name)
    listed = path.with_name(WORDS)
    try:
        if listed not in _vocabularies:
            _vocabularies[listed] = Vocabulary.load(listed)
        vectors = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError as error:
        raise ModelUnavailable.missing(label, Path(error.filename).name) from error
    except (OSError, ValueError) as error:
        raise ModelUnavailable(label, "its files are damaged.", "files") from error
    vocabulary = _vocabularies[listed]
    if vectors.ndim != 2 or len(vectors) != len(vocabulary):
        raise ModelUnavailable(
            label, f"{path.name} and {WORDS} do not belong together.", "unfitting"
        )
    return StaticVectors(name, vocabulary.words, vocabulary.counts, vectors)
