"""Stored results come back as they were, and only for the weights they were made with."""

from dataclasses import dataclass

import numpy as np
import pytest

from core.contract import Encoded
from lessons import stored
from lessons.proof import Check, Proof


@dataclass(frozen=True)
class Inner:
    vector: np.ndarray
    name: str | None


@dataclass(frozen=True)
class Outcome:
    encoded: Encoded
    weights: np.ndarray
    parts: tuple[Inner, ...]
    pair: tuple[float, float]
    proof: Proof
    nothing: Inner | None


def outcome() -> Outcome:
    encoded = Encoded(("[CLS]", "a", "[SEP]"), (101, 1037, 102), (0, 0, 0), (None, 0, None),
                      ((0, 0), (0, 1), (0, 0)))
    inner = Inner(np.arange(3, dtype=np.float32), None)
    proof = Proof((Check("z", "weights v", 1.5e-7),))
    weights = np.array([[0.25, 0.75]], np.float32)
    return Outcome(encoded, weights, (inner, inner), (0.5, -0.5), proof, None)


def test_a_result_survives_the_way_through_json_and_arrays():
    arrays: list[np.ndarray] = []
    back = stored.rebuild(Outcome, stored.flatten(outcome(), arrays), arrays)
    assert back.encoded == outcome().encoded
    assert back.proof == outcome().proof
    assert back.pair == (0.5, -0.5)
    assert back.nothing is None
    assert back.parts[1].name is None
    np.testing.assert_array_equal(back.weights, outcome().weights)
    assert back.weights.dtype == np.float32
    assert not back.weights.flags.writeable


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "FOLDER", tmp_path)
    stored._index.cache_clear()
    yield tmp_path
    stored._index.cache_clear()


def test_what_is_stored_for_a_preset_equals_the_live_result(folder):
    from core.engine import local_engine
    from lessons.attention import lesson
    from lessons.text import presets

    stored.store("attention")
    request = lesson.default_request(presets("attention")[0], "embedded")
    early = stored.load("attention", lesson.run, request)
    live = lesson.run(local_engine(), request)
    assert early is not None
    assert early.encoded == live.encoded
    np.testing.assert_array_equal(early.weights, live.weights)
    heads = stored.load("attention", lesson.all_heads, request)
    np.testing.assert_array_equal(heads, lesson.all_heads(local_engine(), request))


def test_results_of_other_weights_are_not_used(folder, monkeypatch):
    from lessons.nsp import lesson
    from lessons.text import presets

    stored.store("nsp")
    request = lesson.default_request(presets("nsp")[0], "embedded")
    assert stored.load("nsp", lesson.run, request) is not None
    stored._index.cache_clear()
    monkeypatch.setattr(stored, "model_checksum", lambda: "0" * 16)
    assert stored.load("nsp", lesson.run, request) is None


def test_a_request_that_is_no_preset_has_no_stored_result(folder):
    from lessons.nsp import lesson

    assert stored.load("nsp", lesson.run, lesson.Request("Nobody", "stored this.")) is None
