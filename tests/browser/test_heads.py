"""The boards of heads in a real browser: clicks, keys, the address, a phone, hostile words."""

from urllib.parse import urlencode

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Locator, Page, expect

from bench.chromium import wait_for_live_result
from bench.server import Server
from core.heads import measured
from lessons.heads.hunting import game
from lessons.theme import percent

TEXT = "The river ran past the bank."
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> </script>"


def visit(page: Page, server: Server, **query: str) -> Page:
    page.goto(f"{server.url}/heads?{urlencode({'lang': 'en', 'text': TEXT, **query})}")
    wait_for_live_result(page)
    expect(page.get_by_role("heading", name="Head hunt")).to_be_visible()
    return page


def cell(page: Page, board: str, layer: int, head: int) -> Locator:
    return page.locator(f".st-key-{board} .cell[data-at='{layer} {head}']")


def wait_for_address(page: Page, said: str) -> None:
    page.wait_for_function("(said) => location.search.includes(said)", arg=said)


def test_a_click_on_either_board_opens_the_head_on_both(page, server):
    visit(page, server)
    cell(page, "roles_corpus", 1, 8).click()
    expect(page.get_by_text("Layer 1, head 8:")).to_be_visible()
    wait_for_address(page, "role_head=1.8")
    for board in ("roles_text", "roles_corpus"):
        expect(cell(page, board, 1, 8)).to_have_attribute("aria-pressed", "true")
    found = measured.roles().measures[1, 1, 8]
    assert f"{100 * found:.0f} %" in cell(page, "roles_corpus", 1, 8).get_attribute("title")


def test_arrows_walk_over_a_board_and_enter_chooses(page, server):
    visit(page, server, role_head="1.8")
    cell(page, "roles_text", 1, 8).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Layer 2, head 9:")).to_be_visible()


def test_a_guess_tells_the_score_and_only_then_the_answer(page, server):
    visit(page, server)
    expect(page.locator(".st-key-hunt_blank .cell")).to_have_count(72)
    expect(page.locator(".st-key-atlas")).to_have_count(0)
    cell(page, "hunt_blank", 3, 8).click()
    found = measured.hunt()
    played = game(found, found.relations.index("obj"), 0)
    metrics = page.get_by_test_id("stMetricValue")
    expect(metrics).to_have_text([
        percent(share.value)
        for share in (played.of((3, 8)), played.of(played.best), played.baseline)
    ])
    wait_for_address(page, "g_obj_dependent=3.8")
    cell(page, "atlas", 3, 1).click()
    expect(page.get_by_text("Layer 3, head 1 is best at")).to_be_visible()
    page.get_by_role("button", name="Hunt this relation").click()
    expect(page.locator(".st-key-hunt_blank .cell")).to_have_count(72)


def test_a_click_on_a_piece_follows_it(page, server):
    visit(page, server)
    page.locator(".st-key-pieces .chip").filter(has_text="bank").click()
    told = page.get_by_text("The 384 numbers of bank enter layer 0.")
    expect(told).to_be_visible()
    wait_for_address(page, "piece=6")


def test_hostile_words_stay_text(page, server):
    visit(page, server, text=HOSTILE, hunt_show="true")
    expect(page.locator(".st-key-arcs")).to_be_visible()
    assert page.title() != "owned"
    assert page.locator("img[src='x']").count() == 0


def test_on_a_phone_nothing_overflows_and_the_board_fits(page, server):
    page.set_viewport_size({"width": 390, "height": 844})
    visit(page, server, hunt_show="true")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    board = page.locator(".st-key-roles_text .scroller")
    assert board.evaluate("(e) => e.scrollWidth <= e.clientWidth")
