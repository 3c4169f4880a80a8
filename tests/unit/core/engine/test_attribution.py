"""Gradients equal finite differences and autograd by hand; leaving out equals passes of its own."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from core.contract import AttributionRequest, TraceRequest
from core.engine import LocalEngine, attribution
from core.engine.local import Limits
from core.engine.stub import StubEngine, random_bert
from core.errors import Busy, MissingHead, OutOfRange, TooManyPieces
from core.trace import leave_out
from core.trace.sweep import Target

TEXT = "The [MASK] sat on the mat because it was tired."
TEXT_B = "Then it slept."
PLACE, WORD = 2, 4937
MLM = AttributionRequest(TEXT, TEXT_B, position=PLACE, word=WORD)
NSP = AttributionRequest(TEXT, TEXT_B)
BOTH = pytest.mark.parametrize("asked", [MLM, NSP], ids=["mlm", "nsp"])


@pytest.fixture(scope="module", params=["embedded", "stub"])
def engine(request: pytest.FixtureRequest) -> LocalEngine:
    return StubEngine() if request.param == "stub" else LocalEngine("cpu")


@pytest.fixture(scope="module")
def double() -> Any:
    """The stub's weights in float64, where a difference of two passes means something."""
    import copy

    return copy.deepcopy(random_bert()).double()


def target_of(asked: AttributionRequest) -> Target:
    return Target(asked.position or 0, asked.word)


def embedded_in(model: Any, engine: LocalEngine, asked: AttributionRequest) -> torch.Tensor:
    encoded = engine.tokenize("embedded", asked.text, asked.text_b)
    ids, segments = torch.tensor([encoded.ids]), torch.tensor([encoded.segments])
    return model.bert.embeddings(input_ids=ids, token_type_ids=segments)


def log_p(model: Any, asked: AttributionRequest, x: torch.Tensor) -> torch.Tensor:
    """log P by the library's own modules."""
    states = model.bert.encoder(x)[0]
    if asked.word is None:
        return model.cls.seq_relationship(model.bert.pooler(states)).log_softmax(-1)[0, 0]
    return model.cls.predictions(states)[0, asked.position].log_softmax(-1)[asked.word]


@BOTH
def test_the_log_probability_is_that_of_a_traced_pass(engine, asked):
    found = engine.attribute(asked)
    trace = engine.trace(TraceRequest(TEXT, TEXT_B, keep=frozenset({"mlm", "nsp"})))
    logits = trace.mlm_logits[0, PLACE] if asked.word else trace.nsp_logits[0]
    logits = logits.astype(np.float64)
    expected = logits[asked.word or 0] - np.log(np.exp(logits - logits.max()).sum()) - logits.max()
    assert found.log_p == pytest.approx(expected, abs=1e-5)
    assert found.start is None and found.gap is None
    assert not found.scores.flags.writeable and len(found.scores) == len(found.encoded)


@BOTH
def test_gradient_x_input_is_the_slope_of_making_a_pieces_vector_longer(double, asked):
    """d/da log P(x with a x_i in place of x_i) at a = 1, by a central difference in float64."""
    engine = StubEngine()
    found = engine.attribute(asked)
    x, eps = embedded_in(double, engine, asked), 1e-5
    for i in range(len(found.encoded)):
        up, down = x.clone(), x.clone()
        up[0, i] *= 1 + eps
        down[0, i] *= 1 - eps
        slope = float(log_p(double, asked, up) - log_p(double, asked, down)) / (2 * eps)
        assert found.scores[i] == pytest.approx(slope, abs=1e-5)


@BOTH
def test_captum_agrees_with_autograd_by_hand(engine, asked):
    found = engine.attribute(asked)
    model = engine._module("embedded")
    x = embedded_in(model, engine, asked).clone().requires_grad_()
    (gradient,) = torch.autograd.grad(log_p(model, asked, x), x)
    by_hand = (gradient * x).sum(-1)[0].detach().numpy()
    assert np.abs(by_hand - found.scores).max() <= 1e-5


def test_in_front_of_layer_norm_gradient_x_input_would_be_nothing(double):
    """LayerNorm(a e) = LayerNorm(e): no slope along e, whatever the prediction."""
    engine = StubEngine()
    encoded = engine.tokenize("embedded", TEXT, TEXT_B)
    table = double.bert.embeddings
    words = table.word_embeddings(torch.tensor([encoded.ids]))
    places = table.position_embeddings(torch.arange(len(encoded)))
    total = words + places + table.token_type_embeddings(torch.tensor([encoded.segments]))
    total = total.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(log_p(double, MLM, table.LayerNorm(total)), total)
    slopes = (gradient * total.detach()).sum(-1)
    assert float(slopes.abs().max()) < 1e-8 < float(gradient.abs().max())


@BOTH
def test_integrated_gradients_sum_to_what_lies_between_text_and_baseline(asked):
    found = StubEngine().attribute(replace(asked, method="integrated", steps=64))
    assert found.start != found.log_p
    assert abs(found.gap) <= 0.02 * abs(found.log_p - found.start) + 1e-4
    same = [i for i, word in enumerate(found.encoded.word_index) if word is None]
    # what is the same at both ends of the path has no share
    assert not found.scores[[*same, *([PLACE] if asked.word else [])]].any()


def test_the_gap_is_told_where_the_gradient_jumps():
    """From vectors of zeros, which LayerNorm leaves at once, few points miss a part of the path."""
    asked = replace(MLM, method="integrated", baseline="zero", steps=8)
    found = StubEngine().attribute(asked)
    lies_between = found.log_p - found.start
    assert found.gap == pytest.approx(float(found.scores.sum()) - lies_between, abs=1e-5)
    assert abs(found.gap) > 0.01


def test_integrated_gradients_are_captums_of_the_whole_path(monkeypatch):
    from captum.attr import IntegratedGradients

    engine, asked = StubEngine(), replace(MLM, method="integrated", steps=48)
    found = engine.attribute(asked)
    model = random_bert()
    x = embedded_in(model, engine, MLM)
    ids = attribution.masked_ids(found.encoded, 103)
    segments = torch.tensor([found.encoded.segments])
    start = model.bert.embeddings(input_ids=torch.tensor([ids]), token_type_ids=segments)
    judge = IntegratedGradients(
        lambda v: torch.stack([log_p(model, MLM, one[None]) for one in v])
    )
    whole, delta = judge.attribute(x, start, n_steps=48, return_convergence_delta=True)
    assert np.abs(whole.sum(-1)[0].detach().numpy() - found.scores).max() <= 0.01
    assert abs(float(delta)) == pytest.approx(abs(found.gap), abs=0.01)
    n = len(found.encoded)
    for pieces in (3 * n * 48, 3 * n):  # one stretch, and 48 short ones
        monkeypatch.setattr(attribution, "PIECES_AT_ONCE", pieces)
        again = StubEngine().attribute(asked)
        assert np.abs(again.scores - found.scores).max() <= 0.01


@BOTH
def test_a_piece_left_out_by_its_mask_is_a_pass_of_its_own(engine, asked):
    found = engine.attribute(replace(asked, method="masked"))
    ids = found.encoded.ids
    for i in (1, 4, len(ids) - 2):
        other = list(ids)
        other[i] = 103  # [MASK]
        trace = engine.trace(TraceRequest(TEXT, TEXT_B, input_ids=tuple(other)))
        logits = trace.mlm_logits[0, PLACE] if asked.word else trace.nsp_logits[0]
        log_p = torch.tensor(logits).log_softmax(-1)[asked.word or 0]
        assert found.scores[i] == pytest.approx(found.log_p - float(log_p), abs=2e-5)
    assert found.scores[asked.position or 0] == 0


@BOTH
@pytest.mark.parametrize("method", ["hidden", "deleted"])
def test_hidden_and_deleted_pieces_are_the_librarys_passes_without_them(engine, asked, method):
    found = engine.attribute(replace(asked, method=method))
    model, n = engine._module("embedded"), len(found.encoded)
    ids, segments = torch.tensor([found.encoded.ids]), torch.tensor([found.encoded.segments])
    place = asked.position or 0
    for i in (0, 1, 5, n - 1):
        if i == place:
            assert found.scores[i] == 0
            continue
        kept = [k for k in range(n) if k != i]
        if method == "hidden":
            seen = torch.ones(1, n, dtype=torch.long)
            seen[0, i] = 0
            out, at = model(ids, attention_mask=seen, token_type_ids=segments), place
        else:
            out = model(ids[:, kept], token_type_ids=segments[:, kept])
            at = place - (i < place)
        logits = out.prediction_logits[0, at] if asked.word else out.seq_relationship_logits[0]
        log_p = float(logits.log_softmax(-1)[asked.word or 0])
        assert found.scores[i] == pytest.approx(found.log_p - log_p, abs=2e-5)


def test_smaller_batches_give_the_same_numbers(monkeypatch):
    whole = [StubEngine().attribute(replace(MLM, method=m)) for m in ("masked", "deleted")]
    monkeypatch.setattr(attribution, "PIECES_AT_ONCE", 40)
    for one in whole:
        method = "masked" if one is whole[0] else "deleted"
        again = StubEngine().attribute(replace(MLM, method=method))
        assert np.abs(again.scores - one.scores).max() <= 2e-5


def test_a_gradient_leaves_the_shared_weights_and_other_passes_alone(pool):
    """Passes beside gradients, from several threads: the same numbers as alone."""
    engine = StubEngine()
    alone = StubEngine().trace(TraceRequest(TEXT)).mlm_logits
    jobs = [pool.submit(engine.attribute, replace(MLM, word=w)) for w in range(1000, 1006)]
    passes = [pool.submit(engine.trace, TraceRequest(TEXT))]
    passes += [pool.submit(engine.trace, TraceRequest(TEXT + " x" * k)) for k in range(4)]
    assert all(np.isfinite(job.result(60).scores).all() for job in jobs)
    assert np.abs(passes[0].result(60).mlm_logits - alone).max() <= 1e-6
    for weight in random_bert().parameters():
        assert not weight.requires_grad and weight.grad is None


def test_an_attribution_asked_again_is_not_computed_again(monkeypatch):
    engine = StubEngine()
    ask = replace(MLM, method="masked")
    first = engine.attribute(ask)
    monkeypatch.setattr(leave_out, "log_probabilities", None)
    assert engine.attribute(ask) is first


def test_one_too_many_at_a_time_is_told_to_come_back():
    engine = StubEngine(Limits(ablations=1, deadline=0.3))
    engine._ablations.acquire()
    with pytest.raises(Busy):
        engine.attribute(MLM)
    engine._ablations.release()


@pytest.mark.parametrize("change", [
    {"position": 99}, {"word": 10**6}, {"steps": 0}, {"steps": 10**6},
])
def test_what_is_not_there_is_refused(change):
    with pytest.raises(OutOfRange):
        StubEngine().attribute(replace(MLM, **change))


@pytest.mark.parametrize("how", [{"word": 5}, {"method": "guess"}, {"baseline": "noise"}])
def test_a_request_that_means_nothing_cannot_be_made(how):
    with pytest.raises(ValueError):
        AttributionRequest(TEXT, **how)


def test_a_model_without_the_head_says_so(monkeypatch):
    engine = StubEngine()
    info = replace(engine.info("embedded"), has_mlm=False, has_nsp=False)
    monkeypatch.setattr(engine, "info", lambda model: info)
    for asked in (MLM, NSP):
        with pytest.raises(MissingHead):
            engine.attribute(asked)


@pytest.mark.parametrize("method", ["gradient", "integrated", "masked"])
def test_a_text_that_would_take_too_long_is_refused_with_a_length_that_would_not(
    monkeypatch, method
):
    engine, ask = StubEngine(), replace(MLM, method=method)
    info, n = engine.info("embedded"), len(engine.tokenize("embedded", TEXT, TEXT_B))
    monkeypatch.setattr(attribution, "MOST_WORK", attribution.work(info, n - 1, ask))
    with pytest.raises(TooManyPieces) as told:
        engine.attribute(ask)
    assert told.value.facts["limit"] == n - 1
