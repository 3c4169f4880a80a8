"""Processor time of one fragment rerun with torch loaded, on each page of the lesson script."""

import argparse
import asyncio
from typing import Any

from bench.load.learner import LESSONS, warm_up
from bench.load.process import Meter
from bench.report import report
from bench.server import Server, served
from bench.swarm import Session

GOAL_MS = 40.0
PLACES = 6  # of a slider; every result is in the cache before the clock starts


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", type=int, default=40, help="reruns on each page")


async def cost(server: Server, page: str, slider: str, steps: int) -> float:
    """Milliseconds of processor time a step of a slider."""
    meter, session = Meter(server.pid), Session(server.url, page, {"lang": "en"})
    await session.open()
    low, high = (int(end) for end in (session.widgets[slider].low, session.widgets[slider].high))
    places = [low + n % (high - low + 1) for n in range(PLACES)]
    for place in places:
        await session.slide(slider, place)
    before = meter.cpu_seconds()
    for step in range(steps):
        await session.slide(slider, places[step % PLACES])
    spent = meter.cpu_seconds() - before
    await session.close()
    if session.exceptions:
        raise RuntimeError(f"{session.exceptions} exceptions on {page}")
    return 1000 * spent / steps


async def costs(server: Server, steps: int) -> dict[str, float]:
    """For the first slider of each page that has one."""
    await warm_up(server.url)
    found: dict[str, float] = {}
    for lesson in LESSONS:
        if lesson.sliders and lesson.page != "wordpiece":  # whose slider depends on the word
            found[lesson.page] = round(
                await cost(server, lesson.page, lesson.sliders[0], steps), 1
            )
    return found


def run(args: argparse.Namespace) -> None:
    with served() as server:
        found: dict[str, Any] = asyncio.run(costs(server, args.steps))
    mean = round(sum(found.values()) / len(found), 1)
    report("load_rerun", {"steps": args.steps, "cpu_ms": found, "mean_cpu_ms": mean,
                          "goal_ms": GOAL_MS, "met": mean <= GOAL_MS})
