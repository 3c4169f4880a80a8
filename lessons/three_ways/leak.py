"""Why a bidirectional stack needs masking: three small stacks trained in sight on one text.

    itself   every place may look at every place, and must name the word it is given
    others   no place may look at itself, in any layer; it must name its own word all the same
    masked   every place may look at every place; some words are hidden, and only they count

All are asked the same question afterwards: which word is behind this one [MASK]?
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import Busy, TooFewWords
from core.training.masking import CHOSEN_RATE
from core.vectors.words import split

MOST_WORDS = 48
WINDOW = 8  # words a stack sees at a time, so that places do not give words away
LEAST_WORDS = 4
MOST_STEPS = 200
LAYERS = (1, 2)
BATCH = 16
SECONDS = 2.0  # of one processor for the three together; then all stop at the same step
PATIENCE = 8.0  # seconds by the clock, for a server that has other things to do
CHUNK = 10  # steps between two points of the curves, and two reports of progress
RATE = 0.01
SEED = 7
TESTED = 128
KINDS = ("itself", "others", "masked")
Progress = Callable[[float], Any]
_ONE_AT_A_TIME = threading.Lock()
WAIT = 30.0


@dataclass(frozen=True)
class Request:
    text: str
    layers: int = 2
    steps: int = 150


@dataclass(frozen=True)
class Curve:
    """One stack at every `CHUNK` steps: its own loss, and the share of masked words it names."""

    kind: str
    loss: tuple[float, ...]
    right: tuple[float, ...]


@dataclass(frozen=True)
class Leak:
    """steps : at which the points of the curves were taken; different : words in the softmax;
    chance : share of the text's most frequent word; dropped : words beyond `MOST_WORDS`
    """

    words: tuple[str, ...]
    dropped: int
    different: int
    steps: tuple[int, ...]
    curves: tuple[Curve, ...]
    chance: float

    def of(self, kind: str) -> Curve:
        return next(curve for curve in self.curves if curve.kind == kind)


def run(engine: object, request: Request, progress: Progress = lambda _: None) -> Leak:
    """Train the three stacks. Raises `TooFewWords`, `Busy`.

    progress : is told the share of all steps that is done
    """
    words = words_of(request.text)
    layers = request.layers if request.layers in LAYERS else LAYERS[-1]
    steps = max(CHUNK, min(request.steps, MOST_STEPS))
    if not _ONE_AT_A_TIME.acquire(timeout=WAIT):
        raise Busy
    try:
        return _trained(words, layers, steps, progress)
    finally:
        _ONE_AT_A_TIME.release()


def words_of(text: str) -> tuple[str, ...]:
    """All words of the text. Raises `TooFewWords` where too few of those read are different."""
    words = split(text)
    different = len(set(words[:MOST_WORDS]))
    if different < LEAST_WORDS:
        raise TooFewWords(different, LEAST_WORDS)
    return words


def windows(ids: np.ndarray) -> np.ndarray:
    """Every run of `WINDOW` words, the text read as a ring: int[n, w]."""
    width = min(WINDOW, len(ids))
    return np.stack([np.roll(ids, -start)[:width] for start in range(len(ids))])


def _trained(
    words: tuple[str, ...], layers: int, steps: int, progress: Progress
) -> Leak:
    import torch

    from lessons.three_ways.stack import Stack

    read = words[:MOST_WORDS]
    known = sorted(set(read))
    ids = np.array([known.index(word) for word in read])
    rows, hidden = windows(ids), len(known)  # the id of [MASK] follows the words
    nets = {kind: Stack(hidden, layers, kind != "others", SEED) for kind in KINDS}
    optimizers = {k: torch.optim.Adam(net.parameters(), lr=RATE) for k, net in nets.items()}
    rng = np.random.default_rng(SEED)
    losses: dict[str, list[float]] = {kind: [] for kind in KINDS}
    right: dict[str, list[float]] = {kind: [] for kind in KINDS}
    at: list[int] = []
    busy, late = time.thread_time() + SECONDS, time.monotonic() + PATIENCE
    for step in range(steps + 1):
        drawn = rows[rng.integers(0, len(rows), BATCH)]  # (B, w)
        chosen = _chosen(rng, drawn.shape)
        measured = step % CHUNK == 0
        for kind, net in nets.items():
            loss = loss_of(net, kind, drawn, chosen, hidden)
            if measured:
                losses[kind].append(float(loss.detach()))
                right[kind].append(_right(net, rows, hidden))
            optimizers[kind].zero_grad()
            loss.backward()
            optimizers[kind].step()
        if measured:
            at.append(step)
            progress(step / steps)
            if time.thread_time() > busy or time.monotonic() > late:
                break
    curves = tuple(Curve(k, tuple(losses[k]), tuple(right[k])) for k in KINDS)
    chance = float(np.bincount(ids).max() / len(ids))
    return Leak(read, len(words) - len(read), hidden, tuple(at), curves, chance)


def _chosen(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Which places count: `CHOSEN_RATE` of them, at least one in every row; bool[B, w]."""
    chosen = rng.random(shape) < CHOSEN_RATE
    one = np.arange(shape[1]) == rng.integers(0, shape[1], shape[0])[:, None]
    return np.where(chosen.any(1, keepdims=True), chosen, one)


def loss_of(net: Any, kind: str, rows: np.ndarray, chosen: np.ndarray, hidden: int) -> Any:
    """The mean of -ln p(word): over all places, or over the hidden ones."""
    import torch
    from torch.nn import functional as F

    words = torch.from_numpy(rows)
    if kind != "masked":
        return F.cross_entropy(net(words).flatten(0, 1), words.flatten())
    places = torch.from_numpy(chosen)
    return F.cross_entropy(net(words.masked_fill(places, hidden))[places], words[places])


def _right(net: Any, rows: np.ndarray, hidden: int) -> float:
    """Share of words named behind a single [MASK], over `TESTED` windows and places."""
    import torch

    rng = np.random.default_rng(SEED + 1)
    drawn = rows[rng.integers(0, len(rows), TESTED)]
    places = rng.integers(0, rows.shape[1], TESTED)
    every = np.arange(TESTED)
    words = drawn[every, places]
    asked = drawn.copy()
    asked[every, places] = hidden
    with torch.no_grad():
        logits = net(torch.from_numpy(asked))[torch.from_numpy(every), torch.from_numpy(places)]
    return float((logits.argmax(-1).numpy() == words).mean())
