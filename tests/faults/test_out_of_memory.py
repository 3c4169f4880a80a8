"""Memory that is not enough: the batch is split, one that does not fit is told, and it goes on."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import torch

from core.contract import TraceRequest
from core.encode.encoder import Encoder
from core.engine import memory
from core.engine.local import Limits, _Item
from core.engine.stub import StubEngine
from core.errors import OutOfMemory
from core.trace import forward
from pages.ui.failures import sentence_for

ROOT = Path(__file__).parents[2]
KINDS = {
    "on a GPU": lambda: torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    "torch on a CPU": lambda: RuntimeError(
        "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: "
        "you tried to allocate 4294967296 bytes. Error code 12 (Cannot allocate memory)"
    ),
    "torch on a Mac": lambda: RuntimeError("DefaultCPUAllocator: not enough memory: you tried"),
    "NumPy": lambda: np._core._exceptions._ArrayMemoryError((1 << 40,), np.dtype(np.float32)),
    "Python": MemoryError,
}
TEXTS = [f"{'the cat sat on a mat ' * (1 + i)}number {i}" for i in range(7)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("room", [1, 2, 3, 7])
def test_items_are_answered_in_their_order_whatever_fits_at_once(kind, room):
    tried = []

    def run(items):
        tried.append(len(items))
        if len(items) > room:
            raise KINDS[kind]()
        return [item * item for item in items]

    assert memory.in_halves(run, range(7)) == [n * n for n in range(7)]
    assert tried[0] == 7 and len(tried) <= 13  # 7 singles need 6 splits: 13 attempts at most


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_does_not_fit_is_one_sentence_in_both_languages(kind):
    def run(items):
        raise KINDS[kind]()

    with pytest.raises(OutOfMemory) as told:
        memory.in_halves(run, [1, 2])
    assert "not enough memory" in sentence_for(told.value, "en")
    assert "内存不够" in sentence_for(told.value, "zh")


@pytest.mark.parametrize("error", [RuntimeError("shapes differ"), ValueError("memory"), KeyError()])
def test_another_failure_is_not_tried_again(error):
    tried = []

    def run(items):
        tried.append(1)
        raise error

    with pytest.raises(type(error)):
        memory.in_halves(run, [1, 2, 3])
    assert tried == [1]


@pytest.fixture
def engine():
    made = StubEngine(Limits(batch_pieces=4096))
    made.warm("embedded")
    return made


@pytest.fixture
def room(monkeypatch):
    """So many pieces, padding counted, fit into memory; the sizes that were tried."""
    tried: list[int] = []
    real = forward.trace_batch

    def limited(most: int) -> list[int]:
        def run(model, info, items, **options):
            tried.append(len(items) * max(len(item.input_ids) for item in items))
            if tried[-1] > most:
                raise KINDS["torch on a CPU"]()
            return real(model, info, items, **options)

        monkeypatch.setattr(forward, "trace_batch", run)
        return tried

    return limited


def batch(engine, texts=TEXTS):
    """The texts' vectors, all in one batch."""
    items = [_Item(e, e.ids) for e in (engine.tokenize("embedded", text) for text in texts)]
    group = TraceRequest("x")
    key = (group.keep, None, "bidirectional", None, None, None)
    batcher = engine._models["embedded"].batcher
    found = batcher.submit_all(items, key, [len(item.input_ids) for item in items])
    return [trace.layers[-1].after_ffn for trace in found]


def test_a_batch_of_traces_is_split_until_it_fits_and_its_thread_goes_on(engine, room):
    whole = batch(engine)
    longest = max(len(engine.tokenize("embedded", text)) for text in TEXTS)
    tried = room(2 * longest)
    split = batch(engine)
    assert tried[0] > 2 * longest and len(tried) > 3
    for a, b in zip(whole, split, strict=True):
        assert np.abs(a - b).max() <= 1e-5
    assert engine._models["embedded"].batcher._worker.is_alive()


def test_a_text_that_fits_with_no_company_at_all_is_told_and_the_next_is_answered(engine, room):
    room(20)
    with pytest.raises(OutOfMemory):
        engine.trace(TraceRequest("the cat sat on a mat " * 8))
    assert engine.trace(TraceRequest("The cat.")).layers


def test_a_long_list_is_encoded_in_smaller_parts(engine, monkeypatch):
    whole = engine.encode(TEXTS * 3 + ["one more"])
    real, tried = Encoder.start, []

    def start(self, some, layer, poolings):
        tried.append(len(some.ids))
        if len(some.ids) > 60:
            raise KINDS["on a GPU"]()
        return real(self, some, layer, poolings)

    monkeypatch.setattr(Encoder, "start", start)
    split = engine.encode(TEXTS * 3 + ["one more"])
    assert max(tried) > 60 >= min(tried)
    assert np.abs(whole - split).max() <= 1e-5


def test_a_text_too_long_to_encode_is_told_and_the_others_can_be_asked_again(engine, monkeypatch):
    real = Encoder.start

    def start(self, some, layer, poolings):
        if len(some.ids) > 12:
            raise MemoryError
        return real(self, some, layer, poolings)

    monkeypatch.setattr(Encoder, "start", start)
    with pytest.raises(OutOfMemory):
        engine.encode(["A cat.", "the cat sat on a mat " * 8])
    assert engine.encode(["A cat.", "A dog."]).shape == (2, 16)


@pytest.mark.skipif(sys.platform != "linux", reason="bounds the address space")
def test_a_process_that_really_runs_out_of_memory_answers_all_the_same(tmp_path):
    """Words' scores for four texts of 512 pieces take 250 MB, and once more to be handed out."""
    program = textwrap.dedent("""
        import re, resource, sys
        from pathlib import Path
        import numpy as np
        from core.contract import TraceRequest
        from core.engine import memory
        from core.engine.local import Limits, _Item
        from core.engine.stub import StubEngine

        splits = []
        let_go = memory._let_go
        memory._let_go = lambda: (splits.append(1), let_go())
        engine = StubEngine(Limits(batch_pieces=2048))
        engine.warm("embedded")
        pieces = [engine.tokenize("embedded", f"{n} " + "the cat sat " * 300) for n in range(4)]
        items = [_Item(e, e.ids) for e in pieces]
        key = (frozenset({"mlm"}), None, "bidirectional", None, None, None)
        ask = engine._models["embedded"].batcher.submit_all
        whole = [trace.mlm_logits[0, 1].copy() for trace in ask(items, key, [512] * 4)]
        held = int(re.search(r"VmSize:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
        resource.setrlimit(resource.RLIMIT_AS, (held + 400 * 2**20,) * 2)
        found = [trace.mlm_logits[0, 1].copy() for trace in ask(items, key, [512] * 4)]
        print(len(splits), max(np.abs(a - b).max() for a, b in zip(whole, found)))
    """)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    splits, apart = done.stdout.split()
    assert int(splits) >= 1 and float(apart) <= 1e-4
