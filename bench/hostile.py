"""Breaking texts through every page in a browser: what ran, what left, what became markup.

    python -m bench.hostile                  every text through every page and each of its views
    python -m bench.hostile --pages train    of one page
    python -m bench.hostile --texts 2        only the first two texts, but every view
    python -m bench.hostile --short          as `make test` does

Prints one line a page and the sum: strings tried, views covered, executed. Ends with 1 if
anything was found.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Browser, Dialog, Error, Page, TimeoutError

from bench.chromium import browser
from bench.hostile_strings import ALL, BREAKS, EVIL, LONG, TAGS, joined
from bench.server import served
from pages.ui.course import COURSE

PATIENCE = 120_000  # ms; a busy machine is slow, not wrong
SHORT = 210  # characters of a text in the short form: as many texts as there are pages
TYPED_INTO = ("home", "wordpiece", "train")  # in the short form
# Runs in every frame before its own scripts: notes what the policy refused there.
WATCH = """
window.__refused = [];
addEventListener("securitypolicyviolation", (event) => {
  window.__refused.push(`${event.violatedDirective} ${event.blockedURI} ` +
    `${event.sourceFile || ""}:${event.lineNumber} ${event.sample || ""}`);
});
"""
REFUSED = "() => (window.__refused || []).splice(0)"
# Everything on the page that a text must never have become, shadow roots included.
LOOK = """
(evil) => {
  const found = [], bad = /^\\s*(javascript|vbscript|data:text\\/html)/i;
  if (window.__owned || window.top.__owned) found.push("ran");
  const walk = (root) => {
    for (const node of root.querySelectorAll("*")) {
      const told = node.outerHTML.slice(0, 120);
      if (node.hasAttribute("data-owned")) found.push(`element: ${told}`);
      for (const { name, value } of node.attributes) {
        if (/^on/i.test(name)) found.push(`handler: ${told}`);
        const leads = /^(href|src|action|formaction|data|poster|xlink:href)$/i.test(name)
          && URL.canParse(value, location) && new URL(value, location).hostname === evil;
        const styled = name === "style" && value.includes(evil);
        if (leads || styled || bad.test(value) && name !== "value") found.push(`address: ${told}`);
      }
      if (node.matches(".katex, .katex-display") && /otter/.test(node.textContent)) {
        found.push(`formula: ${node.textContent.slice(0, 80)}`);
      }
      if (node.shadowRoot) walk(node.shadowRoot);
    }
  };
  walk(document);
  return [...new Set(found)];
}
"""
# Streamlit is done with a run, and no other has begun, for a third of a second.
SETTLED = """
() => {
  const app = document.querySelector("[data-testid=stApp]");
  const still = app?.dataset.testScriptState === "notRunning"
    && document.querySelector("[data-testid=stMain] [data-testid=stElementContainer]")
    && !document.querySelector("[data-testid=stSpinner], [data-testid=stAppSkeleton]");
  const now = performance.now();
  if (!still) window.__still = 0;
  else window.__still ||= now;
  return Boolean(window.__still) && now - window.__still > 350;
}
"""
OWN_TEXTS = (
    "blank", "cmp_a", "cmp_b", "cmp_word", "collection", "docs", "lines", "map_word", "other",
    "symbols", "wiki_word", "word", "layer", "head", "view", "task", "off", "at", "path", "pair",
)
"""Parameters of single pages that hold a text, and some that must not."""
OPENED = {"views": {"bv_on": "true"}, "word2vec": {"w2v": "wikipedia", "wiki": "map"}}
MAIN = "[data-testid=stMain]"
TYPED = f"{MAIN} textarea:visible, {MAIN} [data-testid=stTextInput] input:visible"
OPEN_ALL = f"""
() => document.querySelectorAll("{MAIN} details:not([open]) > summary").forEach((s) => s.click())
"""
CHOICES = f"{MAIN} [data-testid=stButtonGroup] button, {MAIN} [data-testid=stCheckbox] input"


@dataclass
class Watched:
    """A tab, and what happened in it that must not."""

    page: Page
    host: str
    found: list[str] = field(default_factory=list)
    views: int = 0

    def __post_init__(self) -> None:
        page = self.page
        page.set_default_timeout(PATIENCE)
        page.add_init_script(WATCH)
        page.on("dialog", self._dismiss)
        page.on("popup", lambda popup: self.found.append(f"popup {popup.url}"))
        page.on("pageerror", lambda error: self.found.append(f"error {error}"))
        page.on("request", lambda request: self._left(request.url))
        page.on("websocket", lambda socket: self._left(socket.url))
        page.on("download", lambda download: self.found.append(f"download {download.url}"))

    def _dismiss(self, dialog: Dialog) -> None:
        self.found.append("dialog")
        dialog.dismiss()

    def _left(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss", "ftp") and parts.netloc != self.host:
            self.found.append(f"left {url[:120]}")

    def settle(self) -> None:
        self.page.wait_for_function(SETTLED)

    def look(self) -> None:
        """One view more: note what is wrong with it."""
        self.views += 1
        page = self.page
        self.found += page.evaluate(LOOK, EVIL.removeprefix("https://"))
        for frame in page.frames:
            try:
                self.found += [f"refused {told}" for told in frame.evaluate(REFUSED)]
                if frame.evaluate("() => Boolean(window.__owned)"):
                    self.found.append("ran in a frame")
            except Error:  # the frame is gone already
                continue
        if "owned" in page.title():
            self.found.append(f"title {page.title()}")
        for box in page.get_by_test_id("stException").all():
            self.found.append(f"traceback {box.inner_text()[:200]}")
        for place in ("stAppSkeleton",):
            if page.get_by_test_id(place).count():
                self.found.append("the page stays empty")

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.settle()
        self.look()

    def type_into_all(self, texts: Sequence[str]) -> None:
        """Another text into every box of the page, then one run."""
        boxes = self.page.locator(TYPED)
        for at in range(boxes.count()):
            box = boxes.nth(at)
            try:
                box.fill(texts[at % len(texts)], timeout=3000)
                box.press("Control+Enter", timeout=3000)
            except (TimeoutError, Error):
                continue  # the run before took the box away
        self.settle()
        self.look()

    def open_all(self) -> None:
        self.page.evaluate(OPEN_ALL)
        self.settle()
        self.look()

    def click_through(self) -> None:
        """Each choice and switch of the page once, from the top; every one is a view."""
        seen: set[str] = set()
        while True:
            choices = self.page.locator(CHOICES)
            names = [(at, self._name(at)) for at in range(choices.count())]
            at, name = next(((a, n) for a, n in names if n and n not in seen), (-1, ""))
            if at < 0:
                return
            seen.add(name)
            try:
                choices.nth(at).click(timeout=3000, force=True)
            except (TimeoutError, Error):
                continue
            self.settle()
            self.open_all()

    def _name(self, at: int) -> str:
        try:
            return str(self.page.locator(CHOICES).nth(at).evaluate(
                "(n) => (n.closest('[data-testid=stCheckbox], [data-testid=stButtonGroup]')"
                "?.parentElement?.className || '') + '|' + (n.textContent || n.ariaLabel || '')",
                timeout=2000))
        except (TimeoutError, Error):
            return ""


def address(url: str, slug: str, text: str, text_b: str, **more: str) -> str:
    """A page with breaking texts in its URL, for every text that it may have."""
    path = "" if slug == "home" else slug
    single = (*TAGS, *BREAKS)
    start = 7 * len(slug) + len(text)
    own = {name: single[(start + at) % len(single)] for at, name in enumerate(OWN_TEXTS)}
    query = {**own, "text": text, "text_b": text_b, **OPENED.get(slug, {}), **more}
    return f"{url}/{path}?{urlencode(query)}"


def visit_all(watched: Watched, url: str, slug: str, most: int) -> None:
    """Texts through one page, in both languages, and every view of it with the first."""
    texts = [*joined(), *LONG]
    pairs = list(zip(texts, [*texts[1:], texts[0]], strict=True))[:most]
    for at, (text, text_b) in enumerate(pairs):
        watched.open(address(url, slug, text, text_b, lang="zh" if at % 2 else "en"))
        watched.type_into_all([text_b, *texts])
        if at == 0:
            watched.click_through()
        else:
            watched.open_all()


def visit_once(watched: Watched, url: str, slug: str) -> None:
    """Two short texts through one page, others than through the page before."""
    at, groups = [stop.slug for stop in COURSE].index(slug), joined(limit=SHORT)
    text, text_b, typed = (groups[(at + i) % len(groups)] for i in range(3))
    watched.page.emulate_media(color_scheme="dark" if at // 2 % 2 else "light")
    watched.open(address(url, slug, text, text_b, lang="zh" if at % 2 else "en"))
    if slug in TYPED_INTO:
        watched.type_into_all([typed])
    watched.open_all()


@contextmanager
def watching(chromium: Browser, url: str) -> Iterator[Watched]:
    """A tab of its own."""
    page = chromium.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
    yield Watched(page, urlsplit(url).netloc)
    page.close()


def visits(
    watched: Watched, url: str, slugs: Sequence[str], most: int = 0
) -> Iterator[tuple[str, int, float, list[str]]]:
    """Per page its slug, views looked at, seconds, and what was found.

    most : how many of the joined texts; 0 is the short form
    """
    for slug in slugs:
        started = time.perf_counter()
        watched.found.clear()
        watched.views = 0
        try:
            if most:
                visit_all(watched, url, slug, most)
            else:
                visit_once(watched, url, slug)
        except Error as error:
            watched.found.append(f"no end: {error.message.splitlines()[0]}")
        yield slug, watched.views, time.perf_counter() - started, list(watched.found)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.hostile",
                                     description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pages", nargs="*", default=[stop.slug for stop in COURSE])
    parser.add_argument("--texts", type=int, default=len([*joined(), *LONG]))
    parser.add_argument("--short", action="store_const", dest="texts", const=0)
    args = parser.parse_args()
    views, wrong = 0, 0
    with served() as server, browser() as chromium, watching(chromium, server.url) as watched:
        for slug, count, seconds, found in visits(
            watched, server.url, args.pages, args.texts
        ):
            views += count
            wrong += len(found)
            print(f"{slug:12} {count:4} views {seconds:6.1f} s  found: {len(found)}", flush=True)
            for told in dict.fromkeys(found):
                print(f"    {told}", flush=True)
    print(f"strings tried: {len(ALL)}, pages: {len(args.pages)}, views covered: {views}, "
          f"executed or wrong: {wrong}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
