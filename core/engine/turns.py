"""Whose turn it is: whoever has had least goes first, and a rest earns nothing.

Start-time fair queueing: each asker has a clock that moves on by the cost of what is done for him.
The one whose clock is furthest behind is next; whoever comes back after a rest begins where the
last one chosen began.

Source: Goyal, Vin and Cheng 1996, section 2, with equal weights.
"""

from collections.abc import Hashable, Iterable, Mapping


class Turns:
    """The askers' clocks, in units of cost."""

    def __init__(self) -> None:
        self._clocks: dict[Hashable, float] = {}
        self._now = 0.0

    def clock(self, asker: Hashable) -> float:
        """Where an asker's next request begins."""
        return max(self._now, self._clocks.get(asker, 0.0))

    def next(self, waiting: Iterable[Hashable]) -> Hashable:
        """Of those that wait, at least one, the one furthest behind; of equals the first."""
        return min(waiting, key=self.clock)

    def choose(self, asker: Hashable, cost: float) -> None:
        """It is his turn: a request of this cost is done for him."""
        self._now = self.clock(asker)
        self._clocks = {who: at for who, at in self._clocks.items() if at > self._now}
        self.charge(asker, cost)

    def charge(self, asker: Hashable, cost: float) -> None:
        """A request was done for him because there was room beside another's."""
        self._clocks[asker] = self.clock(asker) + cost

    def before(self, asker: Hashable, own: float, waiting: Mapping[Hashable, float]) -> float:
        """What is done for all until an asker's next request but `own` begins.

        waiting : the cost of what each has in the queue; of the others' counts what comes first
        """
        own += waiting.get(asker, 0.0)
        begin = self.clock(asker) + own
        return own + sum(
            min(held, max(0.0, begin - self.clock(other)))
            for other, held in waiting.items() if other != asker
        )

    def rest(self) -> None:
        """Nobody waits: all begin anew."""
        self._clocks.clear()
        self._now = 0.0
