"""A question to a slow and moody server: asked again after longer and longer pauses."""

import random
import threading
import time
from collections.abc import Callable
from queue import Empty, Queue
from typing import Any, TypeVar

from core.errors import QuotesLimited, QuotesOffline, QuotesUnreadable
from core.stocks.watch import Watch

T = TypeVar("T")
ATTEMPTS = 3
PAUSE, LONGEST_PAUSE = 0.8, 8.0  # seconds: before the second attempt, and at most
PATIENCE = 30.0  # seconds for all attempts together, whatever the client library is doing
HEARTBEAT = 0.1  # seconds between looks at whether somebody cancelled


class _TooSlow(QuotesOffline):
    """No answer while patience lasted: not worth asking again at once."""


def retried(
    fetch: Callable[[], T], watch: Watch, pause: float = PAUSE, patience: float = PATIENCE
) -> T:
    """The answer of the first of `ATTEMPTS` attempts that gives one.

    Before attempt k + 1 the pause is between half and all of pause * 2^(k - 1), at random, so
    that many learners do not come back in step.

    Raises what `fetch` raises: at once when asking again cannot help. `Cancelled`.
    """
    end = time.monotonic() + patience
    for attempt in range(ATTEMPTS - 1):
        try:
            return _attempt(fetch, watch, end)
        except _TooSlow:
            raise
        except (QuotesOffline, QuotesLimited, QuotesUnreadable):
            longest = min(LONGEST_PAUSE, pause * 2**attempt)
            _wait(random.uniform(longest / 2, longest), watch)
    return _attempt(fetch, watch, end)


def _attempt(fetch: Callable[[], T], watch: Watch, end: float) -> T:
    """The answer, waited for no longer than until `end` and while nobody cancels.

    A request cannot be interrupted, so it runs in a thread that is left to itself then.
    """
    box: Queue[tuple[Any, BaseException | None]] = Queue(1)
    threading.Thread(target=_deliver, args=(fetch, box), daemon=True).start()
    while True:
        try:
            answer, error = box.get(timeout=HEARTBEAT)
        except Empty:
            watch.step(0)
            if time.monotonic() > end:
                raise _TooSlow from None
            continue
        if error is not None:
            raise error
        return answer


def _deliver(fetch: Callable[[], Any], box: Queue[tuple[Any, BaseException | None]]) -> None:
    try:
        box.put((fetch(), None))
    except BaseException as error:  # every one is raised again where it is waited for
        box.put((None, error))


def _wait(seconds: float, watch: Watch) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(HEARTBEAT, left))
        watch.step(0)
