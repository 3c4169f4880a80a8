"""What stays in memory: sessions that come and go, and a room over a whole lecture."""

import argparse
import asyncio
import time
from typing import Any

from bench.load.learner import warm_up
from bench.load.process import Meter
from bench.load.room import Room
from bench.report import report
from bench.server import Server, served
from bench.swarm import Session

TOGETHER = 16
STORED = 160  # Streamlit keeps up to 128 sessions that have gone, for 120 s
CHURN_MB = 20.0
SOAK_SHARE = 0.05
SETTLED = 300.0  # seconds after which a soak counts
A_SESSION_MB, IN_ALL_MB = 0.2, 1500.0


async def visits(server: Server, count: int, pages: tuple[str, ...] = ("attention",)) -> int:
    """Sessions that open a page, move a slider and go; how many failed."""
    failed = 0

    async def visit(number: int) -> None:
        nonlocal failed
        session = Session(server.url, pages[number % len(pages)], {"lang": "en"})
        try:
            await session.open()
            await session.slide("layer", 1 + number % 2)
        except (TimeoutError, OSError):
            failed += 1
        finally:
            failed += session.exceptions
            await session.close()

    for some in range(0, count, TOGETHER):
        await asyncio.gather(*(visit(n) for n in range(some, min(count, some + TOGETHER))))
    return failed


async def churned(server: Server, count: int) -> dict[str, Any]:
    """Megabytes before and after so many sessions have come and gone."""
    await warm_up(server.url)
    meter = Meter(server.pid)
    failed = await visits(server, STORED)
    before = meter.megabytes()
    failed += await visits(server, count)
    after = meter.megabytes()
    return {"sessions": count, "before_mb": before, "after_mb": after,
            "growth_mb": round(after - before, 1), "error_count": failed}


async def soaked(server: Server, sessions: int, seconds: float) -> dict[str, Any]:
    """A room that follows the lesson script, its memory every ten seconds."""
    await warm_up(server.url)
    room = Room(server, "script")
    await room.grow(sessions)
    samples: list[tuple[float, float]] = []

    async def sample(start: float) -> None:
        while True:
            samples.append((round(time.perf_counter() - start), room.meter.megabytes()))
            await asyncio.sleep(10)

    sampling = asyncio.create_task(sample(time.perf_counter()))
    found = await room.measured(seconds)
    sampling.cancel()
    await room.empty()
    settled = min(SETTLED, seconds / 4)
    start = next(megabytes for at, megabytes in samples if at >= settled)
    growth = samples[-1][1] / start - 1
    return {"sessions": sessions, "seconds": seconds, "counted_from_s": settled,
            "growth": round(growth, 4), "growth_after_five_minutes_goal": SOAK_SHARE,
            "samples_s_mb": samples[::6], **found}


async def held(server: Server, sessions: int) -> dict[str, Any]:
    """Memory of sessions that are open on one example, and what each of them adds."""
    await warm_up(server.url)
    meter, open_ = Meter(server.pid), []
    first = max(10, sessions // 10)
    for number in range(sessions + first):
        if number == first:
            before = meter.megabytes()
        open_.append(session := Session(server.url, "attention", {"lang": "en"}))
        await session.open()
        await session.slide("layer", 1 + number % 2)
    after = meter.megabytes()
    exceptions = sum(session.exceptions for session in open_)
    await asyncio.gather(*(session.close() for session in open_))
    return {"sessions": sessions, "resident_mb": after, "error_count": exceptions,
            "mb_a_session": round((after - before) / sessions, 3)}


class Churn:
    """Sessions opened and closed: what they leave behind."""

    @staticmethod
    def add(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--sessions", type=int, default=1600)

    @staticmethod
    def run(args: argparse.Namespace) -> None:
        with served() as server:
            found = asyncio.run(churned(server, args.sessions))
        report("load_churn", {**found, "goal_mb": CHURN_MB,
                              "met": found["growth_mb"] <= CHURN_MB and not found["error_count"]})


class Soak:
    """A room at work for a whole lecture: memory after the first five minutes."""

    @staticmethod
    def add(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--sessions", type=int, default=100)
        parser.add_argument("--seconds", type=float, default=1200)

    @staticmethod
    def run(args: argparse.Namespace) -> None:
        with served() as server:
            found = asyncio.run(soaked(server, args.sessions, args.seconds))
        calm = not found["error_count"] and not found["lost"]
        report("load_soak", {**found, "met": found["growth"] < SOAK_SHARE and calm})


class Memory:
    """Resident memory of a session, and of all together."""

    @staticmethod
    def add(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--sessions", type=int, default=200)

    @staticmethod
    def run(args: argparse.Namespace) -> None:
        with served() as server:
            found = asyncio.run(held(server, args.sessions))
        within = found["mb_a_session"] <= A_SESSION_MB and (
            found["resident_mb"] <= IN_ALL_MB + A_SESSION_MB * args.sessions
        )
        report("load_memory", {**found, "goal_mb_a_session": A_SESSION_MB,
                               "goal_mb": IN_ALL_MB, "met": within and not found["error_count"]})
