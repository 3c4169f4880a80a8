"""A class at work: slider latency with 50 sessions, and what a new sentence costs meanwhile.

    python -m bench.sessions [--sessions 50] [--think 10] [--seconds 120]

Every session thinks for about `think` seconds, then moves the layer slider; one action in ten
is a sentence nobody has typed before.
"""

import argparse
import asyncio
import random
import time
from dataclasses import dataclass, field

from websockets.exceptions import WebSocketException

from bench.report import milliseconds, report, resident_megabytes
from bench.server import Server, served
from bench.swarm import Session

GOAL_MS = 300
NEW_SENTENCE_EVERY = 10
WORDS = (
    "river", "mountain", "teacher", "window", "garden", "winter", "letter", "music", "engine",
    "market", "bridge", "soldier", "animal", "station", "doctor", "village", "morning", "kitchen",
    "forest", "island", "captain", "history", "machine", "paper",
)  # each is one word piece
PEER = {
    "name": "plain Streamlit with torch loaded, 50 sessions, think 10 s, two cores",
    "slider_median_ms": 6600, "slider_p95_ms": 10000,
}


@dataclass
class Latencies:
    """Seconds of every finished action; errors counts those that never finished."""

    first_page: list[float] = field(default_factory=list)
    slider: list[float] = field(default_factory=list)
    sentence: list[float] = field(default_factory=list)
    errors: int = 0


def sentence(dice: random.Random) -> str:
    """About 32 word pieces that no cache has seen."""
    return "The " + " and the ".join(dice.choices(WORDS, k=10)) + "."


async def learner(
    server: Server, number: int, think: float, until: float, seen: Latencies
) -> None:
    dice = random.Random(number)
    session = Session(server.url, "attention", {"lang": "en"})
    await asyncio.sleep(dice.uniform(0, think))
    try:
        seen.first_page.append(await session.open())
        layers = int(session.widgets["layer"].high) + 1
        layer = 0
        while time.perf_counter() < until:
            await asyncio.sleep(dice.uniform(0.5, 1.5) * think)
            if dice.randrange(NEW_SENTENCE_EVERY):
                layer = (layer + dice.randrange(1, layers)) % layers
                seen.slider.append(await session.slide("layer", layer))
            else:
                seen.sentence.append(await session.write("text", sentence(dice)))
    except (TimeoutError, OSError, WebSocketException):
        seen.errors += 1
    finally:
        seen.errors += session.exceptions
        await session.close()


async def warm_up(server: Server) -> None:
    session = Session(server.url, "attention", {"lang": "en"})
    await session.open()
    await session.write("text", "One sentence to be sure that the model is loaded.")
    await session.close()


async def lecture(server: Server, count: int, think: float, seconds: float) -> Latencies:
    seen = Latencies()
    until = time.perf_counter() + seconds
    await asyncio.gather(*(learner(server, n, think, until, seen) for n in range(count)))
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--think", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=120)
    args = parser.parse_args()
    with served() as server:
        asyncio.run(warm_up(server))
        before = server.cpu_seconds()
        seen = asyncio.run(lecture(server, args.sessions, args.think, args.seconds))
        used, memory = server.cpu_seconds() - before, resident_megabytes(server.pid)
    slider = milliseconds(seen.slider)
    actions = len(seen.slider) + len(seen.sentence) + len(seen.first_page)
    report("sessions", {
        "sessions": args.sessions, "think_s": args.think, "seconds": args.seconds,
        "slider_ms": slider, "new_sentence_ms": milliseconds(seen.sentence),
        "first_page_ms": milliseconds(seen.first_page), "errors": seen.errors,
        "cpu_ms_an_action": round(1000 * used / max(1, actions), 1), "resident_mb": memory,
        "goal_ms": GOAL_MS, "met": slider.get("p95", 1e9) <= GOAL_MS and not seen.errors,
        "peer": PEER,
    })


if __name__ == "__main__":
    main()
