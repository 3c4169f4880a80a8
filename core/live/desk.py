"""Slow work behind the pages: one piece at a time, shared by all who want it, watched, stopped.

    desk.start(key, do, who)       # do(tell) -> value, with core.stocks.watch.Tell
    desk.look(key, who)            # waiting, running, done, failed; says that somebody waits
    desk.value(key)                # what came out
    desk.leave(key, who)           # ends it where nobody else waits

A piece of work has one key; whoever asks for the same later gets the same.
"""

import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, Literal

from core.engine.cache import size_of
from core.errors import Busy, Cancelled
from core.stocks.watch import Step, Tell

KEEP_BYTES = 256 * 2**20
SILENCE = 30.0  # seconds after which a watcher that does not look any more has gone
NICE = 5  # the pages come first
State = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True)
class Look:
    """before : pieces of work that come first; step : how far it is; error : why it failed"""

    state: State
    before: int = 0
    step: Step | None = None
    error: BaseException | None = None

    @property
    def active(self) -> bool:
        return self.state in ("waiting", "running")


@dataclass
class _Work:
    key: Hashable
    do: Callable[[Tell], Any]
    seen: dict[str, float] = field(default_factory=dict)
    state: State = "waiting"
    step: Step | None = None
    error: BaseException | None = None
    asked: Context = field(default_factory=copy_context)  # it is done for whoever began it


class Desk:
    """Safe from any thread. at_once : pieces of work at the same time; waiting : in the queue"""

    def __init__(
        self, at_once: int = 1, waiting: int = 20, keep_bytes: int = KEEP_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._at_once, self._most, self._keep = at_once, waiting, keep_bytes
        self._clock = clock
        self._lock = threading.RLock()
        self._works: OrderedDict[Hashable, _Work] = OrderedDict()
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._ending: list[_Work] = []  # given up, until they hear of it at their next step

    def start(self, key: Hashable, do: Callable[[Tell], Any], who: str = "") -> None:
        """Begin it, or join those who wait for the same. Raises `Busy` where too many wait."""
        with self._lock:
            work = self._works.get(key)
            if work is None or work.state in ("done", "failed"):
                if key in self._kept:
                    return
                if sum(w.state == "waiting" for w in self._works.values()) >= self._most:
                    raise Busy
                self._works.pop(key, None)
                work = self._works[key] = _Work(key, do)
            work.seen[who] = self._clock()
            self._next()

    def look(self, key: Hashable, who: str = "") -> Look | None:
        """How it stands, None for what nobody started. who : waits for it; "" only looks"""
        with self._lock:
            work = self._works.get(key)
            if work is None:
                return Look("done") if key in self._kept else None
            if who and work.state in ("waiting", "running"):
                work.seen[who] = self._clock()
            ahead = list(self._works.values())[: list(self._works).index(key)]
            before = sum(w.state in ("waiting", "running") for w in ahead)
            return Look(work.state, before if work.state == "waiting" else 0, work.step, work.error)

    def value(self, key: Hashable) -> Any:
        """What came out, None where nothing did or it was let go."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def keep(self, key: Hashable, value: Any) -> None:
        """Put a value there that was made elsewhere."""
        with self._lock:
            size = size_of(value)
            self._kept.pop(key, None)
            if size <= self._keep:
                self._kept[key] = (value, size)
            while sum(bytes_ for _, bytes_ in self._kept.values()) > self._keep:
                self._kept.popitem(last=False)

    def leave(self, key: Hashable, who: str = "") -> None:
        """Somebody does not wait any more; the last one ends the work."""
        with self._lock:
            work = self._works.get(key)
            if work is None:
                return
            work.seen.pop(who, None)
            if not work.seen and work.state in ("waiting", "running"):
                del self._works[key]
                if work.state == "running":
                    self._ending.append(work)

    def forget(self, key: Hashable) -> None:
        """Drop a value or a failure, so that it can be started anew."""
        with self._lock:
            self._kept.pop(key, None)
            work = self._works.get(key)
            if work is not None and work.state in ("done", "failed"):
                del self._works[key]

    # -- inside, always with the lock held

    def _next(self) -> None:
        for work in list(self._works.values()):
            running = sum(w.state == "running" for w in self._works.values())
            if running + len(self._ending) >= self._at_once:
                return
            if work.state == "waiting":
                work.state = "running"
                threading.Thread(
                    target=work.asked.run, args=(self._run, work), daemon=True
                ).start()

    def _run(self, work: _Work) -> None:
        be_nice()

        def tell(step: Step) -> bool:
            with self._lock:
                work.step = step
                late = self._clock() - SILENCE
                work.seen = {who: at for who, at in work.seen.items() if at > late}
                return bool(work.seen)

        value, error = None, None
        try:
            value = work.do(tell)
        except Exception as failed:
            error = failed
        with self._lock:
            if error is None:
                self.keep(work.key, value)
            if work in self._ending:
                self._ending.remove(work)
            elif error is None or isinstance(error, Cancelled):
                del self._works[work.key]
            else:
                work.state, work.error = "failed", error
            self._next()


def be_nice() -> None:
    """On Linux a thread, and those it starts, can give way to others."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
