"""Resident memory of the server: warm and empty, with 1 session, with 20.

    python -m bench.memory [--sessions 20]

Each session opens the attention lesson over its own websocket and moves the layer slider.
"""

import argparse
import asyncio

from bench.report import report, resident_megabytes
from bench.server import Server, served
from bench.swarm import Session


async def visit(server: Server, number: int) -> Session:
    text = f"Visitor number {number} reads a long sentence about the weather."
    session = Session(server.url, "attention", {"text": text, "lang": "en"})
    await session.open()
    for layer in (1, 2):
        await session.slide("layer", layer)
    return session


async def measure(server: Server, count: int) -> dict[str, float]:
    """Megabytes at each point; sessions stay open until the end."""
    held = [await visit(server, 0)]
    megabytes = {"one_session": resident_megabytes(server.pid)}
    for number in range(1, count):
        held.append(await visit(server, number))
    megabytes["all_sessions"] = resident_megabytes(server.pid)
    more = megabytes["all_sessions"] - megabytes["one_session"]
    megabytes["for_each_further_session"] = round(more / max(1, count - 1), 2)
    megabytes["exceptions"] = sum(s.exceptions for s in held)
    for session in held:
        await session.close()
    return megabytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=20)
    count = parser.parse_args().sessions
    with served() as server:
        found = asyncio.run(measure(server, count))
    report("memory", {
        "sessions": count, "megabytes": found,
        "peer": {"name": "torch, transformers and plain Streamlit at start", "megabytes": 980},
    })


if __name__ == "__main__":
    main()
