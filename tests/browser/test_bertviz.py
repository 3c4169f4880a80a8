"""BertViz in a real browser without a network: it draws, it answers, and no text runs as code."""

import runpy
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Browser, FrameLocator, Page, Route, expect

from bench.server import Server, served
from core.contract import TraceRequest
from core.engine import local_engine
from lessons.views.bertviz import VIEWS, Request, elements, run

SECONDS = 1000
GALLERY = Path(__file__).with_name("bertviz_gallery.py")
NAMES = runpy.run_path(str(GALLERY))
TEXT, SECOND, HOSTILE = NAMES["TEXT"], NAMES["SECOND"], NAMES["HOSTILE"]
IT = 11  # a piece of the second sentence with its own short name
HERE = ("127.0.0.1", "localhost")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(str(GALLERY.relative_to(Path.cwd()))) as running:
        yield running


@pytest.fixture
def asked() -> list[str]:
    """Addresses outside this machine that the browser tried to reach."""
    return []


@pytest.fixture
def page(chromium: Browser, asked: list[str]) -> Iterator[Page]:
    tab = chromium.new_page(viewport={"width": 1300, "height": 1000})
    tab.set_default_timeout(120 * SECONDS)

    def only_here(route: Route) -> None:
        host = route.request.url.split("/")[2].split(":")[0] if "//" in route.request.url else ""
        if host in HERE or route.request.url.startswith(("data:", "blob:", "about:")):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    tab.route("**/*", only_here)
    yield tab
    tab.close()


def opened(page: Page, server: Server, view: str) -> FrameLocator:
    page.goto(f"{server.url}/?view={view}")
    expect(page.locator(".told")).to_contain_text("elements in", timeout=120 * SECONDS)
    return page.frame_locator("iframe[sandbox]")


def n_pieces() -> int:
    return len(local_engine().tokenize("embedded", TEXT, SECOND))


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_draws_its_lines_without_a_network(page, server, asked, view):
    frame = opened(page, server, view)
    n, info = n_pieces(), local_engine().info("embedded")
    lines = {"head": info.heads, "model": info.layers * info.heads, "neuron": 1}[view] * n * n
    drawn = frame.locator("#collapsed line" if view == "neuron" else "line[x1][x2]")
    expect(drawn).to_have_count(lines)
    assert asked == []


@pytest.mark.parametrize("view", VIEWS)
def test_the_number_of_elements_that_limits_a_text_is_what_is_drawn(page, server, view):
    opened(page, server, view)
    counted = elements(view, local_engine().info("embedded"), n_pieces())
    expect(page.locator(".told")).to_contain_text(f"{counted:,} elements in ")


@pytest.mark.parametrize("view", VIEWS)
def test_pieces_that_look_like_code_are_drawn_as_text_and_nothing_runs(page, server, view):
    frame = opened(page, server, view)
    if view == "model":
        frame.locator("svg > g > rect:last-child").first.click(force=True)
    side = {"head": "#left text", "model": "text.token", "neuron": "#collapsed #leftText text"}
    shown = frame.locator(side[view]).all_text_contents()[1 : 1 + len(HOSTILE)]
    assert shown == list(HOSTILE)
    inside = page.frames[-1]
    assert inside.evaluate("window.owned") is None
    assert page.evaluate("window.owned") is None
    assert inside.evaluate("document.querySelectorAll('img, svg svg, body > svg').length") == 0
    assert inside.evaluate("document.querySelectorAll('script').length") == 7


def test_the_frame_reaches_nothing_of_the_page_around_it(page, server):
    opened(page, server, "head")
    inside = page.frames[-1]
    reach = """
    (what) => { try { return String(eval(what)); } catch (error) { return error.name; } }
    """
    assert inside.evaluate("origin") == "null"
    for what in ("parent.document", "parent.location.href", "localStorage", "document.cookie"):
        assert inside.evaluate(reach, what) in ("SecurityError", "EvalError")


def test_code_that_got_into_the_frame_would_not_be_run(page, server):
    opened(page, server, "head")
    inside = page.frames[-1]
    inside.evaluate("""
    () => {
      const script = document.createElement("script");
      script.textContent = "window.owned = 1";
      const image = document.createElement("img");
      image.setAttribute("onerror", "window.owned = 1");
      image.src = "x";
      document.body.append(script, image);
    }
    """)
    page.wait_for_timeout(500)
    assert inside.evaluate("window.owned") is None


def test_a_touch_in_head_view_shows_one_pieces_lines_alone(page, server):
    frame = opened(page, server, "head")
    frame.locator("#left text").nth(IT).hover()
    expect(frame.locator("#attention")).to_have_attribute("visibility", "hidden")
    lines = frame.locator("#attention line[visibility=visible]")
    heads = local_engine().info("embedded").heads
    expect(lines).to_have_count(heads * n_pieces())
    starts = lines.evaluate_all("(all) => all.map((l) => l.getAttribute('left-token-index'))")
    assert set(starts) == {str(IT)}


def test_a_click_in_model_view_enlarges_one_head(page, server):
    frame = opened(page, server, "model")
    heads = local_engine().info("embedded").heads
    frame.locator("svg > g > rect:last-child").nth(heads + 2).click(force=True)
    expect(frame.locator("text.detail")).to_have_text("Layer 1, Head 2")
    expect(frame.locator(".attn-line-group line")).to_have_count(n_pieces() ** 2)


def test_neuron_view_computes_the_models_own_scaled_score(page, server):
    frame = opened(page, server, "neuron")
    expect(frame.locator("#att_head")).to_have_value("3")
    frame.locator("#collapsed #leftText > g").nth(IT).locator("rect").last.click()  # the plus
    shown = frame.locator("#expanded .dotproduct").evaluate_all(
        "(all) => all.map((box) => Number(box.getAttribute('data-value')))"
    )
    trace = local_engine().trace(TraceRequest(TEXT, SECOND, keep=frozenset({"scores"})))
    assert shown == pytest.approx(trace.layer(2).scaled[0, 3, IT].tolist(), abs=0.02)


def test_a_sentence_pair_can_be_seen_from_one_sentence_to_the_other(page, server):
    frame = opened(page, server, "head")
    encoded = run(local_engine(), Request(TEXT, SECOND)).encoded
    second = encoded.segments.index(1)
    frame.locator("#filter").select_option("3")  # A -> B
    expect(frame.locator("#left text")).to_have_count(second)
    expect(frame.locator("#right text")).to_have_text(list(encoded.tokens[second:]))


def test_a_rerun_leaves_the_frame_standing_and_its_height_is_the_pictures(page, server):
    frame = opened(page, server, "head")
    page.frames[-1].evaluate("window.before = true")
    page.get_by_role("button", name="again").click()
    page.wait_for_timeout(1500)
    assert page.frames[-1].evaluate("window.before")
    tall = page.locator("iframe[sandbox]").bounding_box()["height"]
    last = frame.locator("#right text").last.bounding_box()
    top = page.locator("iframe[sandbox]").bounding_box()["y"]
    assert 0 < top + tall - (last["y"] + last["height"]) < 60


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_names_stand_out_from_the_paper_in_both_modes(chromium, server, mode):
    page = chromium.new_page(color_scheme=mode)
    page.set_default_timeout(60 * SECONDS)
    opened(page, server, "head")
    ink, paper = page.frames[-1].evaluate("""
    () => [getComputedStyle(document.querySelector("#left text")).fill,
           getComputedStyle(document.documentElement).backgroundColor]
      .map((c) => c.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3)
    """)
    page.close()
    assert abs(ink - paper) > 150
    assert (ink > paper) == (mode == "dark")


@pytest.fixture(scope="module")
def app() -> Iterator[Server]:
    with served() as running:
        yield running


@pytest.mark.parametrize("view", VIEWS)
def test_a_hostile_sentence_on_the_lessons_page_is_drawn_and_not_run(page, app, asked, view):
    text = "</script><script>window.owned=1</script><img src=x onerror=window.owned=1>"
    query = urlencode({"lang": "en", "text": text, "bv_on": "true", "bv": view})
    page.goto(f"{app.url}/views?{query}")
    told = page.locator(".st-key-bertviz .told")
    expect(told).to_contain_text("elements", timeout=120 * SECONDS)
    inside = page.frame_locator("iframe[sandbox]")
    assert inside.locator("line[x1][x2]").count() > 0
    for frame in page.frames:
        assert frame.evaluate("window.owned") is None
    assert asked == []
