"""The recorder's figures are those of the interactions, and its memory and time stay small."""

import threading
import time

import numpy as np
import pytest

from core.observe.recorder import BOUNDS, NAMES, OTHER, Quantiles, Recorder


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def noted(seconds, recorder=None):
    recorder = recorder or Recorder()
    for value in seconds:
        recorder.note("attention", "fragment", value)
    return recorder


def test_before_anybody_came_there_is_nothing():
    assert Recorder().quantiles() == Quantiles(0, 0.0, 0.0, 0.0)


def test_of_a_hundred_waits_half_are_below_the_fiftieth_and_a_half():
    # 1 .. 100: linear interpolation between order statistics, as NumPy's default
    found = noted(range(1, 101)).quantiles()
    assert found.count == 100
    assert (found.p50, found.p95, found.p99) == pytest.approx((50.5, 95.05, 99.01))


def test_only_the_last_ones_are_kept_but_all_are_counted():
    recorder = noted([9.0] * 50 + [1.0] * 20, Recorder(capacity=20))
    assert recorder.quantiles() == Quantiles(20, 1.0, 1.0, 1.0)
    assert recorder.noted == 70
    assert recorder.histograms()[0].counts[-1] == 70


def test_a_look_back_leaves_out_what_is_older():
    clock = Clock()
    recorder = noted([5.0], Recorder(clock=clock))
    clock.now += 100
    noted([1.0, 1.0], recorder)
    assert recorder.quantiles(within=60).count == 2
    assert recorder.quantiles(within=101).count == 3


def test_the_timeline_has_a_place_for_each_stretch_also_an_empty_one():
    clock = Clock()
    recorder = noted([4.0], Recorder(clock=clock))
    clock.now += 25
    noted([1.0, 3.0], recorder)
    moments = recorder.timeline(30.0, 10.0)
    assert [m.ago for m in moments] == [20.0, 10.0, 0.0]
    assert [m.quantiles.count for m in moments] == [1, 0, 2]
    assert moments[2].quantiles.p50 == 2.0


def test_a_histogram_counts_up_to_each_bound_and_all_of_them():
    recorder = noted([0.01, BOUNDS[1], 0.06, 100.0])  # a bound belongs to the part below it
    one, = recorder.histograms()
    assert one.counts[:3] == (1, 2, 3)
    assert one.counts[-2:] == (3, 4)
    assert one.seconds == pytest.approx(0.01 + BOUNDS[1] + 0.06 + 100.0)


def test_names_without_end_become_one():
    recorder = Recorder()
    for number in range(3 * NAMES):
        recorder.note(f"page {number}", "page", 1.0)
        recorder.count(f"error {number}")
    assert len(recorder.histograms()) <= NAMES + 1
    assert len(recorder.counts) <= NAMES + 1
    assert recorder.counts[OTHER] == 2 * NAMES


def test_what_was_never_counted_was_infinitely_long_ago():
    clock = Clock()
    recorder = Recorder(clock=clock)
    assert recorder.ago("busy") == np.inf
    recorder.count("busy")
    clock.now += 7
    assert recorder.ago("busy") == 7


def test_eight_threads_lose_nothing():
    recorder = Recorder()
    threads = [threading.Thread(target=noted, args=([0.1] * 500, recorder)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recorder.noted == recorder.histograms()[0].counts[-1] == 4000


def test_a_note_costs_less_than_a_tenth_of_a_millisecond():
    recorder = Recorder()
    start = time.process_time()
    noted([0.1] * 5000, recorder)
    assert (time.process_time() - start) / 5000 < 1e-4
