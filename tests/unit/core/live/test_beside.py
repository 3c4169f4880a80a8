"""Sweeps in a worker process: the same numbers, with progress, stopped when asked, done once more
when the worker dies."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.contract import AblationRequest, AttributionRequest
from core.engine import LocalEngine
from core.engine.threads import POOLS
from core.errors import Cancelled
from core.live import jobs, sweeps
from core.live.beside import done_beside
from core.live.errors import WorkerDied
from core.live.jobs import Bounds, Pool

TEXT, TEXT_B = "the [MASK] is warm today", "snow and ice at night"
PLACE, WORD = 2, 7


@pytest.fixture(scope="module")
def engine():
    return LocalEngine("cpu")


def spec_of(request):
    return {"kind": type(request).__name__, "request": request.__dict__}


def alive(pool):
    return [worker for worker in pool._workers if worker.job]


@pytest.mark.parametrize("unit", ["heads", "layers"])
@pytest.mark.parametrize("target", [{"position": PLACE, "word": WORD}, {}], ids=["mlm", "nsp"])
def test_an_ablation_in_a_worker_is_the_one_made_here(pool, engine, bert, unit, target):
    request = AblationRequest(TEXT, TEXT_B, bert, unit=unit, **target)
    there, here = sweeps.ask(pool, request), engine.ablate(request)
    assert np.abs(there.probability - here.probability).max() <= 1e-5
    assert np.abs(there.logit - here.logit).max() <= 1e-5
    assert there.encoded == here.encoded
    assert (there.intact, there.intact_logit) == pytest.approx((here.intact, here.intact_logit))
    assert not there.probability.flags.writeable


@pytest.mark.parametrize("method", ["gradient", "integrated", "masked", "hidden", "deleted"])
def test_an_attribution_in_a_worker_is_the_one_made_here(pool, engine, bert, method):
    request = AttributionRequest(TEXT, " ", bert, PLACE, WORD, method, "masked", 8)
    there, here = sweeps.ask(pool, request), engine.attribute(request)
    assert np.abs(there.scores - here.scores).max() <= 1e-5
    assert (there.log_p, there.start) == pytest.approx((here.log_p, here.start), abs=1e-5)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
def test_a_worker_has_one_thread_for_every_library(pool, bert):
    sweeps.ask(pool, AblationRequest(TEXT, model=bert, unit="layers"))
    said = Path(f"/proc/{pool._workers[0].pid}/environ").read_bytes().split(b"\0")
    assert {f"{name}=1".encode() for name in POOLS} <= set(said)


def test_progress_is_told_and_nothing_is_left_behind(pool, bert):
    told = []
    request = AblationRequest(TEXT, model=bert, position=PLACE, word=WORD)
    sweeps.ask(pool, request, told.append)
    assert told == sorted(told) and all(0 <= share <= 1 for share in told)
    assert not pool._entries and not [*pool._root.iterdir()]


def long(bert):
    """Seconds of work: many steps of a small model."""
    return AttributionRequest(TEXT, TEXT_B, bert, PLACE, WORD, "integrated", "zero", 256)


def test_a_sweep_that_is_given_up_frees_its_worker(pool, bert, monkeypatch):
    with pytest.raises(Cancelled):
        sweeps.ask(pool, long(bert), lambda share: False)

    class Left(BaseException):
        """The browser is gone, and its script ended."""

    def leave(share):
        raise Left

    with pytest.raises(Left):
        sweeps.ask(pool, long(bert), leave)
    assert sweeps.ask(pool, AblationRequest(TEXT, model=bert, unit="layers")).intact > 0


def test_a_worker_that_dies_is_replaced_and_the_sweep_made_once_more(pool, engine, bert):
    kills = []

    def kill(status):
        if status.state == "running" and not kills:
            kills.append(alive(pool)[0].pid)
            os.kill(kills[0], signal.SIGKILL)

    request = AblationRequest(TEXT, model=bert, position=PLACE, word=WORD)
    made = sweeps.unpack(done_beside(pool, "sweep", spec_of(request), kill))
    assert kills and np.abs(made.logit - engine.ablate(request).logit).max() <= 1e-5


def test_a_worker_that_dies_twice_is_said_so(pool, bert):
    def kill(status):
        for worker in alive(pool):
            os.kill(worker.pid, signal.SIGKILL)

    with pytest.raises(WorkerDied):
        done_beside(pool, "sweep", spec_of(long(bert)), kill)


# Which way the engine takes


@pytest.fixture
def asked(monkeypatch):
    """What the engine hands to workers, without any."""
    found = []

    def ask(pool, request, tell):
        found.append(request)
        return "from a worker"

    monkeypatch.setattr(sweeps, "ask", ask)
    return found


def other(bert, monkeypatch, worth, **bounds):
    """An engine with an own pool of which no process ever starts, and a sweep."""
    monkeypatch.setattr(sweeps, "WORTH", worth)
    engine, pool = LocalEngine("cpu"), Pool(Bounds(workers=1))
    engine.workers = lambda: pool
    return engine, pool, AblationRequest(TEXT, model=bert, position=PLACE, word=WORD)


def test_a_long_sweep_goes_to_a_worker_and_a_short_one_stays(asked, bert, monkeypatch):
    engine, _, request = other(bert, monkeypatch, worth=0)
    assert engine.ablate(request) == "from a worker" and asked == [request]
    engine, _, request = other(bert, monkeypatch, worth=10**12)
    assert engine.ablate(request).intact > 0 and len(asked) == 1


def test_without_workers_or_while_all_train_a_sweep_is_made_here(asked, bert, monkeypatch):
    engine, pool, request = other(bert, monkeypatch, worth=0)
    monkeypatch.setattr(pool, "free", lambda: False)
    told = []
    assert engine.ablate(request, tell=told.append).intact > 0
    assert told[0] == 0 and told == sorted(told)
    engine.workers = None
    assert engine.ablate(replace(request, unit="layers")).intact > 0
    assert not asked


def test_a_sweep_made_here_stops_when_told_to(bert, engine):
    for ask, request in (
        (engine.ablate, AblationRequest(TEXT_B, model=bert)), (engine.attribute, long(bert)),
    ):
        with pytest.raises(Cancelled):
            ask(request, tell=lambda share: share < 0.3)


@pytest.mark.parametrize("setting, beside, workers", [
    ("0", False, 1), ("3", True, 3), ("", True, None),
])
def test_the_setting_says_how_many_workers_there_are(monkeypatch, setting, beside, workers):
    monkeypatch.setenv(jobs.WORKERS_SETTING, setting)
    most = max(1, min(4, (os.cpu_count() or 2) - 1))
    assert jobs.wanted() is beside and Bounds().workers == (workers or most)
