"""What waits together runs together; a full queue and a passed deadline are told as busy."""

from types import SimpleNamespace

import pytest

from core.engine import batching
from core.engine.asker import asking
from core.engine.batching import MicroBatcher
from core.errors import Busy


class Runner:
    """Doubles numbers, writes down its batches, and waits at the gate in the first one."""

    def __init__(self, gate):
        self.gate = gate
        self.batches: list[tuple[object, list[int]]] = []

    def __call__(self, group, items):
        self.batches.append((group, items))
        if len(self.batches) == 1:
            self.gate.wait()
        if "bad" in items:
            raise ValueError("a bad item")
        return [2 * item for item in items]


@pytest.fixture
def runner(gate):
    return Runner(gate)


def batcher(runner, *, queue_limit=64, batch_cost=100, deadline=30.0, share=None):
    return MicroBatcher(
        runner, queue_limit=queue_limit, batch_cost=batch_cost, deadline=deadline, name="test",
        share=share,
    )


def asked_by(who, made, *request):
    with asking(who):
        return made.submit(*request)


def waiting(made, pool, until, *requests):
    """Answers to come: the first request runs, the others have queued up in this order.

    requests : item, group, cost, and who asks
    """
    futures = []
    for item, group, cost, *who in requests:
        queued = len(made._queue)
        futures.append(pool.submit(asked_by, *(who or [""]), made, item, group, cost))
        if len(futures) == 1:
            until(lambda: made._run.batches and not made._queue)
        else:
            until(lambda before=queued: len(made._queue) == before + 1)
    return futures


def test_a_lone_request_runs_at_once(runner, gate):
    gate.open()
    assert batcher(runner).submit(3, "a", 1) == 6
    assert runner.batches == [("a", [3])]


def test_what_arrives_during_a_batch_forms_the_next_one(runner, gate, pool, until):
    made = batcher(runner)
    answers = waiting(made, pool, until, *((i, "a", 1) for i in range(6)))
    gate.open()
    assert [answer.result() for answer in answers] == [0, 2, 4, 6, 8, 10]
    assert runner.batches == [("a", [0]), ("a", [1, 2, 3, 4, 5])]


def test_only_equal_groups_share_a_batch_and_the_oldest_goes_first(runner, gate, pool, until):
    made = batcher(runner)
    answers = waiting(
        made, pool, until, (0, "a", 1), (1, "b", 1), (2, "a", 1), (3, "b", 1), (4, "c", 1)
    )
    gate.open()
    assert [answer.result() for answer in answers] == [0, 2, 4, 6, 8]
    assert runner.batches == [("a", [0]), ("b", [1, 3]), ("a", [2]), ("c", [4])]


def test_a_batch_is_bounded_by_its_cost_with_the_padding(runner, gate, pool, until):
    """At most 100: 10 and 40 padded to 40 are 80; a third would make 120."""
    made = batcher(runner, batch_cost=100)
    answers = waiting(made, pool, until, (0, "a", 1), (1, "a", 10), (2, "a", 40), (3, "a", 40))
    gate.open()
    assert [answer.result() for answer in answers] == [0, 2, 4, 6]
    assert runner.batches[1:] == [("a", [1, 2]), ("a", [3])]


def test_a_request_larger_than_a_batch_runs_alone(runner, gate, pool, until):
    made = batcher(runner, batch_cost=100)
    answers = waiting(made, pool, until, (0, "a", 1), (1, "a", 500), (2, "a", 1))
    gate.open()
    assert [answer.result() for answer in answers] == [0, 2, 4]
    assert runner.batches[1:] == [("a", [1]), ("a", [2])]


def test_a_full_queue_refuses_while_the_others_still_wait(runner, gate, pool, until):
    made = batcher(runner, queue_limit=2)
    answers = waiting(made, pool, until, (0, "a", 1), (1, "a", 1), (2, "a", 1))
    with pytest.raises(Busy, match="busy"):
        made.submit(3, "a", 1)
    assert not any(answer.done() for answer in answers)
    gate.open()
    assert [answer.result() for answer in answers] == [0, 2, 4]
    assert made.submit(4, "a", 1) == 8


def test_several_items_are_queued_together_or_not_at_all(runner, gate, pool, until):
    made = batcher(runner, queue_limit=3)
    answers = waiting(made, pool, until, (0, "a", 1), (1, "a", 1))
    with pytest.raises(Busy):
        made.submit_all([2, 3, 4], "a", [1, 1, 1])
    assert [w.item for w in made._queue] == [1]
    both = pool.submit(made.submit_all, [2, 3], "a", [1, 1])
    until(lambda: len(made._queue) == 3)
    gate.open()
    assert [answer.result() for answer in answers] == [0, 2] and both.result() == [4, 6]
    assert runner.batches == [("a", [0]), ("a", [1, 2, 3])]


def test_a_passed_deadline_is_busy_and_its_request_is_never_run(runner, gate, pool, until):
    made = batcher(runner, deadline=0.05)
    answers = waiting(made, pool, until, (0, "a", 1), (1, "a", 1))
    for answer in answers:
        with pytest.raises(Busy):
            answer.result()
    gate.open()
    assert made.submit(2, "a", 1) == 4
    assert [items for _, items in runner.batches] == [[0], [2]]


def test_a_deadline_that_the_worker_sees_first_is_busy_too(
    runner, gate, pool, until, monkeypatch
):
    made = batcher(runner)
    first, late = waiting(made, pool, until, (0, "a", 1), (1, "a", 1))
    monkeypatch.setattr(batching, "time", SimpleNamespace(monotonic=lambda: float("inf")))
    gate.open()
    assert first.result() == 0
    with pytest.raises(Busy):
        late.result()
    assert [items for _, items in runner.batches] == [[0]]


def test_a_batch_that_fails_tells_each_of_its_callers_and_the_next_one_works(
    runner, gate, pool, until
):
    made = batcher(runner)
    answers = waiting(made, pool, until, (0, "a", 1), ("bad", "a", 1), (2, "a", 1), (3, "b", 1))
    gate.open()
    for answer in answers[1:3]:
        with pytest.raises(ValueError, match="a bad item"):
            answer.result()
    assert answers[0].result() == 0 and answers[3].result() == 6
    assert made.submit(5, "a", 1) == 10


def test_a_runner_that_loses_an_answer_fails_its_batch_and_not_the_worker():
    made = batcher(lambda group, items: [] if group == "lost" else items)
    with pytest.raises(ValueError):
        made.submit(1, "lost", 1)
    assert made.submit(2, "kept", 1) == 2


# Who asks


def alone(*requests):
    """Requests that share no batch: a group each."""
    return [(item, item, cost, who) for item, cost, who in requests]


def served(runner):
    return [item for _, items in runner.batches for item in items]


def test_the_many_requests_of_one_let_another_through(runner, gate, pool, until):
    """a asked four times before b asked once: b is next after the one under way."""
    made = batcher(runner)
    answers = waiting(made, pool, until, *alone(
        (0, 1, "a"), (1, 1, "a"), (2, 1, "a"), (3, 1, "a"), (9, 1, "b"),
    ))
    gate.open()
    assert [answer.result() for answer in answers] == [0, 2, 4, 6, 18]
    assert served(runner) == [0, 9, 1, 2, 3]


def test_a_sweep_of_long_texts_waits_while_short_ones_are_read(runner, gate, pool, until):
    """512 pieces a step against three sentences of 30, which all came later."""
    made = batcher(runner, batch_cost=2048)
    answers = waiting(made, pool, until, *alone(
        (0, 512, "sweep"), (1, 512, "sweep"), (2, 512, "sweep"),
        (10, 30, "b"), (20, 30, "c"), (11, 30, "b"),
    ))
    gate.open()
    for answer in answers:
        answer.result()
    assert served(runner) == [0, 10, 20, 11, 1, 2]


def test_a_whole_room_and_one_who_asks_for_much_share_the_batches(runner, gate, pool, until):
    """What fits goes along: a batch holds five, the room's come before the second of a."""
    made = batcher(runner, batch_cost=5)
    answers = waiting(made, pool, until, (0, "g", 1, "a"), *(
        (n, "g", 1, who) for n, who in enumerate(("a", "a", "a", "b", "c", "d", "e"), start=1)
    ))
    gate.open()
    for answer in answers:
        answer.result()
    assert [sorted(items) for _, items in runner.batches] == [[0], [1, 4, 5, 6, 7], [2, 3]]


def test_one_who_fills_his_part_of_the_queue_is_refused_and_the_others_are_not(
    runner, gate, pool, until
):
    made = batcher(runner, share=2)
    answers = waiting(
        made, pool, until, (0, "g", 1, "a"), (1, "g", 1, "a"), (2, "g", 1, "a"), (3, "g", 1, "b")
    )
    with pytest.raises(Busy):
        asked_by("a", made, 4, "g", 1)
    free = pool.submit(asked_by, "c", made, 5, "g", 1)
    until(lambda: len(made._queue) == 4)
    gate.open()
    assert [answer.result() for answer in (*answers, free)] == [0, 2, 4, 6, 10]
    assert made.load().refused == 1


def test_a_program_that_names_no_asker_has_the_whole_queue(runner, gate, pool, until):
    made = batcher(runner, share=1)
    answers = waiting(made, pool, until, *((n, "g", 1) for n in range(4)))
    gate.open()
    assert [answer.result() for answer in answers] == [0, 2, 4, 6]


# Refused before it waits in vain


class Clock:
    """A time that passes only while something runs."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    found = Clock()
    monkeypatch.setattr(batching, "time", found)
    return found


def slow(clock, gate, batches):
    """A runner that needs a second for 10 and holds its ninth batch at the gate."""

    def run(group, items):
        batches.append(items)
        if len(batches) == batching.ENOUGH + 1:
            gate.wait()
        clock.now += sum(items) / 10
        return items

    return run


@pytest.fixture
def measured(clock, gate):
    """A batcher that knows its speed: 10 a second; deadline 20 seconds."""
    made = batcher(slow(clock, gate, []), deadline=20.0)
    for _ in range(batching.ENOUGH):
        made.submit(10, "warm", 10)
    return made


def queued(made, pool, until, *requests):
    """The first runs, the others wait. Requests : cost, who."""
    futures = []
    for n, (cost, who) in enumerate(requests):
        futures.append(pool.submit(asked_by, who, made, cost, n, cost))
        until(lambda n=n: len(made._queue) == n and len(made._running) == 1)
    return futures


def test_what_cannot_begin_before_its_deadline_is_refused_at_once(measured, gate, pool, until):
    """60 under way and 130 waiting are 19 seconds; with a further 20 they are 21."""
    answers = queued(measured, pool, until, (60, "a"), (130, "a"), (20, "a"))
    with pytest.raises(Busy):
        asked_by("a", measured, 1, "x", 1)
    assert measured.load().refused == 1 and measured.load().waiting == 2
    gate.open()
    assert [answer.result() for answer in answers] == [60, 130, 20]


def test_of_several_the_last_one_counts(measured, gate, pool, until):
    """60 under way, 100 waiting: 16 seconds, with 50 of its own before the last one 21."""
    answers = queued(measured, pool, until, (60, "a"), (100, "a"))
    with asking("a"), pytest.raises(Busy):
        measured.submit_all([50, 1], "x", [50, 1])
    gate.open()
    assert [answer.result() for answer in answers] == [60, 100]


def test_the_queue_of_another_is_no_reason_to_refuse(measured, gate, pool, until):
    """a waits for its own 200, 20 seconds; b, who has had nothing, is next."""
    answers = queued(measured, pool, until, (10, "a"), (180, "a"), (20, "a"))
    with pytest.raises(Busy):
        asked_by("a", measured, 1, "x", 1)
    other = pool.submit(asked_by, "b", measured, 7, "b", 7)
    until(lambda: len(measured._queue) == 3)
    gate.open()
    assert other.result() == 7
    assert [answer.result() for answer in answers] == [10, 180, 20]


def test_nobody_is_refused_for_the_speed_of_the_first_batches(clock, gate, pool, until):
    """The first batches load libraries: a hundred times slower than the rest."""
    made = batcher(slow(clock, gate, []), deadline=20.0)
    made.submit(10**6, "warm", 10)
    gate.open()
    answers = [pool.submit(made.submit, 5, n, 5) for n in range(8)]
    assert [answer.result() for answer in answers] == [5] * 8


# What is counted


def test_the_load_says_what_waits_and_runs_and_what_came_of_it(runner, gate, pool, until):
    made = batcher(runner, queue_limit=3)
    assert (made.load().served, made.load().seconds) == (0, ())
    answers = waiting(
        made, pool, until, (0, "g", 1, "a"), (1, "g", 1, "a"), (2, "g", 1, "b"), (3, "g", 1, "b")
    )
    with pytest.raises(Busy):
        made.submit(4, "g", 1)
    load = made.load()
    assert (load.waiting, load.running, load.askers, load.refused) == (3, 1, 2, 1)
    gate.open()
    for answer in answers:
        answer.result()
    until(lambda: not made.load().running)
    load = made.load()
    assert (load.waiting, load.askers, load.served, load.batches) == (0, 0, 4, 2)
    assert load.mean_batch == 2.0
    assert len(load.seconds) == 4 and all(seconds > 0 for seconds in load.seconds)


def test_what_nobody_waits_for_any_more_makes_room_before_the_batch_ends(
    runner, gate, pool, until
):
    made = batcher(runner, queue_limit=1, deadline=0.05)
    first, late = waiting(made, pool, until, (0, "g", 1), (1, "g", 1))
    for answer in (first, late):
        with pytest.raises(Busy):
            answer.result()
    assert made.load().waiting == 0 and made.load().refused == 2
