"""A long list of texts through a model in slices, between which the others get their turn."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.contract import EncodingProgress, Pooling, Precision
from core.encode.pieces import Pieces, Slice, slices
from core.errors import Busy, Cancelled

if TYPE_CHECKING:
    from core.encode.encoder import Answer

GPU_PIECES = 65_536  # of a slice, enough to fill a GPU
PAUSE = 0.05  # seconds until a refused slice is offered again

Tell = Callable[[EncodingProgress], None]


@dataclass(frozen=True)
class Job:
    """What is wanted of every text.

    layer : index into the hidden states, 0 <= layer <= L; poolings : a vector each
    task : the adapter to go through, None for the model itself
    progress : called at the start and after every slice; cancel : looked at before each
    """

    layer: int
    poolings: tuple[Pooling, ...]
    task: str | None
    precision: Precision
    progress: Tell | None
    cancel: threading.Event | None

    def stop_if_asked(self) -> None:
        """Raises `Cancelled`."""
        if self.cancel is not None and self.cancel.is_set():
            raise Cancelled


def different(texts: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """The u different texts in order of appearance, and int64[n], which of them each is."""
    places: dict[str, int] = {}
    whose = [places.setdefault(text, len(places)) for text in texts]
    return list(places), np.array(whose, dtype=np.int64)


def in_slices(
    job: Job,
    read: Pieces,
    start: Callable[[Slice], "Answer"],
    *,
    hidden: int,
    most: int,
    ahead: int,
    patience: float,
) -> np.ndarray:
    """float32[poolings, n, H].

    start : begins a slice; most : pieces of one; ahead : slices begun before the first is read
    patience : seconds that every slice but the first is offered again while the room is busy

    Raises `Cancelled`, and what `start` raises.
    """
    vectors = np.empty((len(job.poolings), len(read), hidden), dtype=np.float32)
    waiting: deque[tuple[Slice, Answer]] = deque()
    texts = pieces = 0
    began = time.monotonic()

    def collect() -> None:
        nonlocal texts, pieces
        some, answer = waiting.popleft()
        vectors[:, some.texts] = answer.numpy()
        texts, pieces = texts + len(some.texts), pieces + len(some.ids)
        tell()

    def tell() -> None:
        if job.progress is not None:
            seconds = time.monotonic() - began
            job.progress(EncodingProgress(texts, len(read), pieces, len(read.ids), seconds))

    tell()
    for some in slices(read, most):
        job.stop_if_asked()
        waiting.append((some, _begun(start, some, job, patience if pieces else 0.0)))
        while len(waiting) > ahead:
            collect()
    while waiting:
        collect()
    return vectors


def _begun(
    start: Callable[[Slice], "Answer"], some: Slice, job: Job, patience: float
) -> "Answer":
    """Work half done is not given up because the room is busy for a moment."""
    end = time.monotonic() + patience
    while True:
        try:
            return start(some)
        except Busy:
            if time.monotonic() >= end:
                raise
        time.sleep(PAUSE)
        job.stop_if_asked()
