"""How long interactions took, and what was refused: the last few thousand, in a fixed memory.

    recorder().note("attention", "fragment", 0.031)
    recorder().quantiles()             # of the last interactions
    recorder().timeline(300.0, 15.0)   # of the last minutes, for a picture

A note is a page's name, a kind and a number of seconds. Nothing else can be put in.
"""

import math
import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

Kind = Literal["page", "fragment"]  # the whole page, or a part of it
KINDS: tuple[Kind, ...] = ("page", "fragment")
CAPACITY = 8192  # interactions: 200 visitors with one every 10 s fill them in 7 minutes
NAMES = 64  # different pages, and different counters; more are counted as OTHER
OTHER = "other"
BOUNDS = (0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0)  # seconds


@dataclass(frozen=True)
class Quantiles:
    """Seconds that half, 95 % and 99 % of `count` interactions did not exceed."""

    count: int = 0
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0


@dataclass(frozen=True)
class Moment:
    """The interactions of one stretch of time; ago : seconds from its end until now."""

    ago: float
    quantiles: Quantiles


@dataclass(frozen=True)
class Histogram:
    """All interactions of a page and kind since the start.

    counts : how many took at most each of BOUNDS, and any time, in all
    """

    page: str
    kind: Kind
    counts: tuple[int, ...]
    seconds: float


class Recorder:
    """Safe from any thread; its memory does not grow.

    clock : seconds that only go forward, whatever is done to the machine's time
    """

    def __init__(
        self, capacity: int = CAPACITY, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._when = np.zeros(capacity)  # (N,) the end of an interaction
        self._seconds = np.zeros(capacity)  # (N,)
        self._noted = 0
        self._all: dict[tuple[str, Kind], list[int]] = {}
        self._spent: Counter[tuple[str, Kind]] = Counter()
        self._counts: Counter[str] = Counter()
        self._last: dict[str, float] = {}
        self._began = clock()

    @property
    def uptime(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._began

    def note(self, page: str, kind: Kind, seconds: float) -> None:
        """An interaction that has just ended."""
        slot = bisect_left(BOUNDS, seconds)
        with self._lock:
            at = self._noted % len(self._when)
            self._when[at], self._seconds[at] = self._clock(), seconds
            self._noted += 1
            key = (page, kind)
            if key not in self._all and len(self._all) >= NAMES:
                key = (OTHER, kind)
            self._all.setdefault(key, [0] * (len(BOUNDS) + 1))[slot] += 1
            self._spent[key] += seconds  # type: ignore[assignment]

    def count(self, what: str) -> None:
        """One more of something that has no length, as a refusal."""
        with self._lock:
            if what not in self._counts and len(self._counts) >= NAMES:
                what = OTHER
            self._counts[what] += 1
            self._last[what] = self._clock()

    @property
    def counts(self) -> Mapping[str, int]:
        """What was counted, since the start."""
        with self._lock:
            return dict(self._counts)

    def ago(self, what: str) -> float:
        """Seconds since it was last counted; infinite for what never was."""
        return self._clock() - self._last.get(what, -math.inf)

    @property
    def noted(self) -> int:
        """Interactions since the start."""
        return self._noted

    def quantiles(self, within: float | None = None) -> Quantiles:
        """Of the last interactions that are kept, or of those of the last `within` seconds."""
        when, seconds = self._kept()
        if within is not None:
            seconds = seconds[when >= self._clock() - within]
        return _quantiles(seconds)

    def timeline(self, span: float, step: float) -> tuple[Moment, ...]:
        """The last `span` seconds in stretches of `step`, the oldest first; empty ones too."""
        when, seconds = self._kept()
        ago = self._clock() - when  # (N,)
        count = int(np.ceil(span / step))
        return tuple(
            Moment(step * i, _quantiles(seconds[(ago >= step * i) & (ago < step * (i + 1))]))
            for i in reversed(range(count))
        )

    def histograms(self) -> tuple[Histogram, ...]:
        """Every page and kind since the start."""
        with self._lock:
            return tuple(
                Histogram(page, kind, tuple(np.cumsum(counts).tolist()),
                          float(self._spent[page, kind]))
                for (page, kind), counts in sorted(self._all.items())
            )

    def _kept(self) -> tuple[np.ndarray, np.ndarray]:
        with self._lock:
            count = min(self._noted, len(self._when))
            return self._when[:count].copy(), self._seconds[:count].copy()


def _quantiles(seconds: np.ndarray) -> Quantiles:
    if not len(seconds):
        return Quantiles()
    p50, p95, p99 = np.quantile(seconds, (0.5, 0.95, 0.99))
    return Quantiles(len(seconds), float(p50), float(p95), float(p99))


@cache
def recorder() -> Recorder:
    """The one that everything in this process shares."""
    return Recorder()
