"""The way through the layers in a real browser: played, moved, clicked, and kept in the link."""

from urllib.parse import urlencode

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect

from bench.chromium import wait_for_live_result
from bench.server import Server
from pages.ui.catalogue import translate

SECONDS = 1000
TEXT = {"text": "She sat on the bank of the river.", "text_b": "He put his money in the bank."}


@pytest.fixture
def page(page: Page, server: Server) -> Page:
    asked = urlencode({"lang": "en", "token": "5", "at_layer": "2", **TEXT})
    page.goto(f"{server.url}/stack?{asked}")
    wait_for_live_result(page)
    expect(page.locator(".path canvas")).to_be_visible()
    return page


def say(key: str, **facts: object) -> str:
    return translate("en", "stack", key, **facts)


def slider(page: Page):
    return page.locator(".path input[type=range]")


def pixels(page: Page) -> str:
    return str(page.locator(".path canvas").evaluate("canvas => canvas.toDataURL()"))


def test_a_link_starts_at_its_layer_and_play_runs_to_the_last_one(page):
    expect(slider(page)).to_have_value("2")
    before = pixels(page)
    page.get_by_role("button", name=say("play"), exact=True).click()
    expect(slider(page)).to_have_value("6")
    assert pixels(page) != before
    page.wait_for_function("() => !location.search.includes('at_layer=2')")  # the last is default


def test_the_keyboard_moves_a_layer_and_the_line_below_names_the_nearest_piece(page):
    told = page.locator(".path .readout")
    expect(told).to_contain_text("2 of 6")
    slider(page).focus()
    page.keyboard.press("ArrowRight")
    expect(told).to_contain_text("3 of 6")
    page.wait_for_function("() => location.search.includes('at_layer=3')")


def test_moving_through_layers_while_dragging_asks_the_server_nothing(page):
    page.wait_for_timeout(2 * SECONDS)
    page.evaluate("""() => {
        const send = WebSocket.prototype.send;
        window.sent = 0;
        WebSocket.prototype.send = function (data) { window.sent++; return send.call(this, data); };
    }""")
    slider(page).evaluate("""input => [3, 4, 5, 4].forEach((layer) => {
        input.value = layer;
        input.dispatchEvent(new Event("input", { bubbles: true }));
    })""")
    expect(page.locator(".path .readout")).to_contain_text("4 of 6")
    assert page.evaluate("window.sent") == 0


def test_the_whole_text_can_be_seen_and_a_point_in_it_followed(page):
    near = pixels(page)
    page.get_by_role("button", name=say("whole"), exact=True).click()
    expect(page.get_by_role("button", name=say("near"), exact=True)).to_be_visible()
    assert pixels(page) != near
    canvas = page.locator(".path canvas")
    canvas.evaluate("""canvas => {
        const area = canvas.getBoundingClientRect();
        const at = (kind, x, y) => canvas.dispatchEvent(new PointerEvent(kind, {
            clientX: area.left + x, clientY: area.top + y, bubbles: true }));
        for (let x = 30; x < area.width - 30; x += 8) // a point is under the hand at some place
            for (let y = 30; y < area.height - 40; y += 8) {
                at("pointermove", x, y);
                if (canvas.style.cursor === "pointer") at("click", x, y);
            }
    }""")
    page.wait_for_function("() => !location.search.includes('token=5')")
