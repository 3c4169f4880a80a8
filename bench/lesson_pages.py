"""Every lesson page: memory that it adds to a warm server, and how long the page takes.

    python -m bench.lesson_pages

One server, one visitor a page over its own websocket, in the order of the course; each page is
opened twice. What a page adds stays, so a model shared by two pages counts for the first.
"""

import asyncio
from typing import Any

from bench.report import report, resident_megabytes
from bench.server import Server, served
from bench.swarm import Session
from pages.ui.course import LESSONS

GOAL_MB = 150.0


async def opened(server: Server, slug: str) -> Session:
    session = Session(server.url, slug, {"lang": "en"})
    await session.open()
    await session.close()
    return session


async def measure(server: Server) -> dict[str, Any]:
    """For each page seconds of the first and the second visit, and megabytes added."""
    await opened(server, "attention")  # the model is in memory before the first page counts
    before = resident_megabytes(server.pid)
    pages: dict[str, Any] = {}
    clock = asyncio.get_running_loop().time
    for stop in LESSONS:
        seconds, exceptions = [], 0
        for _ in range(2):
            start = clock()
            exceptions += (await opened(server, stop.slug)).exceptions
            seconds.append(round(clock() - start, 2))
        after = resident_megabytes(server.pid)
        pages[stop.slug] = {
            "first_s": seconds[0], "again_s": seconds[1],
            "added_mb": round(after - before, 1), "exceptions": exceptions,
        }
        before = after
    return pages


def main() -> None:
    with served() as server:
        start = resident_megabytes(server.pid)
        pages = asyncio.run(measure(server))
        end = resident_megabytes(server.pid)
    most = max(page["added_mb"] for page in pages.values())
    report("lesson_pages", {
        "pages": pages, "megabytes": {"at_start": start, "at_end": end},
        "goal_mb_a_page": GOAL_MB, "met": most <= GOAL_MB,
    })


if __name__ == "__main__":
    main()
