"""Requests that wait together run as one batch; a full queue refuses at once."""

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
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
        waiting: _Waiting[Item, Answer] = _Waiting(
            item, group, cost, time.monotonic() + self._deadline
        )
        with self._changed:
            if len(self._queue) >= self._queue_limit:
                raise Busy
            self._queue.append(waiting)
            self._changed.notify()
        try:
            return waiting.answer.result(self._deadline)
        except (FutureTimeout, CancelledError):  # whoever sees first that it is too late
            waiting.answer.cancel()
            raise Busy from None

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
