"""A room: learners who come in groups, and what the server uses while they work."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from bench.load.learner import Learner, warm_up
from bench.load.process import Meter
from bench.load.tally import Tally
from bench.server import Server

ARRIVALS = 8.0  # sessions a second that come in
LONGEST = 120.0  # seconds that measuring waits for the last first page
SETTLE = 5.0  # seconds after the last of a group has come, before measuring
PATIENCE = 30.0  # seconds in which everybody leaves


@dataclass
class Room:
    """Learners on one server; `tally` is replaced whenever another stretch is to be measured."""

    server: Server
    mode: str

    def __post_init__(self) -> None:
        self.tally = Tally()
        self.meter = Meter(self.server.pid)
        self._over = False
        self._tasks: list[asyncio.Task[None]] = []

    async def grow(self, sessions: int) -> Tally:
        """Let learners come until there are so many; what they saw of it."""
        self.tally = arriving = Tally()
        more = sessions - len(self._tasks)
        spread = more / ARRIVALS
        coming = []
        for _ in range(more):
            learner = Learner(self.server.url, len(self._tasks), lambda: self.tally)
            coming.append(asyncio.create_task(learner.inside.wait()))
            self._tasks.append(asyncio.create_task(
                learner.follow(self.mode, lambda: self._over, spread)
            ))
        if coming:
            await asyncio.wait(coming, timeout=spread + LONGEST)
        await asyncio.sleep(SETTLE)
        return arriving

    async def measured(self, seconds: float) -> dict[str, Any]:
        """What the present learners see and the server uses for so long."""
        self.tally = tally = Tally()
        before, start = self.meter.cpu_seconds(), time.perf_counter()
        await asyncio.sleep(seconds)
        used, took = self.meter.cpu_seconds() - before, time.perf_counter() - start
        return {
            **tally.figures(), "met": tally.met(len(self._tasks)),
            "actions_a_second": round(tally.actions / took, 1),
            "cpu_ms_an_action": round(1000 * used / max(1, tally.actions), 1),
            "cores_used": round(used / took, 2), "resident_mb": self.meter.megabytes(),
            "workers_mb": self.meter.workers_megabytes(),
        }

    async def empty(self) -> None:
        """Everybody leaves after what they are doing."""
        self._over = True
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks, timeout=PATIENCE)


async def worked(server: Server, mode: str, sessions: int, seconds: float) -> dict[str, Any]:
    """One group on a warm server, for so long."""
    await warm_up(server.url)
    room = Room(server, mode)
    await room.grow(sessions)
    found = await room.measured(seconds)
    await room.empty()
    return {"sessions": sessions, **found}
