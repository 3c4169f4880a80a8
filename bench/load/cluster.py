"""Ray Serve on this machine with one and with two replicas: throughput, results, and a room."""

import argparse
import asyncio
import os
import random
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench.load.learner import sentence
from bench.load.room import worked
from bench.report import milliseconds, report
from bench.server import ROOT, end, free_port, served
from core.contract import Trace, TraceRequest
from core.engine import local_engine
from core.engine.protocol import Engine
from core.errors import Busy, EngineUnavailable, InsideBertError
from core.remote.engine import RemoteEngine

MISSING = (
    "There is no `serve` command: pip install -r requirements-cluster.txt, or say where it is "
    "with --serve."
)
KEEP = frozenset({"weights", "context"})
TEXTS = 16  # compared with the local engine, number by number
TOLERANCE = 1e-4  # of numbers in batches of other sizes
PATIENCE = 300.0  # seconds until the cluster answers
SETTINGS = {
    "RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_raylet_start_wait_time_s": "200",  # a busy machine is slow, not broken
}


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--serve", default="serve", help="Ray's command")
    parser.add_argument("--replicas", default="1,2", help="by commas")
    parser.add_argument("--callers", type=int, default=16, help="that ask at once, without pause")
    parser.add_argument("--sessions", type=int, default=30, help="of the lesson script; 0: none")
    parser.add_argument("--seconds", type=float, default=30)


@contextmanager
def cluster(serve: str, replicas: int) -> Iterator[str]:
    """The address of a cluster of this machine's own, for as long as it lasts."""
    port, folder = free_port(), tempfile.mkdtemp(prefix="ray")
    config = Path(folder) / "serve.yaml"
    config.write_text(
        f"http_options: {{host: 127.0.0.1, port: {port}}}\n"
        "applications:\n- name: bert\n  route_prefix: /\n  import_path: core.cluster.app:build\n"
        f"  args: {{models: embedded, cpus: 0.5, least: {replicas}, most: {replicas}}}\n",
        encoding="utf-8",
    )
    environment = {**os.environ, **SETTINGS, "PYTHONPATH": str(ROOT), "RAY_TMPDIR": folder}
    environment.pop("RAY_ADDRESS", None)
    process = subprocess.Popen(
        [serve, "run", str(config)], cwd=ROOT, env=environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(address, process)
        yield address
    finally:
        end(process, 30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    """Until it answers. Raises TimeoutError, and RuntimeError where it has ended."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the cluster ended with status {process.returncode}")
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise TimeoutError("the cluster did not come up")


def asked(engine: Engine, text: str) -> Trace:
    return engine.trace(TraceRequest(text, None, "embedded", KEEP))


def patiently(call: Callable[[], Any]) -> Any:
    """A call that may find the cluster still starting."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return call()
        except (EngineUnavailable, Busy):
            if time.monotonic() > end:
                raise
            time.sleep(3.0)


def throughput(engine: Engine, callers: int, seconds: float) -> dict[str, Any]:
    """New sentences of 32 pieces a second from callers that do not pause."""
    taken: list[float] = []
    failed: list[str] = []
    until = time.perf_counter() + seconds

    def call(number: int) -> None:
        dice = random.Random(time.time_ns() + number)
        while time.perf_counter() < until:
            start = time.perf_counter()
            try:
                asked(engine, sentence(dice))
            except InsideBertError as error:
                failed.append(type(error).__name__)
                time.sleep(0.1)
            else:
                taken.append(time.perf_counter() - start)

    threads = [threading.Thread(target=call, args=(n,)) for n in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"a_second": round(len(taken) / seconds, 1), "ms": milliseconds(taken),
            "refused": len(failed)}


def difference(engine: Engine) -> float:
    """The largest between its attention weights and the local engine's."""
    dice = random.Random(1)
    here = local_engine()
    most = 0.0
    for _ in range(TEXTS):
        text = sentence(dice)
        for ours, theirs in zip(
            asked(here, text).layers, patiently(partial(asked, engine, text)).layers, strict=True
        ):
            assert ours.weights is not None and theirs.weights is not None
            most = max(most, float(np.abs(ours.weights - theirs.weights).max()))
    return most


def measured(serve: str, replicas: int, args: argparse.Namespace) -> dict[str, Any]:
    with cluster(serve, replicas) as address:
        engine = RemoteEngine(address)
        patiently(partial(engine.warm, "embedded"))
        throughput(engine, args.callers, 3.0)
        found: dict[str, Any] = {
            "replicas": replicas, "difference": difference(engine),
            "engine": throughput(engine, args.callers, args.seconds),
        }
        if args.sessions:
            with served(environment={"INSIDE_BERT_ENGINE": address}) as server:
                found["room"] = asyncio.run(
                    worked(server, "script", args.sessions, args.seconds)
                )
    return found


def run(args: argparse.Namespace) -> None:
    serve = shutil.which(args.serve)
    if serve is None:
        raise SystemExit(MISSING)
    local_engine().warm("embedded")
    steps = [measured(serve, int(n), args) for n in args.replicas.split(",")]
    rates = [step["engine"]["a_second"] for step in steps]
    report("load_cluster", {
        "callers": args.callers, "seconds": args.seconds, "steps": steps,
        "results_equal": all(step["difference"] <= TOLERANCE for step in steps),
        "throughput_grows": rates == sorted(rates) and rates[0] < rates[-1],
        "met": all(step["difference"] <= TOLERANCE for step in steps) and rates[0] < rates[-1],
    })
