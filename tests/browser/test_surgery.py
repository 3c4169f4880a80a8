"""The board of switches in a real browser: mouse, keys, the address, a phone, hostile words."""

from urllib.parse import urlencode

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Locator, Page, expect

from bench.chromium import wait_for_live_result
from bench.server import Server
from core.engine import local_engine
from lessons.surgery.lesson import Request, run
from lessons.theme import percent

PATIENTLY = 60_000
TEXT = "The man went to the store to buy a gallon of [MASK]."
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> </script> [MASK]"


def visit(page: Page, server: Server, **query: str) -> Locator:
    """The board of the page that a link with this query opens."""
    given = {"lang": "en", "text": TEXT, "text_b": "", **query}
    page.goto(f"{server.url}/surgery?{urlencode(given)}")
    wait_for_live_result(page)
    board = page.locator(".st-key-board .board")
    expect(board.locator(".head").first).to_be_visible()
    return board


def head(board: Locator, layer: int, number: int) -> Locator:
    return board.get_by_role("button", name=f"Layer {layer}, {number}: ")


def wait_for_off(page: Page, code: str | None) -> None:
    page.wait_for_function(
        "(code) => new URLSearchParams(location.search).get('off') === code", arg=code
    )


def test_a_click_switches_a_head_off_in_the_address_and_in_the_numbers(page, server):
    board = visit(page, server)
    head(board, 4, 7).click()
    wait_for_off(page, "4.7")
    expect(head(board, 4, 7)).to_have_attribute("aria-pressed", "true")
    words = run(local_engine(), Request(TEXT, off="4.7")).words
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(
        percent(words.after[words.watched])
    )
    head(board, 4, 7).click()
    wait_for_off(page, None)
    expect(head(board, 4, 7)).to_have_attribute("aria-pressed", "false")


def test_a_layers_name_switches_the_layer_and_another_way_leaves_one_head(page, server):
    board = visit(page, server)
    board.get_by_role("button", name="Layer 2", exact=True).click()
    wait_for_off(page, "2.*")
    page.get_by_text("all others of its layer").click()
    head(board, 2, 5).click()
    wait_for_off(page, "2.0-4,2.6-11")


def test_arrows_move_and_enter_switches_and_the_focus_stays(page, server):
    board = visit(page, server)
    head(board, 0, 0).focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    wait_for_off(page, "1.1")
    expect(head(board, 1, 1)).to_have_attribute("aria-pressed", "true")
    expect(head(board, 1, 1)).to_be_focused()


def test_a_click_on_the_map_of_effects_switches_that_head_on_the_board(page, server):
    board = visit(page, server)
    effects = page.locator(".st-key-effects .over")
    expect(effects).to_be_visible()
    box = effects.bounding_box()
    assert box is not None
    effects.click(position={"x": box["width"] - 20, "y": box["height"] - 12})
    wait_for_off(page, "5.11")
    expect(head(board, 5, 11)).to_have_attribute("aria-pressed", "true")


def test_hostile_words_are_shown_and_not_run(page, server):
    visit(page, server, text=HOSTILE, text_b=HOSTILE, off="0.0")
    expect(page.locator(".st-key-effects .over")).to_be_visible()
    assert page.title() != "owned"
    assert page.locator("img[src='x']").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_needs_no_scrolling_sideways(chromium, server, scheme):
    tab = chromium.new_page(
        viewport={"width": 390, "height": 844}, color_scheme=scheme, locale="en-GB"
    )
    tab.set_default_timeout(PATIENTLY)
    board = visit(tab, server, off="0.3,4.7")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = board.bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390
    tab.close()
