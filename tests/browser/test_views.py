"""The attention view in a real browser: keys, mouse, filters, pins, links, hostile text."""

import json
import os
import signal
from pathlib import Path
from urllib.parse import urlencode

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Locator, Page, expect

from bench.chromium import wait_for_live_result
from bench.server import Server
from core.engine import local_engine
from lessons.views.opened import Opening, opened

ROOT = Path(__file__).parents[2]
TEXT = "The river ran past the bank."
A, B = "the man went to the store", "he bought a gallon of milk"
HOSTILE = "</script><script>window.owned=1</script> <img src=x onerror=window.owned=1>"
MAIN = ".st-key-views_all"
expect.set_options(timeout=60_000)  # a busy machine draws late


def open_views(page: Page, server: Server, text: str = TEXT, **query: str) -> Locator:
    page.goto(f"{server.url}/views?{urlencode({'lang': 'en', 'text': text, **query})}")
    wait_for_live_result(page)
    part = page.locator(MAIN)
    expect(part.locator(".heads .over")).to_be_visible()
    expect(part.locator(".side .told")).not_to_be_empty()
    return part


def wait_for_address(page: Page, **wanted: str) -> None:
    page.wait_for_function(
        "(wanted) => { const q = new URLSearchParams(location.search);"
        " return Object.entries(wanted).every(([k, v]) => (q.get(k) ?? '') === v); }", arg=wanted,
    )


def told(part: Locator, pane: int = 0) -> Locator:
    return part.locator(".pane .told").nth(pane)


def point_at_row(part: Locator, row: int, of: int) -> dict[str, float]:
    """On the left names of the lines picture: rows of equal height, 4 px above and below."""
    box = part.locator(".pane .over").first.bounding_box()
    assert box is not None
    return {"x": 60, "y": 4 + (row + 0.5) * (box["height"] - 8) / of}


def test_arrows_walk_through_layers_and_heads_enter_opens_escape_leads_back(page, server):
    part = open_views(page, server)
    grid = part.locator(".heads .over")
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        grid.press(key)
    expect(part.locator(".side .told")).to_have_text("layer 1, head 2")
    expect(part.locator(".pane").first).to_be_hidden()
    grid.press("Enter")
    expect(part.locator(".pane").first).to_be_visible()
    wait_for_address(page, view="lines", layer="1", head="2")
    grid.press("ArrowDown")  # an opened picture follows the keys
    expect(part.get_by_role("combobox", name="Layer")).to_have_value("2")
    wait_for_address(page, layer="2")
    grid.press("Escape")
    expect(part.locator(".pane").first).to_be_hidden()
    wait_for_address(page, view="", layer="2", head="2")


def test_a_click_on_a_thumbnail_opens_that_head(page, server):
    part = open_views(page, server)
    box = part.locator(".heads .over").bounding_box()
    across, down = (box["width"] - 44) / 13, (box["height"] - 26) / 6
    part.locator(".heads .over").click(position={"x": 30 + 8.5 * across, "y": 22 + 1.5 * down})
    wait_for_address(page, view="lines", layer="1", head="8")
    expect(part.locator(".pane").first).to_be_visible()


def test_a_piece_pointed_at_names_its_strongest_link_and_a_click_pins_it(page, server):
    exact = opened(local_engine(), Opening(TEXT, "", "embedded", 1, 8))
    tokens = local_engine().tokenize("embedded", TEXT).tokens
    part = open_views(page, server, view="lines", layer="1", head="8")
    picture = part.locator(".pane .over").first
    picture.hover(position=point_at_row(part, 2, len(tokens)))
    best = int(exact[2].argmax())
    expect(told(part)).to_contain_text(f"{tokens[2]} →")
    expect(told(part)).to_contain_text(f"{tokens[best]} {exact[2, best]:.4f}")
    picture.click(position=point_at_row(part, 2, len(tokens)))
    wait_for_address(page, pin="2.")
    page.mouse.move(2, 2)
    expect(told(part)).to_contain_text(f"{tokens[2]} →")  # still there without the mouse
    picture.focus()
    page.keyboard.press("Escape")
    wait_for_address(page, pin="")
    expect(told(part)).to_contain_text("100 %")


def test_a_cell_pinned_with_keys_shows_the_servers_number_on_page_and_in_the_link(page, server):
    exact = opened(local_engine(), Opening(TEXT, "", "embedded", 1, 8))
    part = open_views(page, server, view="matrix", layer="1", head="8")
    picture = part.locator(".pane .over").first
    picture.focus()
    for key in ["ArrowDown"] * 2 + ["ArrowRight"] * 3:  # row 1, column 2
        picture.press(key)
    picture.press("Enter")
    wait_for_address(page, pin="1.2")
    expect(told(part)).to_contain_text(f"{exact[1, 2]:.4f}")
    expect(page.get_by_text("exactly as the model computed it")).to_be_visible()


def test_filters_act_while_the_server_sleeps_and_stay_in_the_link(page, server):
    part = open_views(page, server, text=A, text_b=B, view="lines", layer="4", head="5")
    expect(told(part)).to_contain_text("100 %")
    os.kill(server.pid, signal.SIGSTOP)
    try:
        part.get_by_label("[CLS]").check()
        expect(told(part)).not_to_contain_text("100 %")
        part.get_by_role("button", name="A → B", exact=True).click()
        looks, seen = (
            [int(text.split()[0]) for text in part.locator(f".links {cell}").all_text_contents()]
            for cell in ("td:first-child", "td:nth-child(2)")
        )
    finally:
        os.kill(server.pid, signal.SIGCONT)
    tokens = local_engine().tokenize("embedded", A, B).tokens
    assert looks and all(0 < at < 8 for at in looks)  # sentence A without [CLS]
    assert all(8 <= at < len(tokens) for at in seen)
    wait_for_address(page, filter="ab.c.0.0")
    page.reload()
    wait_for_live_result(page)
    expect(part.get_by_role("button", name="A → B", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    part.get_by_role("button", name="Show everything").click()
    wait_for_address(page, filter="")


def test_two_heads_stand_beside_each_other_and_share_what_is_pointed_at(page, server):
    part = open_views(page, server, view="lines", layer="1", head="8")
    part.get_by_role("button", name="Two heads").click()
    expect(part.locator(".pane").nth(1)).to_be_visible()
    part.get_by_role("combobox", name="Head").nth(1).select_option("2")
    part.get_by_role("combobox", name="Layer").nth(1).select_option("0")
    wait_for_address(page, second="0.2")
    n = len(local_engine().tokenize("embedded", TEXT))
    part.locator(".pane .over").first.hover(position=point_at_row(part, 3, n))
    for pane in (0, 1):
        expect(told(part, pane)).to_contain_text("ran →")


def test_the_table_for_screen_readers_is_there_and_opens_for_all(page, server):
    part = open_views(page, server, view="lines", layer="1", head="8")
    table = part.locator(".links table").first
    assert table.locator("tr").count() > 2
    assert part.locator(".links").evaluate("(box) => box.offsetWidth") <= 1
    part.get_by_role("button", name="Strongest links as a table").click()
    expect(table).to_be_visible()
    exact = opened(local_engine(), Opening(TEXT, "", "embedded", 1, 8))
    expect(table.locator("td:nth-child(3)").first).to_have_text(f"{exact.max():.4f}")


def test_a_picture_can_be_saved(page, server):
    part = open_views(page, server, text=HOSTILE, view="lines", layer="1", head="8")
    for kind in ("PNG", "SVG"):
        with page.expect_download() as file:
            part.get_by_role("button", name=f"Save as {kind}").click()
        saved = Path(file.value.path()).read_bytes()
        assert file.value.suggested_filename == f"layer-1-head-8.{kind.lower()}"
        assert saved.startswith(b"\x89PNG" if kind == "PNG" else b"<svg")
        assert b"<script" not in saved and b"<img" not in saved


def test_a_script_in_the_text_is_drawn_and_never_runs(page, server):
    part = open_views(page, server, text=HOSTILE, view="matrix", layer="1", head="8", other=HOSTILE)
    part.get_by_role("button", name="Strongest links as a table").click()
    expect(part.locator(".links td").first).to_be_visible()
    box = part.locator(".pane .over").first
    box.hover()
    page.wait_for_timeout(500)
    assert page.evaluate("window.owned") is None
    assert page.locator("img[src=x]").count() == 0


def test_a_long_text_opens_by_window_with_exact_numbers(page, server):
    part = open_views(page, server, text="the river ran past the old stone house " * 22,
                      view="matrix", layer="2", head="3")
    expect(told(part)).to_contain_text("%")
    assert "≈" not in part.locator(".links").inner_text()
    page.get_by_role("slider", name="First word piece shown").press("ArrowRight")
    wait_for_address(page, **{"from": "1"})
    expect(part.locator(".links td").first).to_be_attached()


def test_nothing_sticks_out_on_a_phone(page, server):
    page.set_viewport_size({"width": 390, "height": 844})
    open_views(page, server, text=A, text_b=B, view="lines", second="1.8")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


FILTERS = [
    # look, hide, least, top -> what is left of the matrix below, by hand
    ({"look": "all", "hide": "", "least": 0, "top": 0}, [.7, .2, .1, .1, .5, .4, .3, .3, .4]),
    ({"look": "all", "hide": "", "least": 35, "top": 0}, [.7, 0, 0, 0, .5, .4, 0, 0, .4]),
    ({"look": "all", "hide": "", "least": 0, "top": 1}, [.7, 0, 0, 0, .5, 0, 0, 0, .4]),
    ({"look": "all", "hide": "c", "least": 0, "top": 1}, [0, 0, 0, 0, .5, 0, 0, 0, .4]),
    ({"look": "ab", "hide": "", "least": 0, "top": 0}, [0, 0, .1, 0, 0, .4, 0, 0, 0]),
    ({"look": "ba", "hide": "c", "least": 0, "top": 0}, [0, 0, 0, 0, 0, 0, 0, .3, 0]),
]


@pytest.mark.parametrize("filter, left", FILTERS, ids=lambda case: json.dumps(case)[:40])
def test_a_filter_hides_and_changes_no_weight(page, filter, left):
    page.set_content("<p>")
    page.add_script_tag(path=str(ROOT / "assets" / "components" / "attention_filter.js"))
    kept = page.evaluate(
        """(filter) => {
            const block = { kinds: "cww", segments: [0, 0, 1] };
            const values = [.7, .2, .1, .1, .5, .4, .3, .3, .4];
            return [...sifted(values, 3, 1, passing(block, 0, 3, filter), filter)];
        }""", filter,
    )
    assert kept == pytest.approx(left, abs=1e-6)
