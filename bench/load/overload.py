"""Twice the load that saturates: who types waits or is told "busy", sliders of others answer."""

import argparse
import asyncio
import random
import time
from typing import Any

from websockets.exceptions import WebSocketException

from bench.load.learner import BUSY, sentence, warm_up
from bench.load.process import Meter
from bench.load.tally import Tally
from bench.report import report
from bench.server import Server, served
from bench.swarm import Session

LONG = 64  # words of a sentence: some 200 word pieces
CLOSED = 12  # typists without pauses who find out what the server can do
MOST = 400  # sessions that type at the most
WATCHERS, PAUSE = 20, 3.0  # sessions that move sliders meanwhile, seconds between two steps
OTHERS_MS = 1500.0  # p95 of their sliders
REST = 10.0  # seconds until the server must be as before


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=30, help="of each of the two stretches")
    parser.add_argument("--times", type=float, default=2.0, help="the load that saturates")


async def typed(session: Session, dice: random.Random, seen: Tally) -> None:
    """One long new sentence."""
    try:
        seen.add("sentence", await session.write("text", sentence(dice, LONG)))
    except (TimeoutError, OSError, WebSocketException):
        seen.lost += 1
        await session.close()
        await session.open()
    seen.busy += BUSY in session.warnings
    seen.errors["exception"] += session.exceptions
    seen.errors["error box"] += len(session.errors)
    session.exceptions = 0


async def watch(session: Session, until: float, seen: Tally) -> None:
    """Somebody who does not type."""
    layer = 0
    dice = random.Random(id(session))
    while time.perf_counter() < until:
        await asyncio.sleep(dice.uniform(0.5, 1.5) * PAUSE)
        layer = (layer + 1) % (int(session.widgets["layer"].high) + 1)
        try:
            seen.add("slider", await session.slide("layer", layer))
        except (TimeoutError, OSError, WebSocketException):
            seen.lost += 1
            return


async def opened(server: Server, count: int) -> list[Session]:
    """Sessions on the attention page, ten at a time."""
    made = [Session(server.url, "attention", {"lang": "en"}) for _ in range(count)]
    for some in range(0, count, 10):
        await asyncio.gather(*(session.open() for session in made[some : some + 10]))
    return made


async def saturated(typists: list[Session], seconds: float) -> tuple[float, Tally]:
    """Sentences a second when nobody pauses."""
    seen, start = Tally(), time.perf_counter()
    until = start + seconds

    async def keep_typing(session: Session, number: int) -> None:
        dice = random.Random(number)
        while time.perf_counter() < until:
            await typed(session, dice, seen)

    await asyncio.gather(*(keep_typing(s, n) for n, s in enumerate(typists[:CLOSED])))
    return seen.actions / (time.perf_counter() - start), seen


async def offered(typists: list[Session], rate: float, seconds: float) -> tuple[Tally, int]:
    """So many sentences a second, whether or not those before have been answered."""
    seen, dice = Tally(), random.Random(7)
    free, running, missed = list(typists), set[asyncio.Task[None]](), 0

    async def one(session: Session) -> None:
        await typed(session, dice, seen)
        free.append(session)

    start = time.perf_counter()
    for n in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, start + n / rate - time.perf_counter()))
        if free:
            running.add(task := asyncio.create_task(one(free.pop(0))))
            task.add_done_callback(running.discard)
        else:
            missed += 1
    await asyncio.gather(*running)
    return seen, missed


async def overloaded(server: Server, seconds: float, times: float) -> dict[str, Any]:
    await warm_up(server.url)
    meter = Meter(server.pid)
    watchers = await opened(server, WATCHERS)
    rate, alone = await saturated(await opened(server, CLOSED), seconds)
    count = min(MOST, int(times * rate * seconds) + CLOSED)
    typists = await opened(server, count)
    others, until = Tally(), time.perf_counter() + seconds
    watching = [asyncio.create_task(watch(s, until, others)) for s in watchers]
    seen, missed = await offered(typists, times * rate, seconds)
    await asyncio.gather(*watching)
    resident = meter.megabytes()
    await asyncio.sleep(REST)
    after = Tally()
    for session in watchers:
        after.add("slider", await session.slide("layer", 1))
        after.errors["exception"] += session.exceptions
    await asyncio.gather(*(session.close() for session in (*watchers, *typists)))
    return {
        "saturated_at_a_second": round(rate, 2), "saturated": alone.figures(),
        "offered_a_second": round(times * rate, 2), "typists": count, "not_offered": missed,
        "typing": seen.figures(), "others": others.figures(), "after": after.figures(),
        "resident_mb": resident,
    }


def good(found: dict[str, Any]) -> bool:
    """Nobody lost, no failure but "busy", others answered, and healthy after."""
    parts = [found[name] for name in ("saturated", "typing", "others", "after")]
    calm = not any(part["error_count"] or part["lost"] for part in parts)
    return calm and found["others"]["ms"]["slider"]["p95"] <= OTHERS_MS and (
        found["after"]["ms"]["slider"]["p95"] <= 300
    )


def run(args: argparse.Namespace) -> None:
    with served() as server:
        found = asyncio.run(overloaded(server, args.seconds, args.times))
    report("load_overload", {
        "times": args.times, "words": LONG, **found, "goal_others_p95_ms": OTHERS_MS,
        "met": good(found),
    })
