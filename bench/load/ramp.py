"""Sessions against latency: the room fills step by step, Chromium pages among the sessions."""

import argparse
import asyncio
import sys
from typing import Any

from bench.load import browsers
from bench.load.learner import warm_up
from bench.load.process import keep_to, pinned
from bench.load.room import Room
from bench.report import report
from bench.server import Server, served

STEPS = "30,60,120,200,500"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sessions", default=STEPS, help="steps, by commas")
    parser.add_argument("--seconds", type=float, default=60, help="measured at each step")
    parser.add_argument("--mode", choices=("script", "wave"), default="script")
    parser.add_argument("--pages", type=int, default=3, help="Chromium pages among them; 0: none")
    parser.add_argument("--pin", choices=("shared", "apart"), default="shared")


async def climbed(server: Server, mode: str, steps: list[int], seconds: float, pages: int) -> (
    list[dict[str, Any]]
):
    """The figures of each step."""
    await warm_up(server.url)
    room = Room(server, mode)
    found: list[dict[str, Any]] = []
    for sessions in steps:
        arriving = await room.grow(sessions)
        watching = await browsers.started(server.url, mode, pages, seconds) if pages else None
        step: dict[str, Any] = {"sessions": sessions, **await room.measured(seconds)}
        if watching:
            step["chromium"] = await browsers.finished(watching)
        step["while_arriving"] = {k: arriving.figures()[k] for k in ("error_count", "lost", "busy")}
        found.append(step)
        print(f"{sessions} sessions: {step['ms']}", file=sys.stderr)
    await room.empty()
    return found


def run(args: argparse.Namespace) -> None:
    steps = [int(n) for n in args.sessions.split(",")]
    cores, ours = pinned(args.pin)
    keep_to(ours)
    with served(cores=cores) as server:
        found = asyncio.run(climbed(server, args.mode, steps, args.seconds, args.pages))
    report("load_ramp", {
        "mode": args.mode, "seconds": args.seconds, "pin": args.pin, "pages": args.pages,
        "steps": found, "met": all(step["met"] is not False for step in found),
    })
