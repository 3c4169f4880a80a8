"""Everybody clicks one new example at the same moment: one forward pass serves them all."""

import argparse
import asyncio
import tempfile
from pathlib import Path
from typing import Any

from bench.load.counted import noted
from bench.load.learner import warm_up
from bench.load.tally import Tally
from bench.report import report
from bench.server import Server, served
from bench.swarm import Session
from lessons.text import Preset, presets

PAGE = "attention"
GOAL = 1  # forward passes


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sessions", type=int, default=60)


def example() -> Preset:
    """A preset that no page opens with, and whose text no other part of its page uses."""
    return presets(PAGE)[3]


async def clicked(server: Server, log: Path, sessions: int) -> dict[str, Any]:
    """Forward passes, latency and failures of one click by all."""
    await warm_up(server.url)
    room = [Session(server.url, PAGE, {"lang": "en"}) for _ in range(sessions)]
    for some in range(0, sessions, 10):
        await asyncio.gather(*(session.open() for session in room[some : some + 10]))
    before, seen = len(noted(log)), Tally()

    async def click(session: Session) -> None:
        try:
            seen.add("click", await session.choose(f"_preset_{PAGE}", example().label["en"]))
        except (TimeoutError, OSError):
            seen.lost += 1
        seen.errors["exception"] += session.exceptions
        seen.errors["box"] += len(session.errors) + len(session.warnings)

    await asyncio.gather(*map(click, room))
    batches = noted(log)[before:]
    await asyncio.gather(*(session.close() for session in room))
    return {"forward_passes": len(batches), "sequences": sum(batches), **seen.figures()}


def measured(sessions: int) -> dict[str, Any]:
    """On a server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "passes"
        with served(program=("bench.load.counted", str(log))) as server:
            return asyncio.run(clicked(server, log, sessions))


def run(args: argparse.Namespace) -> None:
    found = measured(args.sessions)
    report("load_burst", {
        "sessions": args.sessions, **found, "goal_forward_passes": GOAL,
        "met": found["forward_passes"] == GOAL and not found["error_count"] and not found["lost"],
    })
