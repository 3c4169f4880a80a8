"""A Chromium page that notes when a canvas was last drawn, for timing what a learner sees."""

import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PLACES = (
    "chromium", "chromium-browser", "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
LOCALE = Path(__file__).parents[1] / "assets" / "locale" / "en" / "common.toml"
QUIET = 0.3  # seconds without drawing after which a picture counts as finished
PICTURE = ".st-key-matrix_weights"  # the attention matrix; its canvas is called "base"
WATCH = """
(() => {
  const watch = (window.__drawn = { pressed: 0, changed: 0, painted: 0 });
  let canvas = null, before = "";
  const fingerprint = () => {
    const { width, height } = canvas, pen = canvas.getContext("2d");
    return [0.15, 0.35, 0.55, 0.75, 0.95]
      .map((share) => pen.getImageData(0, Math.floor(share * height), width, 1).data.join())
      .join();
  };
  const note = (drawn) => requestAnimationFrame(() => {
    watch.painted = performance.now();
    if (drawn.className !== "base" || !drawn.getRootNode().host?.closest("PICTURE")) return;
    canvas = drawn;
    if (watch.pressed && !watch.changed && fingerprint() !== before) watch.changed = watch.painted;
  });
  for (const name of ["drawImage", "putImageData", "fillRect"]) {
    const original = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...given) {
      note(this.canvas);
      return original.apply(this, given);
    };
  }
  addEventListener("keydown", () => {
    watch.changed = 0;
    before = canvas ? fingerprint() : "";
    watch.pressed = performance.now();
  }, true);
})();
""".replace("PICTURE", PICTURE)
PICTURES = """
() => {
  const found = [];
  const walk = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.tagName === "CANVAS" && node.width) found.push(node.toDataURL());
      if (node.shadowRoot) walk(node.shadowRoot);
    }
  };
  walk(document);
  return found.join("|");
}
"""
SETTLED = """
([since, quiet]) => {
  const { painted } = window.__drawn;
  return painted > since && performance.now() - painted > 1000 * quiet;
}
"""


@contextmanager
def browser() -> Iterator[Browser]:
    """The system's Chromium, or Playwright's own where there is none."""
    path = next((found for place in PLACES if (found := shutil.which(place))), None)
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield running
        finally:
            running.close()


def watched_page(running: Browser) -> Page:
    page = running.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(WATCH)
    return page


def wait_for_lesson(page: Page, seconds: float = 90.0) -> None:
    """Until the page shows its result: the questions at its end come after it."""
    page.locator("#quiz").wait_for(timeout=1000 * seconds)


def wait_for_live_result(page: Page, seconds: float = 90.0) -> None:
    """Until no stored result stands in for the model and nothing reruns; English pages."""
    wait_for_lesson(page, seconds)
    note = tomllib.loads(LOCALE.read_text(encoding="utf-8"))["stored_note"]
    note = note.split("(")[0].strip()  # what follows is Markdown and looks different on screen
    for gone in (page.get_by_text(note), page.get_by_test_id("stStatusWidget")):
        gone.wait_for(state="hidden", timeout=1000 * seconds)


def until_drawn(page: Page, since: float, seconds: float = 20.0) -> float:
    """`performance.now()` of the last frame drawn after `since`, once drawing has stopped."""
    page.wait_for_function(SETTLED, arg=[since, QUIET], timeout=1000 * seconds)
    return float(page.evaluate("window.__drawn.painted"))
