"""Every head off in turn equals one pass each; others get in between; a full house says so."""

import time
from typing import Any

import numpy as np
import pytest

from core.contract import AblationRequest, Surgery, TraceRequest
from core.engine import LocalEngine, ablation
from core.engine.local import Limits
from core.engine.stub import StubEngine
from core.errors import BadInput, Busy, OutOfRange, TooManyPieces
from core.trace import forward, sweep
from core.trace.recompute import softmax

TEXT = "The [MASK] sat on the mat because it was tired."
TEXT_B = "Then it slept."
PLACE, WORD = 2, 4937


@pytest.fixture(scope="module", params=["embedded", "stub"])
def engine(request: pytest.FixtureRequest) -> LocalEngine:
    return StubEngine() if request.param == "stub" else LocalEngine("cpu")


def one_by_one(engine: LocalEngine, surgery: Surgery, **target: int) -> tuple[float, float]:
    """Logit and probability of the target from an operated pass of its own."""
    trace = engine.trace(
        TraceRequest(TEXT, TEXT_B, keep=frozenset({"mlm", "nsp"}), surgery=surgery)
    )
    at = (0, target["position"]) if target else (0,)
    logits = (trace.mlm_logits if target else trace.nsp_logits)[at].astype(np.float64)
    column = target.get("word", 0)
    return float(logits[column]), float(softmax(logits)[column])


@pytest.mark.parametrize("target", [{"position": PLACE, "word": WORD}, {}], ids=["mlm", "nsp"])
def test_the_sweep_is_one_pass_a_head(engine, target):
    info = engine.info("embedded")
    found = engine.ablate(AblationRequest(TEXT, TEXT_B, **target))
    assert found.probability.shape == found.logit.shape == (info.layers, info.heads)
    last = (info.layers - 1, info.heads - 1)
    for layer, head in {(0, 0), (0, 1), (1, 0), (last[0], 0), last}:
        logit, probability = one_by_one(engine, Surgery(heads_off=((layer, head),)), **target)
        assert found.logit[layer, head] == pytest.approx(logit, abs=2e-5)
        assert found.probability[layer, head] == pytest.approx(probability, abs=1e-5)
    logit, probability = one_by_one(engine, Surgery(), **target)
    assert (found.intact_logit, found.intact) == pytest.approx((logit, probability), abs=2e-5)


@pytest.mark.parametrize("target", [{"position": PLACE, "word": WORD}, {}], ids=["mlm", "nsp"])
def test_layers_are_skipped_one_at_a_time(engine, target):
    info = engine.info("embedded")
    found = engine.ablate(AblationRequest(TEXT, TEXT_B, unit="layers", **target))
    assert found.probability.shape == (info.layers,)
    for layer in range(info.layers):
        logit, probability = one_by_one(engine, Surgery(layers_off=(layer,)), **target)
        assert found.logit[layer] == pytest.approx(logit, abs=2e-5)
        assert found.probability[layer] == pytest.approx(probability, abs=1e-5)


def test_smaller_batches_give_the_same_numbers(monkeypatch):
    request = AblationRequest(TEXT, position=PLACE, word=WORD)
    whole = LocalEngine("cpu").ablate(request)
    monkeypatch.setattr(ablation, "PIECES_AT_ONCE", 60)  # 4 of 12 heads, 13 pieces each
    assert np.abs(LocalEngine("cpu").ablate(request).logit - whole.logit).max() <= 2e-5


def test_an_ablation_asked_again_is_not_computed_again(monkeypatch):
    engine, request = StubEngine(), AblationRequest(TEXT, position=PLACE, word=WORD)
    first = engine.ablate(request)
    monkeypatch.setattr(sweep, "heads_off", None)
    assert engine.ablate(request) is first
    assert not first.probability.flags.writeable


def test_another_request_gets_in_between(monkeypatch, gate, pool, until):
    """A trace that is queued while the first piece of work runs is served before the second."""
    engine, done = StubEngine(), []
    engine.warm("embedded")
    engine.trace(ablation.inputs(AblationRequest(TEXT)))
    cut, passed = sweep.heads_off, forward.trace_batch

    def slow(*arguments: Any) -> np.ndarray:
        gate.wait()
        done.append("heads")
        return cut(*arguments)

    def other(*arguments: Any, **how: Any) -> Any:
        done.append("trace")
        return passed(*arguments, **how)

    monkeypatch.setattr(sweep, "heads_off", slow)
    monkeypatch.setattr(forward, "trace_batch", other)
    sweeping = pool.submit(engine.ablate, AblationRequest(TEXT, position=PLACE, word=WORD))
    until(lambda: gate.arrived == 1)
    tracing = pool.submit(engine.trace, TraceRequest("Something else."))
    until(lambda: len(engine._models["embedded"].batcher._queue) == 1)
    gate.open()
    sweeping.result(30), tracing.result(30)
    assert done == ["heads", "trace", "heads"]  # the stub has two layers


def test_one_too_many_at_a_time_is_told_to_come_back():
    engine = StubEngine(Limits(ablations=1, deadline=0.3))
    engine.trace(ablation.inputs(AblationRequest(TEXT)))
    engine._ablations.acquire()
    start = time.monotonic()
    with pytest.raises(Busy):
        engine.ablate(AblationRequest(TEXT, position=PLACE, word=WORD))
    assert time.monotonic() - start < 5
    engine._ablations.release()
    assert engine.ablate(AblationRequest(TEXT, position=PLACE, word=WORD)).intact > 0


def test_a_text_that_would_take_too_long_is_refused_with_the_limit(monkeypatch):
    engine = StubEngine()
    n = len(engine.tokenize("embedded", TEXT))
    monkeypatch.setattr(ablation, "MOST_WORK", ablation.work(engine.info("embedded"), n - 1))
    with pytest.raises(TooManyPieces, match=f"{n} word pieces.*at most {n - 1}"):
        engine.ablate(AblationRequest(TEXT, position=PLACE, word=WORD))


def test_a_target_that_is_not_there_is_refused():
    engine = StubEngine()
    with pytest.raises(OutOfRange, match="position is 99"):
        engine.ablate(AblationRequest(TEXT, position=99, word=WORD))
    with pytest.raises(OutOfRange, match="word is"):
        engine.ablate(AblationRequest(TEXT, position=PLACE, word=10**6))
    with pytest.raises(ValueError, match="go together"):
        AblationRequest(TEXT, position=PLACE)
    with pytest.raises(ValueError, match="neurons"):
        AblationRequest(TEXT, unit="neurons")  # type: ignore[arg-type]


# Operations through the engine


def test_an_order_moves_the_pieces_and_not_their_places_or_segments():
    engine = StubEngine()
    plain = engine.tokenize("embedded", TEXT, TEXT_B)
    order = (0, *range(3, 11), 2, 1, *range(11, len(plain)))
    found = engine.trace(
        TraceRequest(TEXT, TEXT_B, surgery=Surgery(order=order), keep=frozenset({"embeddings"}))
    )
    assert found.encoded.tokens == tuple(plain.tokens[i] for i in order)
    assert found.encoded.segments == plain.segments
    whole = engine.trace(TraceRequest(TEXT, TEXT_B, keep=frozenset({"embeddings"})))
    assert np.array_equal(found.embeddings.token, whole.embeddings.token[:, list(order)])
    assert np.array_equal(found.embeddings.position, whole.embeddings.position)


def test_without_positions_an_order_only_permutes_the_rows():
    engine = LocalEngine("cpu")
    n = len(engine.tokenize("embedded", TEXT))
    order = (0, *range(n - 2, 0, -1), n - 1)
    keep = frozenset({"after_ffn"})
    traces = [
        engine.trace(TraceRequest(TEXT, keep=keep, surgery=Surgery(positions_off=True, order=o)))
        for o in (None, order)
    ]
    straight, turned = (t.layers[-1].after_ffn[0] for t in traces)
    assert np.abs(turned - straight[list(order)]).max() <= 2e-5


@pytest.mark.parametrize(("surgery", "says"), [
    (Surgery(heads_off=((2, 0),)), "layer is 2"), (Surgery(heads_off=((0, 2),)), "head is 2"),
    (Surgery(layers_off=(9,)), "layer is 9"), (Surgery(order=(0, 1)), "order has 2 places"),
    (Surgery(order=(1, 0, *range(2, 13))), "order moves"),
])
def test_an_operation_that_does_not_fit_is_refused_in_words(surgery, says):
    with pytest.raises(BadInput, match=says):
        StubEngine().trace(TraceRequest(TEXT, surgery=surgery))


def test_operated_and_whole_passes_are_kept_apart():
    engine = StubEngine()
    off = TraceRequest(TEXT, surgery=Surgery(heads_off=((0, 0),)))
    whole, operated = engine.trace(TraceRequest(TEXT)), engine.trace(off)
    assert np.abs(whole.mlm_logits - operated.mlm_logits).max() > 0
    assert engine.trace(off) is operated
    assert engine.trace(TraceRequest(TEXT, surgery=Surgery())) is whole
