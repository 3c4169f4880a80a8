"""A number taken apart in a real browser: a link from a lesson, clicks, keys, the way back."""

import re
from urllib.parse import urlencode

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect

from bench.server import Server
from pages.ui.catalogue import translate

TEXT = "The cat sat on the mat."


def open_page(page: Page, server: Server, slug: str, **query: str) -> None:
    page.goto(f"{server.url}/{slug}?{urlencode({'lang': 'en', 'text': TEXT, **query})}")


def factors(page: Page, level: int):
    return page.locator(f".st-key-derive_{level} button.pill")


FOCUSED = """() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at?.dataset?.step ?? "";
}"""


def test_a_weight_is_followed_from_its_lesson_to_a_factor_and_back_by_keys_and_clicks(page, server):
    open_page(page, server, "attention", layer="2", head="3", q="2", k="1")
    label = translate("en", "common", "trace_link")
    links = page.locator("[data-testid=stPageLink-NavLink]").filter(has_text=label)
    links.nth(3).wait_for()
    links.nth(2).click()  # q, score, weight, z
    factors(page, 0).first.wait_for()
    page.wait_for_url(re.compile(r"/trace\?.*head=3&layer=2&row=2&to=1"))
    factors(page, 0).first.click()
    factors(page, 1).first.wait_for()
    page.wait_for_url(re.compile("path=a&"))
    page.wait_for_function(f"() => ({FOCUSED})() === 'a'")  # the focus stays where it was
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUSED) == "b"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("path=b&"))
    others = page.locator(".st-key-derive_1 button.others")
    if others.count():
        others.click()
        expect(others).to_have_attribute("aria-expanded", "true")
    page.locator("nav.trail button").first.click()
    page.wait_for_function("() => !location.search.includes('path')")


def test_any_term_opens_by_its_number(page, server):
    open_page(page, server, "trace", quantity="q", row="2")
    factors(page, 0).first.wait_for()
    page.get_by_label(translate("en", "trace", "any_term", last=383)).fill("380")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("path=380&"))
    expect(page.locator(".st-key-derive_0 button.pill.open")).to_have_attribute("data-step", "380")


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_runs_over_the_edge(page, server, width):
    page.set_viewport_size({"width": width, "height": 844})
    open_page(page, server, "trace", path="a.a.a.a.5.17")
    factors(page, 2).first.wait_for()
    page.wait_for_timeout(1500)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
    wide = page.evaluate("""() => [...document.querySelectorAll("[class*=st-key-derive_]")]
        .flatMap((card) => [...card.querySelectorAll("*")].filter((n) => n.shadowRoot)
            .flatMap((n) => [...n.shadowRoot.querySelectorAll("button, .term")]))
        .filter((n) => n.getBoundingClientRect().right > innerWidth + 1).length""")
    assert wide == 0
