"""Long lists through the engine: slices in the room's queue, progress, cancel, classes."""

import threading

import numpy as np
import pytest

from core.contract import TaskRequest, TraceRequest
from core.encode.encoder import Encoder
from core.engine.local import Limits
from core.engine.stub import StubEngine
from core.errors import BadInput, Busy, Cancelled, EmptyText, TaskNeedsPair, UnknownTask
from core.trace.forward import trace_batch

LINE = "the cat sat on a mat and then it slept while we read an old book by the sea"
WORDS = LINE.split()
SLICE = 64  # pieces


def sentence(i: int) -> str:
    return " ".join(WORDS[(i * 7 + k) % len(WORDS)] for k in range(2 + i % 11)) + f" {i}"


TEXTS = [sentence(i) for i in range(200)]


@pytest.fixture
def engine() -> StubEngine:
    made = StubEngine(Limits(batch_pieces=SLICE))
    made.warm("embedded")
    return made


@pytest.fixture
def started(monkeypatch) -> list[int]:
    """How many texts each slice held, as they run."""
    sizes: list[int] = []
    real = Encoder.start

    def counting(self, some, **how):
        sizes.append(len(some.texts))
        return real(self, some, **how)

    monkeypatch.setattr(Encoder, "start", counting)
    return sizes


def test_a_trace_gets_through_while_a_long_list_is_encoded(
    engine, started, pool, gate, until, monkeypatch
):
    """Asked while a slice runs, it comes next, or after the one slice that queues before it."""
    counting, at_pass = Encoder.start, []

    def held(self, some, **how):
        if len(started) == 3:
            gate.wait()  # the batches' own thread: nothing runs until the trace is queued
        return counting(self, some, **how)

    def passed(*given, **how):
        at_pass.append(len(started))
        return trace_batch(*given, **how)

    monkeypatch.setattr(Encoder, "start", held)
    monkeypatch.setattr("core.trace.forward.trace_batch", passed)
    long = pool.submit(engine.encode, TEXTS)
    until(lambda: gate.arrived == 1)
    asked = pool.submit(engine.trace, TraceRequest("Anybody?", keep=frozenset({"nsp"})))
    until(lambda: len(engine._models["embedded"].batcher._queue) == 1)
    gate.open()
    asked.result()
    assert long.result().shape[0] == len(TEXTS)
    assert at_pass[0] <= 3 + 2 < len(started) / 4


def test_many_learners_asking_at_once_do_not_end_a_long_list(engine, pool, monkeypatch):
    """A queue that refuses now and then is asked again; only the first slice gives up at once."""
    loaded, refusals = engine._models["embedded"], [0]
    real = loaded.alone

    def refusing(do, cost):
        refusals[0] += 1
        if refusals[0] % 2 == 0:
            raise Busy
        return real(do, cost)

    monkeypatch.setattr(loaded, "alone", refusing)
    vectors = engine.encode(TEXTS[:40])
    assert refusals[0] > 4
    monkeypatch.setattr(loaded, "alone", real)
    assert np.array_equal(vectors, engine.encode(TEXTS[:40]))

    monkeypatch.setattr(loaded, "alone", lambda do, cost: (_ for _ in ()).throw(Busy()))
    with pytest.raises(Busy):
        engine.encode(TEXTS[:40])


def test_a_list_cancelled_half_way_stops_before_the_next_slice(engine, started):
    cancel, told = threading.Event(), []

    def watch(done):
        told.append(done.texts)
        if done.texts >= 50:
            cancel.set()

    with pytest.raises(Cancelled):
        engine.encode(TEXTS, progress=watch, cancel=cancel)
    assert sum(started) == told[-1] < len(TEXTS)
    assert told == sorted(told) and told[-2] < 50


def test_equal_texts_go_through_the_model_once(engine, started):
    vectors = engine.encode([TEXTS[3], TEXTS[5], TEXTS[3]] * 20)
    assert sum(started) == 2
    assert np.array_equal(vectors[0::3], vectors[2::3])
    assert np.array_equal(vectors[:2], engine.encode([TEXTS[3], TEXTS[5]]))


def test_a_blank_text_is_refused_before_anything_runs(engine, started):
    for ask in (engine.encode, lambda texts: engine.classify(texts, task="spam")):
        with pytest.raises(EmptyText):
            ask([*TEXTS, " "])
    assert not started


def test_a_text_over_512_pieces_is_cut_as_in_a_trace(engine):
    text = "a " * 600
    trace = engine.trace(TraceRequest(text, keep=frozenset({"after_ffn"})))
    expected = trace.layers[-1].after_ffn[0, 1:-1].mean(axis=0)
    assert len(trace.encoded) == 512
    assert np.abs(engine.encode([text])[0] - expected).max() < 1e-5


@pytest.mark.parametrize("task", ["sentiment", "tweets", "spam"])
def test_many_texts_get_the_classes_of_each_alone(engine, task):
    found = engine.classify(TEXTS[:30], task=task)
    assert found.probabilities.shape == (30, len(found.labels)) and found.vectors is None
    assert found.probabilities.dtype == np.float32
    for text, row in zip(TEXTS, found.probabilities, strict=False):
        one = engine.task(TaskRequest(task, text))
        assert (one.task, one.labels) == (found.task, found.labels)
        assert row == pytest.approx(one.probabilities, abs=1e-5)


@pytest.mark.parametrize("pooling", ["cls", "mean"])
def test_the_vectors_of_a_classification_are_those_under_the_adapter(engine, pooling):
    found = engine.classify(TEXTS[:9], task="spam", vectors=pooling)
    expected = engine.encode(TEXTS[:9], task="spam", pooling=pooling)
    assert np.abs(found.vectors - expected).max() < 1e-5
    assert np.abs(expected - engine.encode(TEXTS[:9], pooling=pooling)).max() > 1e-2
    traced = engine.trace(TraceRequest(TEXTS[4], keep=frozenset({"after_ffn"}), task="spam"))
    states = traced.layers[-1].after_ffn[0]
    by_hand = states[0] if pooling == "cls" else states[1:-1].mean(axis=0)
    assert np.abs(expected[4] - by_hand).max() < 1e-5


def test_nothing_that_comes_back_can_be_written(engine):
    found = engine.classify(TEXTS[:3], task="spam", vectors="mean")
    for array in (found.probabilities, found.vectors):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_no_texts_have_no_classes(engine):
    found = engine.classify([], task="tweets", vectors="cls")
    assert found.probabilities.shape == (0, 3) and len(found.vectors) == 0


@pytest.mark.parametrize(
    "task, error",
    [("nli", TaskNeedsPair), ("qa", TaskNeedsPair), ("ner", BadInput), ("weather", UnknownTask)],
)
def test_only_a_head_for_one_sentence_classifies(engine, task, error):
    with pytest.raises(error):
        engine.classify(TEXTS[:2], task=task)


def test_an_unknown_task_has_no_vectors(engine):
    with pytest.raises(BadInput):
        engine.encode(TEXTS[:2], task="weather")


def test_of_the_encoders_only_the_last_are_kept(engine):
    for task in (None, "spam", "tweets", "spam"):
        engine.encode(TEXTS[:2], task=task)
    assert [task for task, _ in engine._models["embedded"]._encoders] == ["tweets", "spam"]
