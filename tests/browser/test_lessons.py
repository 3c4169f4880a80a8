"""Each lesson in a real browser: a cold server, a typed sentence, nothing asked elsewhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from bench.chromium import PICTURES, wait_for_lesson, wait_for_live_result
from bench.server import Server, served
from pages.ui.catalogue import translate
from pages.ui.course import COURSE, LESSONS

TYPED = "A quiet zebra watched the [MASK] from the bank."
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
WITHOUT_SENTENCE = {"train", "stocks"}  # a sentence is asked for after the work is done
# On a deep link the browser part first asks below the page's own path, where nothing answers.
STREAMLIT_LOOKS_FOR_ITS_ROOT = ("/_stcore/health", "/_stcore/host-config")
SCREENS = {"desk": (1440, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def cold_server() -> Iterator[Server]:
    with served() as server:
        yield server


@dataclass
class Visit:
    """An open page and what it did behind the learner's back."""

    page: Page
    server: Server
    asked: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str, **query: str) -> None:
        self.page.goto(f"{self.server.url}/{path}?{urlencode(query)}")

    def assert_clean(self) -> None:
        assert self.asked <= {urlsplit(self.server.url).netloc}
        assert self.complaints == []


@pytest.fixture
def visit(cold_server: Server, chromium: Browser) -> Iterator[Visit]:
    page = chromium.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
    visit = Visit(page, cold_server)

    def note_host(url: str) -> None:
        if urlsplit(url).scheme in ("http", "https", "ws", "wss"):
            visit.asked.add(urlsplit(url).netloc)

    page.on("request", lambda request: note_host(request.url))
    page.on("websocket", lambda socket: note_host(socket.url))
    def note_complaint(message: ConsoleMessage) -> None:
        place = urlsplit(message.location["url"]).path
        if message.type == "error" and not place.endswith(STREAMLIT_LOOKS_FOR_ITS_ROOT):
            visit.complaints.append(f"{message.text} {place}")

    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("console", note_complaint)
    yield visit
    page.close()


def result_of(page: Page) -> str:
    """All that is written on the page, inside the components' shadow roots too."""
    return str(page.evaluate("""() => {
        const walk = (root) => [...root.querySelectorAll("*")].map((node) =>
            (node.shadowRoot ? walk(node.shadowRoot) : "") +
            (node.matches("textarea, style, script, code") ? "" : [...node.childNodes]
                .filter((n) => n.nodeType === 3).map((n) => n.data).join(" "))).join(" ");
        return walk(document.querySelector("[data-testid=stMain]"));
    }"""))


def sentence_box(page: Page, slug: str) -> Locator:
    """The first text box, by its name on this page."""
    names = (translate("en", slug, key) for key in ("sentence", "sentence_a"))
    exactly = re.compile("|".join(f"^{re.escape(name)}$" for name in names))
    return page.get_by_role("textbox", name=exactly)


@pytest.mark.parametrize("stop", [s for s in LESSONS if s.slug not in WITHOUT_SENTENCE],
                         ids=lambda stop: stop.slug)
def test_a_lesson_opens_from_its_link_and_answers_what_is_typed(visit, stop):
    visit.open(stop.url_path, lang="en")
    wait_for_live_result(visit.page)
    pictures = visit.page.evaluate(PICTURES)
    assert "zebra" not in result_of(visit.page)
    box = sentence_box(visit.page, stop.slug)
    box.fill(TYPED)
    box.press("Control+Enter")
    visit.page.wait_for_function("() => location.search.includes('zebra')", timeout=30_000)
    wait_for_live_result(visit.page)
    assert_shows(visit.page, "zebra", pictures)
    visit.assert_clean()


def assert_shows(page: Page, word: str, pictures_before: str) -> None:
    """The result, not only the box, has changed: the word is written, or a canvas redrawn."""
    for _ in range(50):
        if word in result_of(page) or page.evaluate(PICTURES) != pictures_before:
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"{word!r} is not in the result")


@pytest.mark.parametrize("stop", LESSONS, ids=lambda stop: stop.slug)
def test_hostile_text_stays_text(visit, stop):
    visit.open(stop.url_path, text=HOSTILE, text_b=HOSTILE, lang="en")
    wait_for_live_result(visit.page)
    visit.page.wait_for_timeout(500)
    assert visit.page.title() != "owned"
    assert visit.page.locator("img[src=x]").count() == 0
    visit.assert_clean()


@pytest.mark.parametrize("size", SCREENS.values(), ids=SCREENS.keys())
@pytest.mark.parametrize("stop", COURSE, ids=lambda stop: stop.slug)
def test_nothing_sticks_out_to_the_side(visit, stop, size):
    width, height = size
    visit.page.set_viewport_size({"width": width, "height": height})
    visit.open(stop.url_path, lang="zh")
    if stop.url_path:
        wait_for_lesson(visit.page)
    else:
        expect(visit.page.get_by_test_id("stMain")).to_be_visible()
    visit.page.wait_for_timeout(500)
    too_wide = visit.page.evaluate("""() =>
        [document.documentElement, document.querySelector("[data-testid=stMain]")]
            .map((box) => box.scrollWidth - box.clientWidth)""")
    assert too_wide == [0, 0]
    visit.assert_clean()
