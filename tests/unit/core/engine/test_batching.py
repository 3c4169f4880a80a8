"""What waits together runs together; a full queue and a passed deadline are told as busy."""

from types import SimpleNamespace

import pytest

from core.engine import batching
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


def batcher(runner, *, queue_limit=64, batch_cost=100, deadline=30.0):
    return MicroBatcher(
        runner, queue_limit=queue_limit, batch_cost=batch_cost, deadline=deadline, name="test"
    )


def waiting(made, pool, until, *requests):
    """Answers to come: the first request runs, the others have queued up in this order."""
    futures = []
    for item, group, cost in requests:
        queued = len(made._queue)
        futures.append(pool.submit(made.submit, item, group, cost))
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
