"""The judges in a real browser: ways of judging in the address, the agreement clicked, a phone."""

from urllib.parse import urlencode

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect

from bench.chromium import wait_for_live_result
from bench.server import Server
from core.engine import local_engine
from lessons.judges.lesson import Request, Result, judged

PATIENTLY = 60_000
TEXT = "The man went to the store to buy a gallon of [MASK]."
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> </script> [MASK] ok"


def address(server: Server, **query: str) -> str:
    return f"{server.url}/judges?{urlencode({'lang': 'en', 'text': TEXT, 'text_b': '', **query})}"


def visit(page: Page, server: Server, **query: str) -> None:
    page.goto(address(server, **query))
    wait_for_live_result(page)
    expect(page.locator(".st-key-tau .over")).to_be_visible()


def wait_for(page: Page, key: str, code: str) -> None:
    page.wait_for_function(
        "([key, code]) => new URLSearchParams(location.search).get(key) === code",
        arg=[key, code],
    )


def expect_favourites(page: Page, result: Result) -> None:
    for at, judge in enumerate(result.judges):
        token = result.tokens[judge.favourite]
        expect(page.get_by_test_id("stMetricValue").nth(at)).to_have_text(f"“{token}”")


def test_another_way_of_leaving_out_stands_in_the_address_and_in_the_verdict(page, server):
    visit(page, server)
    expect_favourites(page, judged(local_engine(), Request(TEXT)))
    page.get_by_text("deleting", exact=True).click()
    wait_for(page, "leave", "deleted")
    expect_favourites(page, judged(local_engine(), Request(TEXT, leaving="deleted")))


def test_a_click_on_an_agreement_shows_those_two_rankings(page, server):
    visit(page, server)
    square = page.locator(".st-key-tau .over")
    box = square.bounding_box()
    assert box is not None
    square.click(position={"x": box["width"] - 30, "y": box["height"] - 114})  # row 2 of 3
    wait_for(page, "pair", "12")
    expect(page.get_by_text("Rank by Gradient (across) and by Leaving out (up)")).to_be_visible()


def test_a_click_hides_another_word_and_it_is_judged(page, server):
    page.goto(address(server, text="The man went to the store to buy a gallon of milk."))
    page.locator(".st-key-words").get_by_text("store", exact=True).click()
    wait_for(page, "text", "The man went to the [MASK] to buy a gallon of milk.")
    asked = Request("The man went to the [MASK] to buy a gallon of milk.")
    expect_favourites(page, judged(local_engine(), asked))


def test_hostile_words_are_shown_and_not_run(page, server):
    visit(page, server, text=HOSTILE)
    assert page.title() != "owned"
    assert page.locator("img[src='x']").count() == 0


def test_a_phone_needs_no_scrolling_sideways(chromium, server):
    tab = chromium.new_page(viewport={"width": 390, "height": 844}, locale="en-GB")
    tab.set_default_timeout(PATIENTLY)
    visit(tab, server, looks="head", grad="integrated")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.close()
