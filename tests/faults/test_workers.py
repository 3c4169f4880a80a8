"""A worker process that is killed is replaced, one whose disk is full says so."""

import os
import signal
import sys
import threading
import time

import pytest

from core.live import process, tuning
from core.live.errors import WorkerDied
from core.live.jobs import Bounds, Job, Pool
from core.live.plan import Plan
from pages.ui.failures import sentence_for

QUICK = Plan("head", epochs=1, batch=8)
LONG = Plan("all", epochs=200, batch=1, rate=1e-4)
PATIENTLY = 200


def until(what, seconds=PATIENTLY):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def test_a_killed_training_is_one_sentence_leaves_no_half_result_and_the_next_one_runs(
    pool, lines, bert
):
    job = tuning.start(pool, lines, LONG, model=bert, owner="a")
    next_one = tuning.start(pool, lines, QUICK, model=bert, owner="b")
    until(lambda: pool.beat(job).done > 0)
    assert pool._folder(job).is_dir()
    os.kill(pool._workers[0].pid, signal.SIGKILL)
    until(lambda: pool.beat(job).state == "failed")
    error = pool.status(job).error
    assert isinstance(error, WorkerDied)
    assert "start it once more" in sentence_for(error, "en", "train")
    assert "再开始一次" in sentence_for(error, "zh", "train")
    assert not pool._folder(job).exists()
    assert pool.wait(next_one, PATIENTLY).state == "done"


def test_a_question_to_a_worker_that_is_killed_is_asked_again_and_answered(pool, lines, bert):
    job = tuning.start(pool, lines, QUICK, model=bert, owner="a")
    pool.wait(job, PATIENTLY)
    first = pool._workers[0].pid
    os.kill(first, signal.SIGSTOP)  # it takes the question and cannot answer
    threading.Timer(0.3, os.kill, (first, signal.SIGKILL)).start()
    assert tuning.say(pool, job, "the sun").logits.shape == (1, 2)
    assert first not in [worker.pid for worker in pool._workers]


def test_a_training_whose_result_cannot_be_written_is_one_sentence_and_leaves_nothing(
    pool, lines, bert, full_disk
):
    resource = pytest.importorskip("resource")
    if not hasattr(resource, "prlimit"):
        pytest.skip("bounds the files of another process")
    pool.wait(tuning.start(pool, lines, QUICK, model=bert, owner="a"), 200)
    worker = pool._workers[0].pid
    soft, hard = resource.prlimit(worker, resource.RLIMIT_FSIZE, (64, -1))
    job = tuning.start(pool, lines, QUICK, model=bert, owner="b")
    status = pool.wait(job, 200)
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (soft, hard))
    assert status.state == "failed" and status.error.key == "disk_full"
    assert "disk is full" in sentence_for(status.error, "en", "train")
    assert "磁盘已满" in sentence_for(status.error, "zh", "train")
    assert not pool._folder(job).exists()
    again = tuning.start(pool, lines, QUICK, model=bert, owner="b")
    assert pool.wait(again, 200).state == "done"
    assert tuning.outcome(pool, again).scores.size


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Puts another program in the worker's place."""

    def written(text: str) -> None:
        path = tmp_path / "worker"
        path.write_text(f"#!{sys.executable}\n{text}", encoding="utf-8")
        path.chmod(0o755)
        monkeypatch.setattr(process.sys, "executable", str(path))

    return written


def test_a_question_is_asked_twice_and_no_more(program):
    program("import sys; sys.stdin.readline()")
    started, pool = [], Pool(Bounds(workers=1))
    begin = pool._start
    pool._start = lambda: started.append(1) or begin()
    with pytest.raises(WorkerDied):
        pool.ask("predict", {})
    assert len(started) == 2
    pool.close()


def test_a_worker_killed_in_the_middle_of_a_line_is_noticed(program):
    """Half a message must not keep the pool from seeing that its worker is gone."""
    program(
        "import os, sys\nsys.stdin.readline()\n"
        "sys.stdout.write('{\"event\": \"ti')\nsys.stdout.flush()\nos.kill(os.getpid(), 9)"
    )
    pool = Pool(Bounds(workers=1))
    job = pool.submit(Job("train", {}), owner="a")
    until(lambda: not pool.beat(job).active, 20)
    assert isinstance(pool.status(job).error, WorkerDied)
    assert pool._workers == []
    pool.close()


def test_where_no_process_can_be_started_the_job_fails_with_a_sentence(monkeypatch):
    def refused(*args, **keywords):
        raise BlockingIOError(11, "Resource temporarily unavailable")  # what fork says

    monkeypatch.setattr(process.subprocess, "Popen", refused)
    pool = Pool(Bounds(workers=1))
    pool.warm()
    job = pool.submit(Job("train", {}), owner="a")
    assert isinstance(pool.status(job).error, WorkerDied)
    with pytest.raises(WorkerDied):
        pool.ask("predict", {})
    pool.close()
