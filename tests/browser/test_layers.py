"""The layers in a real browser: a word clicked in the sentence and in the grid, a phone."""

from urllib.parse import urlencode

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect

from bench.chromium import wait_for_live_result
from bench.server import Server
from lessons.layers import measured

PATIENTLY = 60_000
TEXT = "They book a room and read a book about the sea."
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> </script> book"


def visit(page: Page, server: Server, **query: str) -> None:
    asked = {"lang": "en", "text": TEXT, "text_b": "", "word": "book", "nth": "1", **query}
    page.goto(f"{server.url}/layers?{urlencode(asked)}")
    wait_for_live_result(page)
    expect(page.locator(".st-key-strips .base")).to_be_visible()


def wait_for(page: Page, key: str, code: str) -> None:
    page.wait_for_function(
        "([key, code]) => new URLSearchParams(location.search).get(key) === code",
        arg=[key, code],
    )


def test_a_click_on_a_word_looks_at_that_occurrence_and_stands_in_the_address(page, server):
    visit(page, server)
    page.locator(".st-key-words").get_by_text("book", exact=True).nth(1).click()
    wait_for(page, "nth", "2")
    page.locator(".st-key-words").get_by_text("sea", exact=True).click()
    wait_for(page, "word", "sea")
    expect(page.get_by_text("Looking at sea")).to_be_visible()


@pytest.mark.skipif(measured.measured() is None, reason="no probes are stored")
def test_a_click_in_the_grid_of_tags_looks_at_its_word(page, server):
    visit(page, server)
    grid = page.locator(".st-key-tags_board")
    expect(grid.get_by_text("about", exact=True)).to_be_visible()
    grid.locator("button[data-at='3 9']").click()  # They book a room and read a book about the
    wait_for(page, "word", "the")
    expect(page.get_by_text("Looking at the")).to_be_visible()


def test_hostile_words_are_shown_and_not_run(page, server):
    visit(page, server, text=HOSTILE)
    assert page.title() != "owned"
    assert page.locator("img[src='x']").count() == 0


def test_a_phone_needs_no_scrolling_sideways(chromium, server):
    tab = chromium.new_page(viewport={"width": 390, "height": 844}, locale="en-GB")
    tab.set_default_timeout(PATIENTLY)
    visit(tab, server)
    expect(tab.get_by_text("Where this comes from")).to_be_visible()
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.close()
