"""The same sentence through an LSTM and a self-attention layer, timed as it grows longer."""

import statistics
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.engine.protocol import Engine
from core.errors import Busy, DeviceUnavailable
from core.models.registry import EMBEDDED

LENGTHS = (8, 16, 32, 64, 128, 256, 512)
ROUNDS = 7
SECONDS = 4.0  # for the whole race; what is left gets fewer rounds, at least one
WAIT = 30.0
TABLE = "bert.embeddings.word_embeddings.weight"
Progress = Callable[[float], Any]
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Request:
    """round : another number is another measurement."""

    text: str
    device: str = "cpu"
    round: int = 1


@dataclass(frozen=True)
class Race:
    """Medians in milliseconds for each length, of a forward pass with a batch of one.

    width : numbers a word, the same for both; rounds : how many measurements each median has
    threads : of torch on the CPU
    """

    device: str
    width: int
    threads: int
    lengths: tuple[int, ...]
    lstm: tuple[float, ...]
    attention: tuple[float, ...]
    rounds: tuple[int, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        """LSTM over attention; above 1 attention is faster."""
        return tuple(a / b for a, b in zip(self.lstm, self.attention, strict=True))


@dataclass(frozen=True)
class Counts:
    """A layer that reads n words of width d, as in Vaswani et al. 2017, table 1.

    products : multiplications of the leading term; waits : steps one after another;
    path : steps from the first word to the last state
    """

    products: int
    waits: int
    path: int


def run(engine: Engine, request: Request, progress: Progress = lambda _: None) -> Race:
    """Time both. Raises `EmptyText`, `Busy`, `DeviceUnavailable`.

    The word vectors are those of the embedded model, repeated to each length; the weights are
    drawn at random, since the time does not depend on them.
    """
    ids = engine.tokenize(EMBEDDED, request.text).ids
    words = engine.parameter(EMBEDDED, TABLE)[list(ids)].astype(np.float32)  # (n, d)
    if request.device not in devices():
        raise DeviceUnavailable(request.device)
    if not _ONE_AT_A_TIME.acquire(timeout=WAIT):
        raise Busy
    try:
        return _raced(words, request.device, engine.info(EMBEDDED).heads, progress)
    finally:
        _ONE_AT_A_TIME.release()


def devices() -> tuple[str, ...]:
    """Where it can be run: cpu, and a GPU where there is one."""
    import torch

    found = ["cpu"]
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return tuple(found)


def _raced(words: np.ndarray, device: str, heads: int, progress: Progress) -> Race:
    import torch
    from torch import nn

    width = words.shape[1]
    recurrent = nn.LSTM(width, width).eval().to(device)
    attention = nn.MultiheadAttention(width, heads).eval().to(device)
    runs: tuple[Callable[[Any], object], ...] = (
        recurrent, lambda x: attention(x, x, x, need_weights=False)
    )
    until = time.monotonic() + SECONDS
    times: tuple[list[float], list[float]] = ([], [])
    rounds = []
    with torch.inference_mode():
        for at, length in enumerate(LENGTHS):
            x = torch.from_numpy(np.resize(words, (length, width))).to(device)
            fair = until - (until - time.monotonic()) * (1 - 1 / (len(LENGTHS) - at))
            both = _medians(runs, x, device, fair)
            for kept, (median, _) in zip(times, both, strict=True):
                kept.append(median)
            rounds.append(min(count for _, count in both))
            progress((at + 1) / len(LENGTHS))
    return Race(device, width, torch.get_num_threads(), LENGTHS, tuple(times[0]),
                tuple(times[1]), tuple(rounds))


def _medians(
    runs: Iterable[Callable[[Any], object]], x: Any, device: str, until: float
) -> list[tuple[float, int]]:
    """Median milliseconds of each and its number of rounds; taken in turn, after a warm-up."""
    pairs: list[tuple[Callable[[Any], object], list[float]]] = [(way, []) for way in runs]
    for way, _ in pairs:
        _seconds(way, x, device)
    for done in range(ROUNDS):
        if done and time.monotonic() > until:
            break
        for way, found in pairs:
            found.append(_seconds(way, x, device))
    return [(1000 * statistics.median(found), len(found)) for _, found in pairs]


def _seconds(way: Callable[[Any], object], x: Any, device: str) -> float:
    start = time.perf_counter()
    way(x)
    _finish(device)
    return time.perf_counter() - start


def _finish(device: str) -> None:
    """A GPU works on after the call has returned: wait until it is done."""
    import torch

    if device == "cuda":
        torch.cuda.synchronize()
    elif device == "mps":
        torch.mps.synchronize()


def counted(n: int, d: int) -> tuple[Counts, Counts]:
    """A recurrent and a self-attention layer over n words of width d.

    Source: Vaswani et al. 2017, table 1: n d^2, n, n against n^2 d, 1, 1. Waits and paths are
    counted on the graph of who reads whom.
    """
    waiting = {k: ([k - 1] if k else []) for k in range(n)}  # h_k waits for h_(k-1)
    reads_chain = {f"h{k}": [f"x{k}", *([f"h{k - 1}"] if k else [])] for k in range(n)}
    reads_all = {f"h{k}": [f"x{j}" for j in range(n)] for k in range(n)}
    last = f"h{n - 1}"
    return (
        Counts(n * d * d, _depth(waiting), _shortest(reads_chain, last, "x0")),
        Counts(n * n * d, _depth({k: [] for k in range(n)}), _shortest(reads_all, last, "x0")),
    )


def _depth(waits_for: dict[int, list[int]]) -> int:
    """The longest chain of steps of which each waits for another."""
    depth: dict[int, int] = {}
    for step, others in waits_for.items():  # in an order in which others come first
        depth[step] = 1 + max((depth[other] for other in others), default=0)
    return max(depth.values())


def _shortest(reads: dict[str, list[str]], start: str, goal: str) -> int:
    """Steps on the shortest way back from a state to a word."""
    queue, seen = deque([(start, 0)]), {start}
    while queue:
        here, steps = queue.popleft()
        if here == goal:
            return steps
        for other in reads.get(here, []):
            if other not in seen:
                seen.add(other)
                queue.append((other, steps + 1))
    raise ValueError(f"no way from {start} to {goal}")
