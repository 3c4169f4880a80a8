"""Requests that wait together run as one batch; askers take turns; too many are refused at once."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from core.engine.asker import NOBODY, asker
from core.engine.load import Load
from core.engine.turns import Turns
from core.errors import Busy

Item = TypeVar("Item")
Answer = TypeVar("Answer")

MEASURED = 16  # batches that the speed is taken from
ENOUGH = 8  # of them before anybody is refused for it: the first ones are slow
LATENCIES = 400  # remembered


@dataclass(eq=False)
class _Waiting(Generic[Item, Answer]):
    item: Item
    group: Hashable
    cost: int
    asker: str
    asked: float
    deadline: float
    answer: "Future[Answer]" = field(default_factory=Future)


class MicroBatcher(Generic[Item, Answer]):
    """One worker thread that takes what is waiting and runs it in batches.

    Items share a batch when their `group` is equal; a batch holds at most `batch_cost` of
    the items' costs (word pieces, padding counted). Nothing waits for company: a lone
    request runs at once, and what arrives meanwhile forms the next batch.

    Whose request is next is up to `Turns`; others of its group that fit go along. One asker
    (`core.engine.asker`) has at most `share` in the queue. A request is refused when the queue is
    full, and as soon as what comes before it takes longer than `deadline` seconds at the speed of
    the last batches.
    """

    def __init__(
        self,
        run: Callable[[Hashable, list[Item]], list[Answer]],
        *,
        queue_limit: int,
        batch_cost: int,
        deadline: float,
        name: str,
        share: int | None = None,
    ) -> None:
        self._run = run
        self._queue_limit, self._share = queue_limit, share or queue_limit
        self._batch_cost = batch_cost
        self._deadline = deadline
        self._queue: list[_Waiting[Item, Answer]] = []
        self._running: list[_Waiting[Item, Answer]] = []
        self._began = 0.0
        self._turns = Turns()
        self._speeds: deque[tuple[float, float]] = deque(maxlen=MEASURED)  # (cost, seconds)
        self._latencies: deque[float] = deque(maxlen=LATENCIES)
        self._served = self._refused = self._batches = 0
        self._changed = threading.Condition()
        self._worker = threading.Thread(target=self._work, name=f"batcher {name}", daemon=True)
        self._worker.start()

    def submit(self, item: Item, group: Hashable, cost: int) -> Answer:
        """Wait for the answer. Raises `Busy` when it is refused or the deadline passes."""
        return self.submit_all([item], group, [cost])[0]

    def submit_all(
        self, items: Sequence[Item], group: Hashable, costs: Sequence[int]
    ) -> list[Answer]:
        """Wait for the answers of several items: all are queued at once, or none.

        Raises `Busy` when they are refused or the deadline passes.
        """
        who, now = asker(), time.monotonic()
        deadline = now + self._deadline
        several: list[_Waiting[Item, Answer]] = [
            _Waiting(item, group, cost, who, now, deadline)
            for item, cost in zip(items, costs, strict=True)
        ]
        try:
            with self._changed:
                self._admit(who, costs)
                self._queue.extend(several)
                self._changed.notify()
            return [w.answer.result(max(0.0, deadline - time.monotonic())) for w in several]
        except (FutureTimeout, CancelledError):  # whoever sees first that it is too late
            with self._changed:
                self._refused += len(several)
            raise Busy from None
        finally:
            self._leave(several)

    def load(self) -> Load:
        """A snapshot of the queue and what was counted since the start."""
        with self._changed:
            here = [*self._queue, *self._running]
            return Load(
                len(self._queue), len(self._running), len({w.asker for w in here}),
                self._served, self._refused, self._batches, seconds=tuple(self._latencies),
            )

    # -- inside, with the lock held up to _work

    def _admit(self, who: str, costs: Sequence[int]) -> None:
        """Raises `Busy`."""
        mine = sum(w.asker == who for w in self._queue) + len(costs)
        full = len(self._queue) + len(costs) > self._queue_limit
        if full or (who != NOBODY and mine > self._share) or (
            self._seconds_before(who, costs) > self._deadline
        ):
            self._refused += len(costs)
            raise Busy

    def _seconds_before(self, who: str, costs: Sequence[int]) -> float:
        """How long the last of these would wait, as far as the last batches tell."""
        seconds = sum(s for _, s in self._speeds)
        if len(self._speeds) < ENOUGH or not seconds or not self._queue:
            return 0.0
        speed = sum(c for c, _ in self._speeds) / seconds
        held: Counter[Hashable] = Counter()
        for waiting in self._queue:
            held[waiting.asker] += waiting.cost
        before = self._turns.before(who, sum(costs[:-1]), held)
        under_way = sum(w.cost for w in self._running) / speed - (time.monotonic() - self._began)
        return before / speed + max(0.0, under_way)

    def _take(self) -> list[_Waiting[Item, Answer]]:
        """The request whose turn it is, and those of its group that fit beside it with padding."""
        now = time.monotonic()
        for waiting in self._queue:
            if waiting.deadline < now:
                waiting.answer.cancel()
        self._queue = [w for w in self._queue if not w.answer.cancelled()]
        batch: list[_Waiting[Item, Answer]] = []
        longest, fitting = 0, self._queue
        while fitting:
            who = self._turns.next(w.asker for w in fitting)
            found = next(w for w in fitting if w.asker == who)
            fitting = [w for w in fitting if w is not found]
            if not found.answer.set_running_or_notify_cancel():
                continue
            (self._turns.charge if batch else self._turns.choose)(who, found.cost)
            batch.append(found)
            longest = max(longest, found.cost)
            fitting = [
                w for w in fitting if w.group == batch[0].group
                and max(longest, w.cost) * (len(batch) + 1) <= self._batch_cost
            ]
        self._queue = [w for w in self._queue if w not in batch]
        self._running, self._began = batch, now
        return batch

    def _done(self, batch: list[_Waiting[Item, Answer]]) -> None:
        now = time.monotonic()
        with self._changed:
            self._running = []
            self._batches += 1
            self._served += len(batch)
            self._latencies.extend(now - waiting.asked for waiting in batch)
            self._speeds.append((sum(w.cost for w in batch), now - self._began))

    def _leave(self, several: list[_Waiting[Item, Answer]]) -> None:
        """Nobody waits for these any more: they make room."""
        if all(waiting.answer.done() for waiting in several):
            return
        with self._changed:
            for waiting in several:
                waiting.answer.cancel()
            self._queue = [w for w in self._queue if not w.answer.cancelled()]

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._queue:
                    self._turns.rest()
                    self._changed.wait()
                batch = self._take()
            if not batch:
                continue
            try:
                answers = self._run(batch[0].group, [w.item for w in batch])
                pairs = list(zip(batch, answers, strict=True))
            except BaseException as error:
                self._done(batch)
                for waiting in batch:
                    waiting.answer.set_exception(error)
                continue
            self._done(batch)
            for waiting, answer in pairs:
                waiting.answer.set_result(answer)
