"""The server is killed while a page is open, and started again: the page goes on by itself."""

import os
import signal
from urllib.parse import urlencode

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect

from bench.server import free_port, served
from pages.ui.catalogue import translate

TEXT = "A quiet zebra watched the hill."
LAYER = 2
STARTED = 180_000  # ms until the first page of a fresh server stands


def say(key: str) -> str:
    return translate("zh", "attention", key)


def wait_for_address(page: Page, **wanted: str) -> None:
    page.wait_for_function(
        "(wanted) => { const q = new URLSearchParams(location.search);"
        " return Object.entries(wanted).every(([k, v]) => q.get(k) === v); }",
        arg=wanted,
    )


def expect_screen(page: Page, layer: int) -> None:
    """Page, language, typed text and layer as the visitor left them."""
    expect(page.get_by_role("heading", level=1, name=say("title_attention"))).to_be_visible()
    expect(page.locator("textarea").first).to_have_value(TEXT)
    expect(page.get_by_role("slider").first).to_have_value(str(layer))
    wait_for_address(page, lang="zh", text=TEXT, layer=str(layer))
    expect(page.locator("#quiz")).to_be_attached()


def connected(page: Page) -> None:
    state = page.get_by_test_id("stApp")
    expect(state).to_have_attribute("data-test-connection-state", "CONNECTED", timeout=STARTED)


@pytest.mark.timeout(600)  # two servers start; a machine that is busy with something else is slow
def test_an_open_page_reconnects_with_its_screen_and_works_on(page):
    port, link = free_port(), urlencode({"lang": "zh", "text": TEXT, "layer": LAYER})
    slider = page.get_by_role("slider").first
    with served(port=port) as first:
        page.goto(f"{first.url}/attention?{link}")
        page.locator("#quiz").wait_for(state="attached", timeout=STARTED)
        expect_screen(page, LAYER)
        page.evaluate("window.neverReloaded = true")
        os.kill(first.pid, signal.SIGKILL)
    with served(port=port):
        connected(page)
        expect_screen(page, LAYER)
        slider.press("ArrowRight")  # the new session reads the link first
        page.wait_for_timeout(3000)
        expect(page.get_by_test_id("stApp")).to_have_attribute(
            "data-test-script-state", "notRunning", timeout=STARTED
        )
        if slider.input_value() == str(LAYER):
            slider.press("ArrowRight")
        expect_screen(page, LAYER + 1)
        assert page.evaluate("window.neverReloaded") is True
