"""From the start command to the first lesson usable, and to the first live attention.

    python -m bench.startup [--rounds 3]

Chromium is already open, as a visitor's would be; each round is a fresh server process.
"""

import argparse
import statistics
import time

from playwright.sync_api import Browser

from bench.chromium import browser, wait_for_lesson, wait_for_live_result, watched_page
from bench.report import report
from bench.server import served

PEER = {"name": "LLMVis, cold start by its own review", "seconds": 45}


def one_round(running: Browser) -> dict[str, float]:
    """Seconds since the command for each thing a visitor waits for."""
    with served() as server:
        since = {"server_answers": time.perf_counter() - server.started}
        page = watched_page(running)
        page.goto(f"{server.url}/wordpiece?lang=en")
        wait_for_lesson(page)
        since["wordpiece_usable"] = time.perf_counter() - server.started
        page.goto(f"{server.url}/attention?lang=en")
        wait_for_lesson(page)
        since["attention_shown"] = time.perf_counter() - server.started
        wait_for_live_result(page)
        since["attention_live"] = time.perf_counter() - server.started
        page.close()
    return since


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    count = parser.parse_args().rounds
    with browser() as running:
        rounds = [one_round(running) for _ in range(count)]
    medians = {k: round(statistics.median(r[k] for r in rounds), 2) for k in rounds[0]}
    report("startup", {
        "seconds": medians, "rounds": count, "peer": PEER,
        "times_faster_than_peer": round(PEER["seconds"] / medians["attention_live"], 1),  # type: ignore[operator]
    })


if __name__ == "__main__":
    main()
