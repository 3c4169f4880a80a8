"""Who asks: the engine deals its turns out between askers, not between requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

NOBODY = ""  # a program of its own, whom nobody else has to wait for

_asker: ContextVar[str] = ContextVar("asker", default=NOBODY)


@contextmanager
def asking(owner: str) -> Iterator[None]:
    """What this thread asks of an engine inside is asked by `owner`, as a browser session."""
    token = _asker.set(owner)
    try:
        yield
    finally:
        _asker.reset(token)


def asker() -> str:
    """Who asks now, `NOBODY` where nobody said so."""
    return _asker.get()
