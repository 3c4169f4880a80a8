"""Texts are read once each, in slices that are kept; stopped work goes on."""

import numpy as np
import pytest

from core.contract import TaskRequest, TraceRequest
from core.engine.stub import StubEngine
from core.errors import Cancelled
from core.stocks import readings
from core.stocks.readings import Readings, by_engine, read_all

TEXTS = [f"$AAA says {'very ' * (i % 5)}{i // 2}" for i in range(40)]


class Counting:
    """A reader that remembers what it was given."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, texts):
        self.read += texts
        lengths = np.array([len(text) for text in texts], np.float32)
        return Readings(
            np.tile(np.float32([0.2, 0.3, 0.5]), (len(texts), 1)), np.tile(lengths[:, None], (1, 4))
        )


@pytest.fixture(autouse=True)
def small_slices(monkeypatch):
    monkeypatch.setattr(readings, "SLICE", 8)


def test_equal_texts_are_read_once_and_given_to_each():
    reader = Counting()
    found, whose = read_all(["a", "bb", "a", "a"], reader, weights="w")
    assert sorted(reader.read) == ["a", "bb"]
    assert found.vectors[whose, 0].tolist() == [1, 2, 1, 1]
    assert found.sentiment.tolist() == pytest.approx([0.3, 0.3])


def test_a_second_time_nothing_is_read_again(tmp_path):
    first, _ = read_all(TEXTS, Counting(), weights="w", cache=tmp_path)
    reader = Counting()
    second, _ = read_all(TEXTS[::-1], reader, weights="w", cache=tmp_path)
    assert reader.read == []
    assert np.array_equal(first.vectors, second.vectors)


def test_other_weights_read_anew(tmp_path):
    read_all(TEXTS, Counting(), weights="w", cache=tmp_path)
    reader = Counting()
    read_all(TEXTS, reader, weights="v", cache=tmp_path)
    assert len(reader.read) == len(set(TEXTS))


def test_stopped_work_goes_on_where_it_was(tmp_path):
    first = Counting()
    with pytest.raises(Cancelled):
        read_all(TEXTS, first, weights="w", cache=tmp_path, tell=lambda step: step.done < 16)
    second = Counting()
    read_all(TEXTS, second, weights="w", cache=tmp_path)
    assert len(first.read) == 16
    assert not set(first.read) & set(second.read)


def test_a_damaged_slice_is_read_again(tmp_path):
    read_all(TEXTS, Counting(), weights="w", cache=tmp_path)
    damaged = sorted(tmp_path.glob("*.npz"))[0]
    damaged.write_bytes(damaged.read_bytes()[:100])
    reader = Counting()
    read_all(TEXTS, reader, weights="w", cache=tmp_path)
    assert 0 < len(reader.read) <= 8


def test_no_texts_are_no_readings():
    found, whose = read_all([], Counting(), weights="w")
    assert len(found) == 0 and len(whose) == 0


def test_the_engine_reads_what_its_tweet_head_and_its_vectors_say():
    engine = StubEngine()
    texts = ["$AAA beats the street", "the street beats $AAA, again", "  "]
    found = by_engine(engine)(texts)
    for i in range(2):
        answer = engine.task(TaskRequest("tweets", texts[i]))
        assert found.probabilities[i] == pytest.approx(answer.probabilities, abs=1e-6)
        trace = engine.trace(
            TraceRequest(texts[i], keep=frozenset({"after_ffn"}), layers=(1,), task="tweets")
        )
        mean = trace.layer(1).after_ffn[0, 1:-1].mean(axis=0)  # without [CLS] and [SEP]
        assert found.vectors[i] == pytest.approx(mean, abs=1e-6)
    assert found.probabilities[2].tolist() == [0, 1, 0] and not found.vectors[2].any()
