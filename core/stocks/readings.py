"""What the model reads in each text: the tweet head's probabilities and the mean vector.

Equal texts are read once. The rest is cut into slices; each is kept on disk under the hash of
its texts and of the weights, so that stopped work goes on where it was.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from core.contract import MAX_CHARACTERS, Precision
from core.engine.protocol import Engine
from core.models.files import checksum
from core.stocks.disk import kept
from core.stocks.source import frozen
from core.stocks.watch import Tell, Watch
from core.tasks.registry import WEIGHTS, find

TASK = "tweets"
SLICE = 1024  # texts
NEGATIVE, NEUTRAL, POSITIVE = range(3)


@dataclass(frozen=True)
class Readings:
    """m texts as the model reads them.

    probabilities : float32 (m, 3), negative, neutral, positive
    vectors : float32 (m, H), means over the pieces' vectors of the last layer
    """

    probabilities: np.ndarray
    vectors: np.ndarray

    def __len__(self) -> int:
        return len(self.probabilities)

    @property
    def sentiment(self) -> np.ndarray:
        """float32 (m,): P(positive) - P(negative)."""
        return self.probabilities[:, POSITIVE] - self.probabilities[:, NEGATIVE]


Read = Callable[[Sequence[str]], Readings]


def by_engine(
    engine: Engine, model: str = "embedded", precision: Precision = "float32"
) -> Read:
    """Reads through the engine, as the tweet head's adapter changes the model.

    precision : as in `Engine.classify`
    """

    def read(texts: Sequence[str]) -> Readings:
        probabilities = np.tile(np.array([0, 1, 0], np.float32), (len(texts), 1))
        vectors = np.zeros((len(texts), engine.info(model).hidden), np.float32)
        there = [i for i, text in enumerate(texts) if text.strip()]
        if there:
            found = engine.classify(
                [texts[i][:MAX_CHARACTERS] for i in there], task=TASK, model=model,
                vectors="mean", precision=precision,
            )
            probabilities[there], vectors[there] = found.probabilities, found.vectors
        return Readings(probabilities, vectors)

    return read


def weights_of(engine: Engine, model: str = "embedded") -> str:
    """32 hex digits of the model's weights and of the tweet head's."""
    head = hashlib.sha256((find(TASK).folder / WEIGHTS).read_bytes()).hexdigest()[:16]
    return checksum(engine.info(model).id) + head


def read_all(
    texts: Sequence[str], read: Read, *, weights: str, cache: Path | None = None,
    tell: Tell | None = None,
) -> tuple[Readings, np.ndarray]:
    """The readings of the u different texts, and int64 (len(texts),) which is whose.

    weights : fingerprint of the model and the head; cache : folder of the slices

    Raises `Cancelled`, and what `read` raises. Blank texts read as nothing: neutral, zeros.
    """
    # shortest first: a batch of like lengths is padded little
    unique = sorted(set(texts), key=lambda text: (len(text), text))
    place = {text: i for i, text in enumerate(unique)}
    whose = np.fromiter((place[text] for text in texts), np.int64, len(texts))
    slices = [unique[start : start + SLICE] for start in range(0, len(unique), SLICE)]
    stored = [_stored(some, weights, cache) for some in slices]
    there = sum(len(found) for found in stored if found is not None)
    watch = Watch("reading", len(unique), tell, already=there)
    parts = []
    for some, found in zip(slices, stored, strict=True):
        if found is None:
            found = read(some)
            _keep(found, some, weights, cache)
            watch.step(len(some))
        parts.append(found)
    if not parts:
        return Readings(np.zeros((0, 3), np.float32), np.zeros((0, 0), np.float32)), whose
    return Readings(
        frozen(np.concatenate([p.probabilities for p in parts])),
        frozen(np.concatenate([p.vectors for p in parts])),
    ), whose


def _stored(texts: Sequence[str], weights: str, cache: Path | None) -> Readings | None:
    """What an earlier run left of a slice; None where nothing, or a file that was cut off."""
    if cache is None:
        return None
    try:
        with np.load(cache / f"{slice_key(texts, weights)}.npz", allow_pickle=False) as stored:
            return Readings(
                stored["probabilities"].astype(np.float32), stored["vectors"].astype(np.float32)
            )
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):
        return None


def _keep(found: Readings, texts: Sequence[str], weights: str, cache: Path | None) -> None:
    """A disk that is full costs the next reader time, and this one nothing."""
    if cache is not None:
        kept(cache / f"{slice_key(texts, weights)}.npz", lambda file: np.savez(
            file, probabilities=found.probabilities.astype(np.float32),
            vectors=found.vectors.astype(np.float16),
        ))


def slice_key(texts: Sequence[str], weights: str) -> str:
    """32 hex digits that name a slice."""
    digest = hashlib.sha256(weights.encode())
    for text in texts:
        digest.update(b"\0" + text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]
