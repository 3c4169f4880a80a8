"""The scores page in a browser: tasks in the address, a replaced word, hostile text, a phone."""

from urllib.parse import urlencode

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect

from bench.chromium import wait_for_live_result
from bench.server import Server
from core.engine import local_engine
from lessons.scores.lesson import Request, run

PATIENTLY = 60_000
TEXT = "The dog chased the cat through the garden."
TEXT_B = "The cat chased the dog through the garden."
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> </script> **ok**"


def visit(page: Page, server: Server, **query: str) -> None:
    asked = {"lang": "en", "text": TEXT, "text_b": TEXT_B, **query}
    page.goto(f"{server.url}/scores?{urlencode(asked)}")
    wait_for_live_result(page)
    expect(page.get_by_text("How we ask")).to_be_visible()


def wait_for(page: Page, key: str, code: str) -> None:
    page.wait_for_function(
        "([key, code]) => new URLSearchParams(location.search).get(key) === code",
        arg=[key, code],
    )


def test_a_click_on_a_task_asks_it_of_the_same_sentences(page, server):
    visit(page, server, glue="cola")
    page.get_by_role("radio", name="STS-B", exact=True).click()
    wait_for(page, "glue", "stsb")
    near = run(local_engine(), Request(TEXT, TEXT_B, "stsb")).similarity
    assert near is not None
    shown = page.get_by_test_id("stMetric").filter(has_text="Cosine of the two means")
    expect(shown.get_by_test_id("stMetricValue")).to_have_text(f"{near.cosine:.3f}")


def test_a_click_on_a_piece_replaces_it(page, server):
    visit(page, server, glue="stsb", later="electra")
    page.locator(".st-key-electra_before").get_by_text("chased", exact=True).click()
    wait_for(page, "replace", "3")
    after = page.locator(".st-key-electra_after")
    expect(after.get_by_text("dog", exact=True)).to_be_visible()


def test_hostile_words_are_shown_and_not_run(page, server):
    visit(page, server, text=HOSTILE, text_b=HOSTILE, glue="stsb", later="electra")
    assert page.title() != "owned"
    assert page.locator("img[src='x']").count() == 0


def test_a_phone_needs_no_scrolling_sideways(chromium, server):
    tab = chromium.new_page(viewport={"width": 390, "height": 844}, locale="en-GB")
    tab.set_default_timeout(PATIENTLY)
    visit(tab, server, glue="cola", later="electra")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.close()
