"""A cache that many threads share: bounded by bytes, and one computation for one key."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from core.errors import Cancelled


def size_of(value: object) -> int:
    """Bytes of all arrays inside a result made of dataclasses, tuples and arrays."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, (list, tuple)):
        return sum(size_of(v) for v in value)
    if is_dataclass(value):
        return sum(size_of(getattr(value, f.name)) for f in fields(value))
    return 64


class _GivenUp(Exception):
    """The caller that computed it was stopped."""


class SharedCache:
    """Least recently used results up to `max_bytes`; callers of one key share its computation."""

    def __init__(self, max_bytes: int, size: Callable[[Any], int] = size_of) -> None:
        self._max_bytes, self._size = max_bytes, size
        self._bytes = 0
        self._done: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._running: dict[Hashable, Future[Any]] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, compute: Callable[[], Any], timeout: float) -> Any:
        """The value for `key`, computed by the first caller only.

        Raises whatever `compute` raises (nothing is stored then), and TimeoutError for a
        caller that waits longer than `timeout` seconds on another's computation.
        """
        end = time.monotonic() + timeout
        while True:
            with self._lock:
                if key in self._done:
                    self._done.move_to_end(key)
                    return self._done[key][0]
                running = self._running.get(key)
                if running is None:
                    future = self._running[key] = Future()
                    break
            try:
                return running.result(max(0.0, end - time.monotonic()))
            except _GivenUp:
                continue  # whoever waits takes it over
        try:
            value = compute()
        except BaseException as error:
            with self._lock:
                del self._running[key]
            # a caller who cancels, or whose thread is ended as its browser leaves, ends only that
            stopped = isinstance(error, Cancelled) or not isinstance(error, Exception)
            future.set_exception(_GivenUp() if stopped else error)
            raise
        self._store(key, value)
        future.set_result(value)
        return value

    def held(self, key: Hashable) -> Any | None:
        """The value where it is there already; None where it must be computed."""
        with self._lock:
            if key not in self._done:
                return None
            self._done.move_to_end(key)
            return self._done[key][0]

    def _store(self, key: Hashable, value: Any) -> None:
        size = self._size(value)
        with self._lock:
            del self._running[key]
            if size > self._max_bytes:
                return
            self._done[key] = (value, size)
            self._bytes += size
            while self._bytes > self._max_bytes:
                _, (_, dropped) = self._done.popitem(last=False)
                self._bytes -= dropped
