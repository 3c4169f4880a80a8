"""One computation for one key, and never more bytes than allowed."""

import threading
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
import pytest

from core.engine import cache as cache_module
from core.engine.cache import SharedCache, size_of
from core.errors import Cancelled

FOREVER = 30.0


def array(count):
    """float64[count]: 8 bytes each."""
    return np.zeros(count)


class Counted:
    """A computation that says how often it ran."""

    def __init__(self, value):
        self.value = value
        self.runs = 0

    def __call__(self):
        self.runs += 1
        return self.value


def test_a_second_caller_gets_the_very_same_object():
    cache, compute = SharedCache(1000), Counted(array(10))
    assert cache.get("a", compute, FOREVER) is cache.get("a", compute, FOREVER)
    assert compute.runs == 1


def test_callers_of_one_key_share_one_running_computation(gate, pool, until):
    cache, runs = SharedCache(1000), []
    callers = [0]

    def compute():
        runs.append(1)
        gate.wait()
        return "answer"

    def call():
        callers[0] += 1
        return cache.get("a", compute, FOREVER)

    answers = [pool.submit(call) for _ in range(8)]
    until(lambda: callers[0] == 8)
    gate.open()
    assert [answer.result() for answer in answers] == ["answer"] * 8
    assert len(runs) == 1


def test_another_key_does_not_wait(gate, pool, until):
    cache = SharedCache(1000)
    slow = pool.submit(cache.get, "slow", gate.wait, FOREVER)
    until(lambda: gate.arrived == 1)
    assert cache.get("quick", lambda: 1, FOREVER) == 1
    assert not slow.done()


def test_whoever_waits_too_long_on_anothers_computation_is_told(gate, pool, until):
    cache = SharedCache(1000)
    slow = pool.submit(cache.get, "a", gate.wait, FOREVER)
    until(lambda: gate.arrived == 1)
    with pytest.raises(TimeoutError):
        cache.get("a", gate.wait, 0.01)
    gate.open()
    assert slow.result() is None and gate.arrived == 1


def test_the_least_recently_used_goes_when_the_bytes_run_out():
    """Three arrays of 80 bytes where 200 are allowed."""
    cache = SharedCache(200)
    kept, dropped = Counted(array(10)), Counted(array(10))
    cache.get("kept", kept, FOREVER)
    cache.get("dropped", dropped, FOREVER)
    cache.get("kept", kept, FOREVER)
    cache.get("new", Counted(array(10)), FOREVER)
    cache.get("kept", kept, FOREVER)
    cache.get("dropped", dropped, FOREVER)
    assert (kept.runs, dropped.runs) == (1, 2)


def test_the_cache_never_holds_more_than_its_bytes():
    cache = SharedCache(1000)
    for i in range(100):
        cache.get(i, Counted(array(i)), FOREVER)
        assert sum(size for _, size in cache._done.values()) == cache._bytes <= 1000


def test_a_result_larger_than_the_cache_is_given_and_not_kept():
    cache, small, large = SharedCache(100), Counted(array(10)), Counted(array(1000))
    cache.get("small", small, FOREVER)
    for _ in range(2):
        assert cache.get("large", large, FOREVER) is large.value
    cache.get("small", small, FOREVER)
    assert (small.runs, large.runs) == (1, 2)


def test_an_error_is_raised_and_not_kept():
    cache = SharedCache(1000)

    def fail():
        raise ValueError("once")

    for _ in range(2):
        with pytest.raises(ValueError, match="once"):
            cache.get("a", fail, FOREVER)
    assert cache.get("a", lambda: "well", FOREVER) == "well"


def test_whoever_waits_on_a_failing_computation_gets_its_error(gate, pool, until, monkeypatch):
    asked = threading.Event()

    class Watched(Future):
        def result(self, timeout=None):
            asked.set()
            return super().result(timeout)

    monkeypatch.setattr(cache_module, "Future", Watched)
    cache = SharedCache(1000)

    def fail():
        gate.wait()
        raise ValueError("shared")

    first = pool.submit(cache.get, "a", fail, FOREVER)
    until(lambda: gate.arrived == 1)
    second = pool.submit(cache.get, "a", fail, FOREVER)
    until(asked.is_set)
    gate.open()
    for caller in (first, second):
        with pytest.raises(ValueError, match="shared"):
            caller.result()
    assert gate.arrived == 1


def test_the_size_is_that_of_all_arrays_inside():
    """80 + 16 + 8 bytes of arrays, and 64 for each of two plain values."""

    @dataclass
    class Inner:
        numbers: np.ndarray
        name: str

    @dataclass
    class Outer:
        inner: Inner
        rows: tuple
        nothing: None = None

    value = Outer(Inner(array(10), "x"), (array(2), [array(1)]))
    assert size_of(value) == 80 + 16 + 8 + 2 * 64


class Stopped(BaseException):
    """As Streamlit ends a script whose browser has left."""


@pytest.mark.parametrize("stop", [Stopped, Cancelled])
def test_when_the_caller_who_computes_is_stopped_another_takes_over(gate, pool, until, stop):
    cache, runs = SharedCache(1000), []

    def compute():
        runs.append(1)
        if len(runs) == 1:
            gate.wait()
            raise stop
        return "answer"

    def leaves():
        with pytest.raises(stop):
            cache.get("a", compute, FOREVER)

    left = pool.submit(leaves)
    until(lambda: gate.arrived == 1)
    stays = [pool.submit(cache.get, "a", compute, FOREVER) for _ in range(3)]
    gate.open()
    assert [answer.result() for answer in stays] == ["answer"] * 3
    assert left.result() is None and len(runs) == 2
