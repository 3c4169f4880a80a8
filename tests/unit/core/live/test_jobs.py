"""The queue and its workers: turns, bounds, silence, and the end of the server."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import InsideBertError
from core.live import tuning
from core.live.errors import QueueFull, ResultGone, TookTooLong
from core.live.jobs import Bounds, Job, Pool
from core.live.plan import Plan
from tests.unit.core.live.conftest import is_alive

QUICK = Plan("head", epochs=1, batch=8)
LONG = Plan("all", epochs=200, batch=1, rate=1e-4)
ROOT = Path(__file__).parents[4]
PATIENTLY = 280


def until(what, seconds=PATIENTLY):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


@pytest.fixture
def small(pool):
    """The module's pool with other bounds; a worker takes its time to start, so it is kept."""

    def bounded(**bounds) -> Pool:
        pool.bounds = Bounds(**{"workers": 1, "silence": 1000.0, **bounds})
        return pool

    yield bounded
    pool.bounds = Bounds(workers=1, silence=1000.0)
    for name in list(pool._entries):
        pool.cancel(name)
    until(lambda: not any(worker.job for worker in pool._workers))


def stepping(pool, job):
    until(lambda: pool.beat(job).done > 0)


def test_jobs_take_turns_and_know_how_many_come_first(small, lines, bert):
    pool = small()
    jobs = [tuning.start(pool, lines, plan, model=bert, owner=f"visitor {n}")
            for n, plan in enumerate((LONG, QUICK, QUICK))]
    assert [pool.beat(job).before for job in jobs] == [0, 1, 2]
    stepping(pool, jobs[0])
    assert pool.status(jobs[0]).rate > 0 and pool.status(jobs[0]).left > 0
    pool.stop(jobs[0])
    for job in jobs:
        assert pool.wait(job, PATIENTLY).state == "done"
    assert tuning.outcome(pool, jobs[0]).stopped
    assert tuning.outcome(pool, jobs[0]).curve[-1].step == tuning.outcome(pool, jobs[0]).steps
    assert not tuning.outcome(pool, jobs[1]).stopped


def test_a_visitor_has_one_job_and_a_full_queue_says_so(small, lines, bert):
    pool = small(waiting=2)
    first = tuning.start(pool, lines, LONG, model=bert, owner="a")
    second = tuning.start(pool, lines, QUICK, model=bert, owner="b")
    again = tuning.start(pool, lines, QUICK, model=bert, owner="b")
    assert pool.status(second).state == "cancelled"
    tuning.start(pool, lines, QUICK, model=bert, owner="c")
    with pytest.raises(QueueFull) as raised:
        tuning.start(pool, lines, QUICK, model=bert, owner="d")
    assert raised.value.facts["waiting"] == 2
    pool.cancel(first)
    assert pool.wait(again, PATIENTLY).state == "done"


def test_a_training_is_asked_between_two_steps_of_another(small, lines, bert):
    pool = small()
    done = tuning.start(pool, lines, QUICK, model=bert, owner="a")
    pool.wait(done, PATIENTLY)
    long = tuning.start(pool, lines, LONG, model=bert, owner="b")
    stepping(pool, long)
    assert tuning.say(pool, done, "the sun").logits.shape == (1, 2)
    assert pool.beat(long).state == "running"


def test_a_job_that_nobody_watches_is_cancelled_and_its_place_is_free(small, lines, bert):
    pool = small(silence=1.0)
    left = tuning.start(pool, lines, LONG, model=bert, owner="gone")
    stepping(pool, left)
    until(lambda: pool.status(left).state == "cancelled", 30)
    assert pool.wait(tuning.start(pool, lines, QUICK, model=bert, owner="b"), PATIENTLY).state == \
        "done"
    with pytest.raises(ResultGone):
        pool.folder(left)


def test_a_job_for_the_command_line_needs_nobody_to_watch(small, lines, bert):
    pool = small(silence=0.5)
    job = tuning.start(pool, lines, QUICK, model=bert, owner="shell", watched=False)
    until(lambda: pool.status(job).state == "done")


def test_a_training_ends_at_its_time_limit_with_what_it_has(small, lines, bert):
    pool = small()
    job = tuning.start(pool, lines, LONG, model=bert, owner="a", seconds=0.5)
    assert pool.wait(job, PATIENTLY).state == "done"
    found = tuning.outcome(pool, job)
    assert found.stopped and 0 < found.steps < 200 * 9


def test_a_worker_that_does_not_answer_is_ended(small, lines, bert):
    pool = small(grace=0.5)
    first = tuning.start(pool, lines, QUICK, model=bert, owner="a", seconds=60)
    pool.wait(first, PATIENTLY)
    job = tuning.start(pool, lines, LONG, model=bert, owner="a", seconds=1.0)
    stepping(pool, job)
    os.kill(pool._workers[0].pid, signal.SIGSTOP)
    until(lambda: pool.beat(job).state == "failed", 30)
    assert isinstance(pool.status(job).error, TookTooLong)


def test_an_error_inside_a_worker_is_told_with_its_sentence(small, lines, bert, tmp_path):
    pool = small()
    spec = {"model": str(tmp_path / "no model"), "kind": "sentence", "labels": ["a"], "unit":
            "words", "plan": QUICK.facts(), "train": [0], "held_out": [0], "items": [["x", 0]]}
    job = pool.submit(Job("train", spec), owner="a")
    assert pool.wait(job, PATIENTLY).state == "failed"
    error = pool.status(job).error
    assert isinstance(error, InsideBertError) and error.key == "unknown_model"
    crash = pool.submit(Job("train", {**spec, "model": bert, "train": [9]}), owner="a")
    assert pool.wait(crash, PATIENTLY).error.key == "went_wrong"


def test_only_the_last_results_of_a_visitor_are_kept(small, lines, bert):
    pool = small(keep_each=2)  # of one visitor
    jobs = []
    for seed in range(3):
        plan = replace(QUICK, seed=seed)
        jobs.append(tuning.start(pool, lines, plan, model=bert, owner="a"))
        pool.wait(jobs[-1], PATIENTLY)
    with pytest.raises(ResultGone):
        pool.folder(jobs[0])
    assert all(pool.folder(job).is_dir() for job in jobs[1:])


def test_a_worker_without_work_ends_and_results_stay(small, lines, bert):
    pool = small(idle=0.5)
    job = tuning.start(pool, lines, QUICK, model=bert, owner="a")
    pool.wait(job, PATIENTLY)
    pid = pool._workers[0].pid
    until(lambda: not is_alive(pid), 30)
    assert pool.folder(job).is_dir()
    assert tuning.say(pool, job, "the sun").logits.shape == (1, 2)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
def test_no_job_outlives_its_server(lines, bert, tmp_path):
    program = tmp_path / "server.py"
    program.write_text(textwrap.dedent(f"""
        import time
        from core.live import tuning
        from core.live.jobs import Bounds, Pool
        from core.live.plan import Plan
        from tests.unit.core.live.conftest import SENTENCES
        from core.live.lines import parse

        pool = Pool(Bounds(workers=1))
        job = tuning.start(pool, parse(SENTENCES, "sentence"), Plan("all", epochs=200, batch=1),
                           model={bert!r}, owner="a")
        while not pool.beat(job).done:
            time.sleep(0.05)
        print(pool._workers[0].pid, pool._root, flush=True)
        time.sleep(600)
    """), encoding="utf-8")
    server = subprocess.Popen(
        [sys.executable, str(program)], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert server.stdout is not None
    pid, root = server.stdout.readline().split(maxsplit=1)
    assert is_alive(int(pid)) and Path(root.strip()).is_dir()
    server.kill()
    server.wait()
    until(lambda: not is_alive(int(pid)), 30)
    assert not Path(root.strip()).exists()
