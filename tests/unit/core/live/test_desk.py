"""The desk of slow work: shared, watched, in turn, stopped by the last who waits."""

import threading
import time

import pytest

from core.errors import Busy, Cancelled
from core.live.desk import Desk
from core.stocks.watch import Watch


def eventually(true, seconds=5.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def steps(desk, key):
    step = desk.look(key).step
    return step.done if step else 0


class Slow:
    """Work of steps that each wait to be let go."""

    def __init__(self, steps=3, value="value"):
        self.gate, self.value, self.steps = threading.Semaphore(0), value, steps
        self.begun = 0

    def __call__(self, tell):
        self.begun += 1
        watch = Watch("fitting", self.steps, tell)
        for _ in range(self.steps):
            assert self.gate.acquire(timeout=5)
            watch.step()
        return self.value

    def go(self, steps=100):
        self.gate.release(steps)


def test_work_gives_its_value_and_tells_how_far_it_is():
    desk, work = Desk(), Slow()
    desk.start("a", work, "ann")
    work.go(1)
    eventually(lambda: steps(desk, "a") == 1)
    assert desk.look("a").state == "running"
    work.go()
    eventually(lambda: desk.value("a") == "value")
    assert desk.look("a").state == "done"


def test_two_who_ask_for_the_same_cost_one_computation():
    desk, work = Desk(), Slow()
    desk.start("a", work, "ann")
    desk.start("a", work, "bob")
    work.go()
    eventually(lambda: desk.value("a") == "value")
    desk.start("a", work, "cid")
    assert work.begun == 1


def test_who_leaves_does_not_stop_the_work_of_others_but_the_last_one_does():
    desk, work = Desk(), Slow()
    desk.start("a", work, "ann")
    desk.start("a", work, "bob")
    desk.leave("a", "ann")
    work.go(1)
    eventually(lambda: steps(desk, "a") == 1)
    desk.leave("a", "bob")
    assert desk.look("a") is None
    work.go()
    follower = Slow()
    desk.start("b", follower, "ann")
    follower.go()
    eventually(lambda: desk.value("b") == "value")
    assert desk.value("a") is None


def test_one_works_at_a_time_and_the_next_knows_how_many_come_first():
    desk, first, second = Desk(), Slow(), Slow()
    desk.start("a", first, "ann")
    desk.start("b", second, "bob")
    assert (desk.look("b").state, desk.look("b").before) == ("waiting", 1)
    first.go()
    eventually(lambda: second.begun == 1)
    second.go()
    eventually(lambda: desk.value("b") == "value")


def test_a_full_queue_is_told_and_what_waits_stays():
    desk, work = Desk(waiting=1), Slow()
    desk.start("a", work, "ann")
    desk.start("b", work, "bob")
    with pytest.raises(Busy):
        desk.start("c", work, "cid")
    assert desk.look("b").state == "waiting"
    work.go()


def test_work_whose_watcher_has_gone_silent_ends():
    now = [0.0]
    desk, work = Desk(clock=lambda: now[0]), Slow()
    desk.start("a", work, "ann")
    now[0] = 100.0
    work.go(1)
    eventually(lambda: desk.look("a") is None)
    assert desk.value("a") is None


def test_a_failure_is_kept_until_it_is_forgotten():
    desk = Desk()

    def fails(tell):
        raise ValueError("no")

    desk.start("a", fails, "ann")
    eventually(lambda: desk.look("a") is not None and desk.look("a").state == "failed")
    assert isinstance(desk.look("a").error, ValueError)
    desk.forget("a")
    assert desk.look("a") is None


def test_old_values_make_room_by_their_bytes():
    import numpy as np

    desk = Desk(keep_bytes=1000)
    desk.keep("a", np.zeros(100, np.uint8))
    desk.keep("b", np.zeros(950, np.uint8))
    assert desk.value("a") is None and desk.value("b") is not None


def test_cancelled_work_can_be_started_again():
    desk = Desk()

    def stops(tell):
        raise Cancelled

    desk.start("a", stops, "ann")
    eventually(lambda: desk.look("a") is None)
    desk.start("a", lambda tell: "second", "ann")
    eventually(lambda: desk.value("a") == "second")
