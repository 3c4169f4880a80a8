"""Long work that says how far it is, how fast it goes, and stops when told to."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import Cancelled


@dataclass(frozen=True)
class Step:
    """How far a piece of work is.

    what : a code, as "reading" or "fitting"; done, total : steps, of any kind
    rate : steps a second since this run began, 0 at first; left : seconds to go, None at first
    """

    what: str
    done: int
    total: int
    rate: float
    left: float | None

    @property
    def share(self) -> float:
        return self.done / self.total if self.total else 1.0


Tell = Callable[[Step], bool | None]
"""Called after each step; False cancels."""


class Watch:
    """Counts steps and tells them. already : steps that an earlier run had done.

    `step` raises `Cancelled` when `tell` answers False.
    """

    def __init__(
        self, what: str, total: int, tell: Tell | None = None, *, already: int = 0
    ) -> None:
        self._what, self._total, self._tell = what, total, tell
        self._done = self._already = already
        self._start = time.monotonic()
        self.step(0)

    def step(self, count: int = 1) -> None:
        self._done += count
        if self._tell is None:
            return
        seconds = time.monotonic() - self._start
        now = self._done - self._already
        rate = now / seconds if now and seconds > 0 else 0.0
        left = (self._total - self._done) / rate if rate else None
        if self._tell(Step(self._what, self._done, self._total, rate, left)) is False:
            raise Cancelled
