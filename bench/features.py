"""Texts to vectors and to classes, beside transformers' pipelines.

    python -m bench.features [--texts 96] [--rounds 3] [--device cpu]

The same weights, texts and machine, all ways taken in turn in one process, once with one thread
and once with all. No text comes twice. The goals are set beside the pipeline as it is by default
and with its best batch size in float32, tensors asked for where it can give them. (Left alone it
computes features in the float16 that the checkpoint is stored in.) Two more ways show what
somebody gets out of it by hand: bfloat16, and bfloat16 with the texts sorted by length. On a busy
machine the processor's time says more than the time that passed.
Text in, vectors out: tokenizing counts. For the classes the adapter is merged into
BertForSequenceClassification, so that both sides do the same work.

A longer list in a process of its own shows the memory and what a long job keeps up.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.report import report
from core.engine.local import LocalEngine
from core.engine.threads import THREADS_SETTING
from core.models import files

MODEL, TASK = "embedded", "spam"
GOAL_DEFAULT, GOAL_BEST, GOAL_COSINE, GOAL_MEGABYTES = 10.0, 2.5, 0.999, 3072
MIXED, SHORT = (25, 0.8), (22, 0.45)  # median and spread of the lengths: any text, a tweet
LONG, LONG_GPU, GOAL_GPU_SECONDS = 20_000, 119_844, 10.0
OURS = ("ours_float32", "ours_fast")
Way = Callable[[Sequence[str]], Any]


def made_texts(count: int, kind: tuple[float, float], seed: int = 0) -> list[str]:
    """Words of the vocabulary in no order, one piece each, in log-normal numbers."""
    listed = (files.folder_of(MODEL) / "vocab.txt").read_text(encoding="utf-8").split("\n")
    words = [word for word in listed if word.isascii() and word.isalpha() and word.islower()]
    rng = np.random.default_rng(seed)
    lengths = np.exp(rng.normal(np.log(kind[0]), kind[1], count)).clip(3, 400).astype(int)
    return [" ".join(rng.choice(words, length)) for length in lengths]


def shape_of(texts: Sequence[str]) -> dict[str, int]:
    lengths = [len(text.split()) + 2 for text in texts]
    at = {f"p{q}": int(np.percentile(lengths, q)) for q in (5, 50, 95)}
    return {"texts": len(texts), "pieces": sum(lengths), **at, "longest": max(lengths)}


def seconds_of(
    ways: dict[str, Way], texts: Sequence[str], rounds: int
) -> dict[str, tuple[float, float]]:
    """Median seconds that passed and that the processor worked.

    Each round takes each way once, in changing order.
    """
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    names = list(ways)
    for way in ways.values():
        way(texts[:8])
    for turn in range(rounds):
        for name in names[turn % len(names):] + names[:turn % len(names)]:
            start, used = time.perf_counter(), time.process_time()
            ways[name](texts)
            taken[name].append((time.perf_counter() - start, time.process_time() - used))
    return {
        name: (statistics.median(s for s, _ in both), statistics.median(u for _, u in both))
        for name, both in taken.items()
    }


def beside(ours: dict[str, Way], peer: dict[str, Way], texts: list[str], rounds: int) -> dict:
    """The figures of one kind of work, by the time that passed and by the processor's."""
    sorted_texts = sorted(texts, key=lambda text: len(text.split()))
    taken = seconds_of(peer | ours, texts, rounds)
    by_hand = {name: way for name, way in peer.items() if name.startswith("pipeline_bfloat16")}
    taken |= {
        f"{name}_sorted": seconds
        for name, seconds in seconds_of(by_hand, sorted_texts, rounds).items()
    }
    return {
        clock: figures({name: both[place] for name, both in taken.items()}, texts)
        for place, clock in enumerate(("passed", "processor"))
    }


def figures(seconds: dict[str, float], texts: Sequence[str]) -> dict[str, Any]:
    """Rates, the best batch sizes, and how many times faster our fastest is."""
    pieces = shape_of(texts)["pieces"]

    def best(start: str, *, in_order: bool = False) -> str:
        rows = [n for n in seconds if n.startswith(start) and n.endswith("_sorted") == in_order]
        return min(rows, key=seconds.__getitem__)

    mine = best("ours_")
    rows = {
        "default": "pipeline_default", "best": best("pipeline_float32"),
        "best_bfloat16": best("pipeline_bfloat16"),
        "best_bfloat16_sorted": best("pipeline_bfloat16", in_order=True),
    }
    return {
        "pieces_per_second": {name: round(pieces / s) for name, s in seconds.items()},
        "texts_per_second": {name: round(len(texts) / s, 1) for name, s in seconds.items()},
        "ours": mine, "rows": rows,
        **{f"times_{name}": round(seconds[row] / seconds[mine], 2) for name, row in rows.items()},
        "float32_times_best": round(seconds[rows["best"]] / seconds["ours_float32"], 2),
    }


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    """The lowest of all rows."""
    along = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    return round(float(along.min()), 6)


def measured(texts: int, rounds: int, device: str) -> dict[str, Any]:
    """Both kinds of work with the threads this process has."""
    import torch

    from bench import features_peer as peer
    from core.encode.precision import fastest
    from core.models.loading import resolve_device

    engine = LocalEngine(device)
    engine.warm(MODEL)
    adapter = engine.adapter(TASK)
    encode: dict[str, Way] = {
        "ours_float32": lambda t: engine.encode(t),
        "ours_fast": lambda t: engine.encode(t, precision="fast"),
    }
    classify: dict[str, Way] = {
        "ours_float32": lambda t: engine.classify(t, task=TASK).probabilities,
        "ours_fast": lambda t: engine.classify(t, task=TASK, precision="fast").probabilities,
    }
    mixed, short = made_texts(texts, MIXED), made_texts(texts, SHORT, seed=1)
    features, classes = peer.feature_ways(device), peer.class_ways(adapter, device)
    vectors = peer.mean_vectors(features["pipeline_float32_1"](mixed))
    likely = peer.probabilities(classes["pipeline_float32_1"](short))
    return {
        "threads": torch.get_num_threads(),
        "fast_is": peer.name_of(fastest(resolve_device(device))),
        "features": beside(encode, features, mixed, rounds) | {
            "cosine": {name: cosine(way(mixed), vectors) for name, way in encode.items()},
        },
        "classes": beside(classify, classes, short, rounds) | {
            "largest_difference": {
                name: float(f"{np.abs(way(short) - likely).max():.1e}")
                for name, way in classify.items()
            },
        },
    }


def long_list(count: int, device: str) -> dict[str, Any]:
    """Many short texts to classes and vectors in this process."""
    engine = LocalEngine(device)
    engine.warm(MODEL)
    engine.classify(made_texts(64, SHORT, seed=3), task=TASK, precision="fast")
    texts = made_texts(count, SHORT, seed=2)
    start = time.perf_counter()
    engine.classify(texts, task=TASK, vectors="mean", precision="fast")
    seconds = time.perf_counter() - start
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
    return shape_of(texts) | {
        "seconds": round(seconds, 1), "texts_per_second": round(count / seconds, 1),
        "peak_megabytes": round(peak),
    }


def in_process(part: str, threads: int, options: argparse.Namespace) -> dict[str, Any]:
    """A part in a process with so many threads for torch and for the tokenizer."""
    count = {name: str(threads) for name in
             ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", THREADS_SETTING)}
    done = subprocess.run(
        [sys.executable, "-m", "bench.features", "--part", part, "--device", options.device,
         "--texts", str(options.texts), "--rounds", str(options.rounds)],
        cwd=Path(__file__).parents[1], env=os.environ | count, stdout=subprocess.PIPE, check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def met(found: dict[str, Any]) -> bool:
    return all(
        found[kind]["passed"]["times_default"] >= GOAL_DEFAULT
        and found[kind]["passed"]["times_best"] >= GOAL_BEST
        for kind in ("features", "classes")
    ) and min(found["features"]["cosine"].values()) >= GOAL_COSINE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--part", choices=("measured", "long"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    on_gpu = options.device == "cuda"
    if options.part == "measured":
        print(json.dumps(measured(options.texts, options.rounds, options.device)))
        return
    if options.part == "long":
        print(json.dumps(long_list(LONG_GPU if on_gpu else LONG, options.device)))
        return
    cores = os.cpu_count() or 1
    threads = {f"{n}_threads": in_process("measured", n, options) for n in sorted({1, cores})}
    long = in_process("long", cores, options)
    report("features", {
        "what": "texts to vectors and to classes, from text, beside transformers' pipelines",
        "device": options.device, "mixed": shape_of(made_texts(options.texts, MIXED)),
        "short": shape_of(made_texts(options.texts, SHORT, seed=1)), "rounds": options.rounds,
        **threads, "long": long,
        "goal_times_default": GOAL_DEFAULT, "goal_times_best": GOAL_BEST,
        "goal_cosine": GOAL_COSINE, "goal_megabytes": GOAL_MEGABYTES,
        **({"goal_seconds": GOAL_GPU_SECONDS} if on_gpu else {}),
        "met": all(met(found) for found in threads.values())
        and long["peak_megabytes"] <= GOAL_MEGABYTES
        and (not on_gpu or long["seconds"] <= GOAL_GPU_SECONDS),
        "peer": {"name": "transformers.pipeline"},
    })


if __name__ == "__main__":
    main()
