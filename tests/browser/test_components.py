"""The canvas components in a real browser: mouse, keys, exact numbers, hostile names."""

import runpy
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Locator, Page, expect

from bench.chromium import wait_for_live_result
from bench.server import Server, served
from core.engine import local_engine
from lessons.attention.lesson import Request, run
from pages.ui.catalogue import translate

GALLERY = Path(__file__).with_name("component_gallery.py")
NAMES = runpy.run_path(str(GALLERY))
WORDS, HOSTILE = NAMES["WORDS"], NAMES["HOSTILE"]
TEXT = "The river ran past the bank."
LAYERS, HEADS = 6, 12  # of the embedded model


@pytest.fixture(scope="module")
def gallery_server() -> Iterator[Server]:
    with served(str(GALLERY.relative_to(Path.cwd()))) as running:
        yield running


@pytest.fixture
def attention(page: Page, server: Server) -> Page:
    page.goto(f"{server.url}/attention?{urlencode({'lang': 'en', 'text': TEXT})}")
    wait_for_live_result(page)
    expect(page.locator(".st-key-overview .over")).to_be_visible()
    return page


@pytest.fixture
def gallery(page: Page, gallery_server: Server) -> Page:
    page.goto(gallery_server.url)
    expect(page.locator(".st-key-chips .chip").first).to_be_visible()
    return page


def wait_for_address(page: Page, **wanted: str) -> None:
    page.wait_for_function(
        "(wanted) => { const q = new URLSearchParams(location.search);"
        " return Object.entries(wanted).every(([k, v]) => q.get(k) === v); }", arg=wanted,
    )


def centre_of_head(grid: Locator, layer: int, head: int) -> dict[str, float]:
    """Where a thumbnail lies: 34 px of layer numbers, 22 px of head numbers, then squares."""
    box = grid.bounding_box()
    assert box is not None
    across, down = (box["width"] - 38) / HEADS, (box["height"] - 26) / LAYERS
    return {"x": 34 + (head + 0.5) * across, "y": 22 + (layer + 0.5) * down}


def shown(value: float) -> str:
    """As the components write a number."""
    small = value != 0 and abs(value) < 1e-3
    text = f"{value:.2e}".replace("e-0", "e-") if small else f"{value:.4f}"
    return text.replace("-", "\u2212", 1) if value < 0 else text


def test_the_head_under_the_mouse_is_named_and_enlarged(attention):
    part = attention.locator(".st-key-overview")
    grid = part.locator(".over")
    grid.hover(position=centre_of_head(grid, 3, 7))
    named = translate("en", "common", "layer_head").format(layer=3, head=7)
    expect(part.locator(".readout")).to_have_text(named)
    expect(part.locator(".lens")).to_be_visible()
    attention.mouse.move(2, 2)
    expect(part.locator(".lens")).to_be_hidden()


def test_a_click_on_a_head_chooses_it_in_the_address_and_on_the_page(attention):
    grid = attention.locator(".st-key-overview .over")
    grid.click(position=centre_of_head(grid, 4, 9))
    wait_for_address(attention, layer="4", head="9")
    attention.mouse.move(2, 2)
    expect(attention.get_by_role("slider").first).to_have_value("4")
    named = translate("en", "common", "layer_head").format(layer=4, head=9)
    expect(attention.locator(".st-key-overview .readout")).to_have_text(named)


def test_arrow_keys_and_enter_choose_a_cell_and_read_out_the_servers_number(attention):
    result = run(local_engine(), Request(TEXT))
    matrix = attention.locator(".st-key-matrix_weights")
    matrix.locator(".over").focus()
    for key in [*["ArrowUp"] * 10, *["ArrowLeft"] * 10, "ArrowDown", *["ArrowRight"] * 3]:
        attention.keyboard.press(key)
    number = shown(float(result.weights[1, 3]))
    expect(matrix.locator(".readout")).to_have_text(
        f"1 {result.encoded.tokens[1]} → 3 {result.encoded.tokens[3]}: {number}"
    )
    attention.keyboard.press("Enter")
    wait_for_address(attention, q="1", k="3")
    expect(matrix.locator(".readout")).to_contain_text(number)


def test_a_click_on_a_piece_at_the_side_moves_the_query_or_the_key_alone(attention):
    over = attention.locator(".st-key-matrix_weights .over")
    over.focus()
    for key in [*["ArrowUp"] * 10, *["ArrowLeft"] * 10, "Enter"]:
        attention.keyboard.press(key)
    wait_for_address(attention, q="0", k="0")
    box = over.bounding_box()
    assert box is not None
    over.click(position={"x": 20, "y": box["height"] - 20})  # the name of the last row
    last = str(len(local_engine().tokenize("embedded", TEXT)) - 1)
    wait_for_address(attention, q=last, k="0")
    over.click(position={"x": box["width"] - 20, "y": 8})  # the name of the last column
    wait_for_address(attention, q=last, k=last)


def test_every_number_of_the_table_is_the_servers(attention):
    result = run(local_engine(), Request(TEXT))
    matrix = attention.locator(".st-key-matrix_weights")
    matrix.locator("summary").click()
    expect(matrix.locator("td")).to_have_count(result.weights.size)
    assert matrix.locator("td").all_text_contents() == [
        shown(float(w)) for w in result.weights.ravel()
    ]


def test_hostile_names_are_drawn_as_text_and_nothing_runs(gallery):
    expect(gallery.locator(".st-key-chips .word").nth(4)).to_have_text(HOSTILE)
    expect(gallery.locator(".st-key-chips .sub").first).to_have_text(HOSTILE)
    cells = gallery.locator(".st-key-cells")
    cells.locator("summary").click()
    assert cells.locator("th").all_text_contents() == ["", *WORDS, *WORDS]
    cells.locator(".over").focus()
    for key in ["ArrowRight"] * 4:
        gallery.keyboard.press(key)
    expect(cells.locator(".readout")).to_contain_text(f"{WORDS[0]} → {HOSTILE}: ")
    expect(cells.locator(".over")).to_have_attribute("aria-label", HOSTILE)
    gallery.locator(".st-key-heads .over").hover()
    expect(gallery.locator(".st-key-heads .lens")).to_be_visible()
    assert gallery.locator(".stMain img").count() == 0
    assert gallery.evaluate("window.owned") is None


def test_hidden_cells_show_no_number(gallery):
    half = gallery.locator(".st-key-half")
    half.locator("summary").click()
    n = len(WORDS)
    texts = half.locator("td").all_text_contents()
    assert [t == "—" for t in texts] == [c > r for r in range(n) for c in range(n)]


def test_a_rerun_that_changes_nothing_leaves_every_picture_standing(gallery):
    gallery.locator(".st-key-heads .over").press("ArrowRight")
    for part, root in (("cells", ".heat"), ("half", ".heat"), ("heads", ".heads")):
        gallery.locator(f".st-key-{part} {root}").evaluate("(root) => { root.before = true; }")
    gallery.get_by_role("button", name="again").click()
    expect(gallery.get_by_test_id("stStatusWidget")).to_be_hidden()
    gallery.wait_for_timeout(500)
    for part, root in (("cells", ".heat"), ("half", ".heat"), ("heads", ".heads")):
        assert gallery.locator(f".st-key-{part} {root}").evaluate("(root) => root.before")


def test_choosing_a_head_moves_the_frame_and_redraws_no_thumbnail(gallery):
    heads = gallery.locator(".st-key-heads")
    heads.locator(".heads").evaluate("(root) => { root.before = true; }")
    grid = heads.locator(".over")
    for _ in range(2):
        grid.press("ArrowRight")
    grid.press("Enter")
    expect(gallery.get_by_text("head (0, 2)")).to_be_visible()
    expect(heads.locator(".readout")).to_have_text("layer 0, head 2", ignore_case=True)
    assert heads.locator(".heads").evaluate("(root) => root.before")


def test_pictures_follow_the_width_of_the_window(gallery):
    canvas = gallery.locator(".st-key-heads .over")
    wide = canvas.evaluate("(canvas) => canvas.style.width")
    gallery.set_viewport_size({"width": 360, "height": 844})
    expect(canvas).not_to_have_css("width", wide)
    assert canvas.evaluate("(canvas) => canvas.getBoundingClientRect().right") <= 360
