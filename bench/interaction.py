"""Key press to changed picture in Chromium: the attention lesson at 32 word pieces.

    python -m bench.interaction [--steps 30]

The clock starts in the key's event handler; it stops at the frame in which the matrix of
weights has other pixels ("ms"), and again when no canvas of the page is drawn any more
("every_picture_ms").
"""

import argparse
from urllib.parse import urlencode

from playwright.sync_api import Page

from bench.chromium import browser, until_drawn, wait_for_live_result, watched_page
from bench.report import milliseconds, report
from bench.server import served

GOAL_MS = 300
TEXT = (
    "The old man who lived near the river told the children a long story about a ship that "
    "had crossed the sea in a cold winter and never returned."
)  # 29 words and a full stop: 32 pieces with [CLS] and [SEP]
PEER = {
    "name": "bertviz head_view, 32 pieces, BERT-base, two cores",
    "one_hover_ms": 285, "load_and_draw_ms": 1200,
}


def steps(page: Page, count: int) -> tuple[list[float], list[float], int]:
    """Seconds to the changed matrix and to the last frame of all; presses without effect."""
    slider = page.get_by_role("slider").first
    low, high = (int(float(slider.get_attribute(a) or 0)) for a in ("min", "max"))
    changed, last, unchanged = [], [], 0
    at, direction = int(float(slider.input_value())), 1
    for _ in range(count):
        if not low <= at + direction <= high:
            direction = -direction
        at += direction
        slider.focus()
        since = float(page.evaluate("performance.now()"))
        slider.press("ArrowRight" if direction > 0 else "ArrowLeft")
        painted = until_drawn(page, since)
        drawn = page.evaluate("window.__drawn")
        unchanged += not drawn["changed"]
        if drawn["changed"]:
            changed.append((drawn["changed"] - drawn["pressed"]) / 1000)
        last.append((painted - drawn["pressed"]) / 1000)
    return changed, last, unchanged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=30)
    count = parser.parse_args().steps
    with served() as server, browser() as running:
        page = watched_page(running)
        page.goto(f"{server.url}/attention?{urlencode({'text': TEXT, 'lang': 'en'})}")
        wait_for_live_result(page)
        until_drawn(page, 0)
        changed, last, unchanged = steps(page, count)
    if not changed:
        raise SystemExit("no key press changed the attention matrix")
    figures = milliseconds(changed)
    report("interaction", {
        "what": "layer slider, key press to changed attention matrix", "ms": figures,
        "every_picture_ms": milliseconds(last),
        "unchanged": unchanged, "goal_ms": GOAL_MS,
        "met": figures["median"] <= GOAL_MS and not unchanged,
        "peer": PEER, "times_faster_than_one_peer_hover":
            round(PEER["one_hover_ms"] / figures["median"], 2),  # type: ignore[operator]
    })


if __name__ == "__main__":
    main()
