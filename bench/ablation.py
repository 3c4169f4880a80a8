"""Every head of one sentence off in turn: our batched sweep beside one pass a head.

    python -m bench.ablation [--rounds 5]

The same engine without a cache, the same weights and text in one run, the ways in turn. The
sweep is what a learner waits for: text in, all L x A probabilities out, the shared pass included.
One by one is `Engine.trace` with that head off, asked for the one place that is read; it is what
a page without the sweep would do. The threads are those of the room's server; beside the time
that passed stands the processor time, which other work on the machine changes less.
"""

import argparse
import statistics
import time
from dataclasses import replace

import numpy as np

from bench.forward import text_of
from bench.report import milliseconds, report
from core.contract import AblationRequest, Surgery, TraceRequest
from core.engine import LocalEngine
from core.engine.local import Limits
from core.trace.recompute import softmax

PIECES = (16, 32, 64)
GOAL_SECONDS, GOAL_AT = 1.5, 32
WORD = 2314  # any entry of the vocabulary: every one costs the same


def sweep(engine: LocalEngine, request: AblationRequest) -> np.ndarray:
    """float32[L, A]."""
    return engine.ablate(request).probability


def one_by_one(engine: LocalEngine, request: AblationRequest) -> np.ndarray:
    """float32[L, A]."""
    info = engine.info(request.model)
    found = np.zeros((info.layers, info.heads), dtype=np.float32)
    assert request.position is not None and request.word is not None
    asked = TraceRequest(request.text, keep=frozenset({"mlm"}), mlm_at=(request.position,))
    for layer, head in np.ndindex(found.shape):
        trace = engine.trace(replace(asked, surgery=Surgery(heads_off=((layer, head),))))
        assert trace.mlm_logits is not None
        found[layer, head] = softmax(trace.mlm_logits[0, 0].astype(np.float64))[request.word]
    return found


def measured(engine: LocalEngine, pieces: int, rounds: int) -> dict[str, object]:
    text = text_of(pieces)
    request = AblationRequest(text, position=pieces // 2, word=WORD)
    ways = {"sweep": sweep, "one_by_one": one_by_one}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    processor: dict[str, list[float]] = {name: [] for name in ways}
    found: dict[str, np.ndarray] = {}
    for turn in range(-1, rounds):  # one round to warm up
        for name, way in ways.items():
            start, used = time.perf_counter(), time.process_time()
            found[name] = way(engine, request)
            if turn >= 0:
                seconds[name].append(time.perf_counter() - start)
                processor[name].append(time.process_time() - used)
    middle = {name: statistics.median(taken) for name, taken in seconds.items()}
    difference = float(np.abs(found["sweep"] - found["one_by_one"]).max())
    return {
        **{name: milliseconds(taken) for name, taken in seconds.items()},
        **{f"{name}_processor": milliseconds(used) for name, used in processor.items()},
        "times_faster": round(middle["one_by_one"] / middle["sweep"], 2),
        "largest_difference": float(f"{difference:.1e}"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    import torch

    engine = LocalEngine("cpu", Limits(cache_bytes=0))
    engine.warm("embedded")
    info = engine.info("embedded")
    figures = {pieces: measured(engine, pieces, rounds) for pieces in PIECES}
    seconds = figures[GOAL_AT]["sweep"]["median"] / 1000  # type: ignore[index]
    report("ablation", {
        "what": "the probability of one word with every head off in turn",
        "layers": info.layers, "heads": info.heads, "passes": info.layers * info.heads,
        "threads": torch.get_num_threads(), "pieces": figures,
        "goal_seconds": GOAL_SECONDS, "at_pieces": GOAL_AT, "seconds": round(seconds, 3),
        "met": seconds <= GOAL_SECONDS, "peer": {"name": "one operated pass a head"},
    })


if __name__ == "__main__":
    main()
