"""Chromium pages in a process of their own: what a student among the sessions feels.

    python -m bench.load.browsers URL --mode script --pages 3 --seconds 60

The clock starts with the key press or the click in the browser. It stops at the frame in which
the matrix of weights has other pixels, or, for another page, when its last part stands there.
"""

import argparse
import asyncio
import json
import random
import shutil
import sys
import time
from typing import Any

from playwright.async_api import Browser, Page, async_playwright
from playwright.async_api import Error as BrowserError

from bench.chromium import PLACES, WATCH
from bench.load.learner import PAUSES, sentence
from bench.load.tally import Tally
from pages.ui.catalogue import translate

PATIENCE = 60_000  # ms
AFTER = 90.0  # seconds that the last action of a page may take
OTHER = "layer"
CHANGED = "() => window.__drawn.changed > 0"
TAKEN = "(window.__drawn.changed - window.__drawn.pressed) / 1000"


async def started(
    url: str, mode: str, pages: int, seconds: float
) -> asyncio.subprocess.Process:
    """The process that has the pages."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load.browsers", url, "--mode", mode,
        "--pages", str(pages), "--seconds", str(seconds), stdout=asyncio.subprocess.PIPE,
    )


async def finished(process: asyncio.subprocess.Process) -> dict[str, Any]:
    """What its pages saw."""
    try:
        out, _ = await asyncio.wait_for(process.communicate(), AFTER)
        return json.loads(out) if process.returncode == 0 else {"failed": process.returncode}
    except TimeoutError:
        process.kill()
        return {"failed": "did not end"}


async def learner(page: Page, url: str, number: int, mode: str, until: float, seen: Tally) -> None:
    """Slider steps, and now and then a sentence or another page and back."""
    dice = random.Random(1000 + number)
    start = time.perf_counter()
    await page.goto(f"{url}/attention?lang=en")
    await page.locator("#quiz").wait_for(timeout=PATIENCE)
    seen.add("first_page", time.perf_counter() - start)
    slider = page.get_by_role("slider").first
    step = 0
    while time.perf_counter() < until:
        await asyncio.sleep(dice.uniform(*PAUSES[mode]))
        step += 1
        if step % 5 == 2:
            seen.add("sentence", await _typed(page, sentence(dice)))
        elif step % 5 == 4:
            seen.add("page", await _turned(page, OTHER))
            await asyncio.sleep(dice.uniform(*PAUSES[mode]))
            seen.add("page", await _turned(page, "attention"))
        else:
            low = float(await slider.input_value()) == 0
            await slider.focus()
            await slider.press("ArrowRight" if low else "ArrowLeft")
            seen.add("slider", await _drawn(page))


async def _typed(page: Page, text: str) -> float:
    box = page.locator("textarea").first
    await box.fill(text)
    await box.press("Control+Enter")
    return await _drawn(page)


async def _drawn(page: Page) -> float:
    await page.wait_for_function(CHANGED, timeout=PATIENCE)
    return float(await page.evaluate(TAKEN))


async def _turned(page: Page, slug: str) -> float:
    """By the menu, until the page's title and its questions stand there."""
    name = translate("en", "common", f"title_{slug}")
    menu = page.get_by_test_id("stSidebarNav")
    start = time.perf_counter()
    await menu.get_by_role("link", name=name, exact=True).click()
    await page.get_by_role("heading", level=1, name=name).wait_for(timeout=PATIENCE)
    await page.locator("#quiz").wait_for(timeout=PATIENCE)
    await page.get_by_test_id("stStatusWidget").wait_for(state="hidden", timeout=PATIENCE)
    return time.perf_counter() - start


async def watched(url: str, mode: str, pages: int, seconds: float) -> Tally:
    """So many pages, each in a browser context of its own, for so long."""
    path = next((found for place in PLACES if (found := shutil.which(place))), None)
    seen, until = Tally(), time.perf_counter() + seconds
    async with async_playwright() as play:
        running = await play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        await asyncio.gather(*(one(running, url, n, mode, until, seen) for n in range(pages)))
        await running.close()
    return seen


async def one(running: Browser, url: str, number: int, mode: str, until: float, seen: Tally) -> (
    None
):
    page = await running.new_page(viewport={"width": 1440, "height": 900})
    await page.add_init_script(WATCH)
    page.on("pageerror", lambda error: seen.errors.update(["script error"]))
    try:
        await learner(page, url, number, mode, until, seen)
    except BrowserError as error:
        seen.errors[type(error).__name__] += 1
        seen.lost += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--mode", default="script")
    parser.add_argument("--pages", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60)
    args = parser.parse_args()
    seen = asyncio.run(watched(args.url, args.mode, args.pages, args.seconds))
    print(json.dumps({"pages": args.pages, **seen.figures()}))


if __name__ == "__main__":
    main()
