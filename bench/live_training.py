"""From the click on "Train" to the answer for a typed sentence, in a real browser.

    python -m bench.live_training [--rounds 3]

The spam set with the page's own settings, on the embedded model, a fresh server each round. The
page lies open for some seconds before the click, as it does for whoever reads it first, so a
worker has loaded; without that wait stands in `cold`, measured once.
"""

import argparse
import statistics
import time

from playwright.sync_api import Browser

from bench.chromium import browser, wait_for_lesson
from bench.report import report
from bench.server import served

GOAL_SECONDS = 20.0
READING = 15.0  # seconds between the page and the click
TEXT = "Buy these pills"


def one_round(running: Browser, reading: float) -> tuple[float, str]:
    """Seconds from the click to the answer, and the answer."""
    with served() as server:
        page = running.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
        page.goto(f"{server.url}/train?lang=en&text={TEXT.replace(' ', '%20')}")
        wait_for_lesson(page)
        page.wait_for_timeout(1000 * reading)
        began = time.perf_counter()
        page.locator(".st-key-_train_start button").click()
        answer = page.locator(".st-key-train_answer [data-testid=stMetricValue]")
        answer.wait_for(timeout=300_000)
        seconds = time.perf_counter() - began
        said = answer.inner_text()
        page.close()
    return seconds, said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    count = parser.parse_args().rounds
    with browser() as running:
        rounds = [one_round(running, READING) for _ in range(count)]
        cold, _ = one_round(running, 0.0)
    seconds = statistics.median(taken for taken, _ in rounds)
    report("live_training", {
        "what": "spam set, click to the answer for a typed sentence", "rounds": count,
        "seconds": [round(taken, 1) for taken, _ in rounds], "median": round(seconds, 1),
        "cold": round(cold, 1), "said": [said for _, said in rounds],
        "goal_seconds": GOAL_SECONDS, "met": seconds <= GOAL_SECONDS,
    })


if __name__ == "__main__":
    main()
