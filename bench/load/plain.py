"""The same room beside a plain Streamlit page that calls transformers directly."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.load.room import Room, worked
from bench.report import report
from bench.server import ROOT, Server, served
from bench.swarm import Session

PAGE = "bench/load/plain_page.py"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sessions", default="10,25,50", help="by commas")
    parser.add_argument("--seconds", type=float, default=60, help="measured with each")


async def beside(server: Server, sessions: int, seconds: float) -> dict[str, Any]:
    """What the plain page's visitors see: of ten actions nine move a slider, one types."""
    first = Session(server.url, "")
    await first.open()  # the model is in memory
    await first.close()
    room = Room(server, "plain")
    await room.grow(sessions)
    found = await room.measured(seconds)
    await room.empty()
    return {"sessions": sessions, **found}


def measured(sessions: int, seconds: float) -> dict[str, Any]:
    """Each on a server of its own; the plain one with Streamlit's and torch's own settings."""
    with tempfile.TemporaryDirectory() as folder, served(
        PAGE, folder=Path(folder),
        environment={"OMP_NUM_THREADS": "", "PYTHONPATH": str(ROOT)},
    ) as server:
        plain = asyncio.run(beside(server, sessions, seconds))
    with served() as server:
        ours = asyncio.run(worked(server, "wave", sessions, seconds))
    print(f"{sessions} sessions: {plain['ms']} beside {ours['ms']}", file=sys.stderr)
    return {"sessions": sessions, "plain": plain, "ours": ours}


def run(args: argparse.Namespace) -> None:
    steps = [measured(int(n), args.seconds) for n in args.sessions.split(",")]
    report("load_plain", {
        "seconds": args.seconds, "steps": steps,
        "slider_p95_times_faster": {
            str(step["sessions"]): round(
                step["plain"]["ms"]["slider"]["p95"] / step["ours"]["ms"]["slider"]["p95"], 1
            )
            for step in steps
            if all("slider" in step[who]["ms"] for who in ("plain", "ours"))
        },
    })
