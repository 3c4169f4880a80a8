"""Many callers of one process: one model in memory, shared passes, the sequential answers."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from core.contract import TraceRequest
from core.encode.encoder import Encoder
from core.engine import LocalEngine, local_engine
from core.engine import local as local_module
from core.engine.local import Limits
from core.errors import Busy, DeviceUnavailable, ModelUnavailable
from core.models import loading
from core.trace import forward
from tests.random_bert import save_random_bert

ROOT = Path(__file__).parents[4]
LINE = "the cat sat on a mat and then it slept while we read an old book by the sea"
WORDS = LINE.split()
KEEP = frozenset({"weights", "after_ffn", "nsp"})


def sentence(i: int) -> str:
    """Sentences of different lengths, no two alike."""
    return " ".join(WORDS[(i * 7 + k) % len(WORDS)] for k in range(2 + i % 11)) + f" {i}"


@pytest.fixture
def model(tiny) -> str:
    return str(tiny)


@pytest.fixture
def counted(monkeypatch, gate):
    """The sizes of the batches that are run; the first waits at the gate once it is armed."""

    found = SimpleNamespace(sizes=[], armed=False)
    real = forward.trace_batch

    def counting(module, info, items, **how):
        found.sizes.append(len(items))
        if found.armed:
            found.armed = False
            gate.wait()
        return real(module, info, items, **how)

    monkeypatch.setattr(forward, "trace_batch", counting)
    return found


# Many callers


def ask(engine, model, i):
    """One of four kinds of question, as plain arrays."""
    if i % 4 == 0:
        trace = engine.trace(TraceRequest(sentence(i), sentence(i + 1), model, KEEP))
        return [trace.nsp_logits, *(layer.weights for layer in trace.layers)]
    if i % 4 == 1:
        mask = engine.mask_fill(f"{sentence(i)} [MASK]", top_k=3, model=model).masks[0]
        return [np.array(mask.ids), np.array(mask.logits)]
    if i % 4 == 2:
        answer = engine.next_sentence(sentence(i), sentence(i + 2), model=model)
        return [np.array(answer.logits), np.array(answer.is_next)]
    return [engine.encode([sentence(i), sentence(i + 3)], model=model)]


def test_eight_callers_with_twenty_questions_each_get_the_sequential_answers(model, pool):
    engine, alone = LocalEngine("cpu"), LocalEngine("cpu")
    futures = [pool.submit(ask, engine, model, i) for i in range(160)]
    for i, future in enumerate(futures):
        for found, expected in zip(future.result(), ask(alone, model, i), strict=True):
            assert found.shape == expected.shape
            assert np.abs(found - expected).max() < 1e-5


def test_one_copy_of_a_model_is_loaded_however_many_ask(model, pool, gate, until, monkeypatch):
    loads, real = [], loading.load

    def slow(name, device):
        loads.append(name)
        gate.wait()
        return real(name, device)

    monkeypatch.setattr(loading, "load", slow)
    engine = LocalEngine("cpu")
    callers = [pool.submit(engine.warm, model) for _ in range(8)]
    until(lambda: gate.arrived == 1)
    assert not engine.ready(model) and not any(caller.done() for caller in callers)
    gate.open()
    for caller in callers:
        caller.result()
    assert loads == [model] and engine.ready(model)


def test_a_model_is_one_under_all_its_names(tiny, monkeypatch):
    monkeypatch.chdir(tiny.parent)
    engine = LocalEngine("cpu")
    engine.warm("tiny")
    assert engine.ready(str(tiny)) and len(engine._models) == 1


def test_the_engine_of_a_process_is_one():
    assert local_engine() is local_engine()
    assert local_engine("cpu") is not local_engine()


def test_the_same_question_from_eight_callers_is_one_pass(model, pool, counted, gate, until):
    engine, request = LocalEngine("cpu"), TraceRequest(sentence(1), None, model)
    engine.warm(model)
    counted.armed = True
    callers = [pool.submit(engine.trace, request) for _ in range(8)]
    until(lambda: gate.arrived == 1)
    gate.open()
    first = callers[0].result()
    assert all(caller.result() is first for caller in callers)
    assert engine.trace(request) is first
    assert counted.sizes == [1]


def test_questions_that_wait_run_as_one_batch_and_answer_as_alone(
    model, pool, counted, gate, until
):
    engine, alone = LocalEngine("cpu"), LocalEngine("cpu")
    requests = [TraceRequest(sentence(i), None, model, KEEP) for i in range(6)]
    engine.warm(model)
    counted.armed = True
    callers = [pool.submit(engine.trace, requests[0])]
    until(lambda: gate.arrived == 1)
    callers += [pool.submit(engine.trace, request) for request in requests[1:]]
    until(lambda: len(engine._models[model].batcher._queue) == 5)
    gate.open()
    answers = [caller.result() for caller in callers]
    assert counted.sizes == [1, 5]
    for request, answer in zip(requests, answers, strict=True):
        expected = alone.trace(request)
        assert answer.encoded == expected.encoded
        assert np.abs(answer.layers[-1].after_ffn - expected.layers[-1].after_ffn).max() < 1e-5


# Too much at once


def test_a_full_queue_is_busy_while_the_others_wait(model, pool, counted, gate, until):
    engine = LocalEngine("cpu", Limits(queue=1))
    engine.warm(model)
    counted.armed = True
    running = pool.submit(engine.trace, TraceRequest(sentence(0), None, model, KEEP))
    until(lambda: gate.arrived == 1)
    queued = pool.submit(engine.trace, TraceRequest(sentence(1), None, model, KEEP))
    until(lambda: len(engine._models[model].batcher._queue) == 1)
    refused = TraceRequest(sentence(2), None, model, KEEP)
    with pytest.raises(Busy):
        engine.trace(refused)
    gate.open()
    assert running.result() and queued.result()
    assert engine.trace(refused)


def test_sentence_vectors_wait_in_the_same_queue(model, pool, counted, gate, until):
    engine = LocalEngine("cpu", Limits(queue=4))
    engine.warm(model)
    counted.armed = True
    running = pool.submit(engine.trace, TraceRequest(sentence(0), None, model, KEEP))
    until(lambda: gate.arrived == 1)
    queued = [
        pool.submit(engine.trace, TraceRequest(sentence(i), None, model, KEEP)) for i in range(1, 5)
    ]
    until(lambda: len(engine._models[model].batcher._queue) == 4)
    with pytest.raises(Busy):
        engine.encode([sentence(9)], model=model)
    gate.open()
    assert running.result() and all(answer.result() for answer in queued)
    assert engine.encode([sentence(9)], model=model).any()


def test_a_passed_deadline_is_busy_for_all_who_ask_the_same(model, pool, counted, gate, until):
    engine = LocalEngine("cpu", Limits(deadline=0.05))
    request = TraceRequest(sentence(0), None, model, KEEP)
    engine.warm(model)
    counted.armed = True
    callers = [pool.submit(engine.trace, request) for _ in range(8)]
    for caller in callers:
        with pytest.raises(Busy):
            caller.result()


def test_a_pass_that_fails_is_told_and_the_next_one_works(model, monkeypatch):
    engine, request = LocalEngine("cpu"), TraceRequest(sentence(0), None, model, KEEP)

    def fail(*_, **__):
        raise RuntimeError("a kernel failed")

    with monkeypatch.context() as broken:
        broken.setattr(forward, "trace_batch", fail)
        with pytest.raises(RuntimeError, match="a kernel failed"):
            engine.trace(request)
    assert engine.trace(request).encoded.tokens[0] == "[CLS]"


def test_a_model_that_cannot_be_loaded_can_once_it_is_mended(tmp_path):
    folder = save_random_bert(
        tmp_path / "own", hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32,
    )
    config = (folder / "config.json").read_text(encoding="utf-8")
    engine = LocalEngine("cpu")
    (folder / "config.json").write_text("{", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ModelUnavailable, match="damaged"):
            engine.warm(str(folder))
    (folder / "config.json").write_text(config, encoding="utf-8")
    engine.warm(str(folder))
    assert engine.ready(str(folder))


def test_loading_in_the_background_keeps_its_failure_for_the_one_who_asks(model):
    engine = LocalEngine("no such device")
    engine.start_loading(model).join(30)
    assert not engine.ready(model)
    with pytest.raises(DeviceUnavailable):
        engine.trace(TraceRequest(sentence(0), None, model))


def test_loading_in_the_background_makes_a_model_ready(model):
    engine = LocalEngine("cpu")
    engine.start_loading(model)
    assert local_module.wait_until_ready(engine, model, 30)


def test_loading_says_how_far_it_is(model):
    said = []
    LocalEngine("cpu").warm(model, lambda stage, share: said.append((stage, share)))
    assert [stage for stage, _ in said] == ["files", "library", "weights", "ready"]
    assert [share for _, share in said] == sorted(share for _, share in said)
    assert said[-1][1] == 1.0


# Sentence vectors


TEXTS = [sentence(i) for i in (9, 2, 30, 4, 10, 1)]


def by_hand(engine, model, text, layer, pooling):
    """hidden_states[layer] of one text alone: [CLS], or the mean of what lies between
    [CLS] and [SEP]."""
    trace = engine.trace(TraceRequest(text, None, model))
    states = [trace.embeddings.normalized, *(one.after_ffn for one in trace.layers)]
    chosen = states[layer][0].astype(np.float64)
    return chosen[0] if pooling == "cls" else chosen[1:-1].mean(axis=0)


@pytest.mark.parametrize("pooling", ["cls", "mean"])
@pytest.mark.parametrize("layer", [0, 1, 2, -1])
def test_vectors_are_those_of_each_text_alone_in_the_order_given(model, pooling, layer):
    engine = LocalEngine("cpu")
    vectors = engine.encode(TEXTS, model=model, layer=layer, pooling=pooling)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert np.abs(vector - by_hand(engine, model, text, layer, pooling)).max() < 1e-5


def test_many_texts_are_encoded_in_slices_of_bounded_size(model, monkeypatch):
    """At most 40 pieces a slice, and the same vectors."""
    sizes, real = [], Encoder.start

    def counting(self, some, **how):
        sizes.append((len(some.texts), len(some.ids)))
        return real(self, some, **how)

    monkeypatch.setattr(Encoder, "start", counting)
    texts = [sentence(i) for i in range(30)]
    vectors = LocalEngine("cpu", Limits(batch_pieces=40)).encode(texts, model=model)
    assert sum(count for count, _ in sizes) == 30 and 1 < len(sizes) < 30
    assert max(pieces for _, pieces in sizes) <= 40
    assert np.abs(vectors - LocalEngine("cpu").encode(texts, model=model)).max() < 1e-5


def test_a_text_of_nothing_but_special_pieces_still_has_a_mean(model):
    """Control characters are dropped by the tokenizer: only [CLS] and [SEP] are left."""
    engine = LocalEngine("cpu")
    assert engine.tokenize(model, "\x07").tokens == ("[CLS]", "[SEP]")
    assert np.isfinite(engine.encode(["\x07"], model=model)).all()


# Without torch


@pytest.mark.parametrize(
    "ask",
    [
        "info('embedded')",
        "tokenize('embedded', 'The cat sat.', 'It slept.')",
        "ready('embedded')",
        "parameter('embedded', 'bert.embeddings.LayerNorm.weight')",
    ],
)
def test_what_needs_no_forward_pass_imports_no_torch(ask):
    code = (
        f"import sys; from core.engine import local_engine; local_engine().{ask}; "
        "sys.exit(bool({'torch', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
