import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

PATIENCE = 30.0  # seconds until a test gives up on a thread


class Gate:
    """Holds whoever passes until it is opened, and counts who came."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self.arrived = 0

    def wait(self) -> None:
        self.arrived += 1
        assert self._open.wait(PATIENCE)

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate() -> Any:
    """A closed gate, opened at the end whatever happens."""
    made = Gate()
    yield made
    made.open()


@pytest.fixture
def pool(gate: Gate) -> Any:
    """Eight callers; none is left behind at the gate."""
    with ThreadPoolExecutor(8) as threads:
        yield threads
        gate.open()


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Wait for something another thread is about to do."""

    def wait(true: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end
            time.sleep(0.002)

    return wait
