"""Requests that wait together run as one batch; a full queue refuses at once."""

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from core.errors import Busy

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass
class _Waiting(Generic[Item, Answer]):
    item: Item
    group: Hashable
    cost: int
    deadline: float
    answer: "Future[Answer]" = field(default_factory=Future)


class MicroBatcher(Generic[Item, Answer]):
    """One worker thread that takes what is waiting and runs it in batches.

    Items share a batch when their `group` is equal; a batch holds at most `batch_cost` of
    the items' costs (word pieces, padding counted). Nothing waits for company: a lone
    request runs at once, and what arrives meanwhile forms the next batch.
    """

    def __init__(
        self,
        run: Callable[[Hashable, list[Item]], list[Answer]],
        *,
        queue_limit: int,
        batch_cost: int,
        deadline: float,
        name: str,
    ) -> None:
        self._run = run
        self._queue_limit = queue_limit
        self._batch_cost = batch_cost
        self._deadline = deadline
        self._queue: deque[_Waiting[Item, Answer]] = deque()
        self._changed = threading.Condition()
        self._worker = threading.Thread(target=self._work, name=f"batcher {name}", daemon=True)
        self._worker.start()

    def submit(self, item: Item, group: Hashable, cost: int) -> Answer:
        """Wait for the answer. Raises `Busy` when the queue is full or the deadline passes."""
        return self.submit_all([item], group, [cost])[0]

    def submit_all(
        self, items: Sequence[Item], group: Hashable, costs: Sequence[int]
    ) -> list[Answer]:
        """Wait for the answers of several items: all are queued at once, or none.

        Raises `Busy` when they do not all fit into the queue or the deadline passes.
        """
        deadline = time.monotonic() + self._deadline
        several: list[_Waiting[Item, Answer]] = [
            _Waiting(item, group, cost, deadline)
            for item, cost in zip(items, costs, strict=True)
        ]
        with self._changed:
            if len(self._queue) + len(several) > self._queue_limit:
                raise Busy
            self._queue.extend(several)
            self._changed.notify()
        try:
            return [w.answer.result(max(0.0, deadline - time.monotonic())) for w in several]
        except (FutureTimeout, CancelledError):  # whoever sees first that it is too late
            raise Busy from None
        finally:
            for waiting in several:
                waiting.answer.cancel()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._queue:
                    self._changed.wait()
                batch = self._take()
            if not batch:
                continue
            try:
                answers = self._run(batch[0].group, [w.item for w in batch])
                pairs = list(zip(batch, answers, strict=True))
            except BaseException as error:
                for waiting in batch:
                    waiting.answer.set_exception(error)
                continue
            for waiting, answer in pairs:
                waiting.answer.set_result(answer)

    def _take(self) -> list[_Waiting[Item, Answer]]:
        """The oldest request and those of its group that fit beside it, padding counted."""
        now = time.monotonic()
        batch: list[_Waiting[Item, Answer]] = []
        left: deque[_Waiting[Item, Answer]] = deque()
        longest = 0
        for waiting in self._queue:
            if waiting.deadline < now:
                waiting.answer.cancel()
                continue
            grown = max(longest, waiting.cost)
            fits = not batch or (
                waiting.group == batch[0].group and grown * (len(batch) + 1) <= self._batch_cost
            )
            if fits and waiting.answer.set_running_or_notify_cancel():
                batch.append(waiting)
                longest = grown
            elif not waiting.answer.cancelled():
                left.append(waiting)
        self._queue = left
        return batch
