"""The stock page in a real browser, from opening to the table, with the network unplugged."""

import re
from urllib.parse import urlencode, urlsplit

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, Route, expect

from bench.server import Server
from lessons.stocks import beforehand
from lessons.stocks.lesson import Request
from lessons.theme import percent

TEXT = "$AAPL beats expectations"


def visit(page: Page, server: Server, **query: str) -> list[str]:
    """Open the page with every other host cut off; who was asked for nevertheless."""
    strangers: list[str] = []

    def only_here(route: Route) -> None:
        if urlsplit(route.request.url).hostname in ("127.0.0.1", "localhost"):
            route.continue_()
            return
        strangers.append(route.request.url)
        route.abort()

    page.route("**/*", only_here)
    page.goto(f"{server.url}/stocks?{urlencode({'lang': 'en', 'text': TEXT, **query})}")
    expect(page.get_by_role("heading", name="How the classifiers stand")).to_be_visible()
    return strangers


def wait_for(page: Page, key: str, code: str) -> None:
    page.wait_for_function(
        "([key, code]) => new URLSearchParams(location.search).get(key) === code", arg=[key, code]
    )


def test_from_opening_to_the_table_nothing_leaves_the_machine(page, server):
    strangers = visit(page, server)
    report = beforehand.load(Request())
    assert report is not None
    table = page.get_by_test_id("stTable").filter(has_text="Gradient boosting").first
    for row in report.rows:
        expect(table).to_contain_text(percent(row.scores.accuracy))
    expect(page.locator(".ib-pipeline")).to_contain_text(f"{report.rows[0].n:,} judged")
    expect(page.locator(".ib-matrix")).to_have_count(len(report.rows))
    expect(page.get_by_text("Computed beforehand from the shipped table")).to_be_visible()
    assert strangers == []


def test_the_story_leads_from_the_great_score_to_the_leak_and_out_of_it(page, server):
    visit(page, server)
    page.get_by_role("radio", name="1. A great score").or_(
        page.get_by_role("button", name="1. A great score")
    ).first.click()
    wait_for(page, "split", "random")
    expect(page.get_by_text(re.compile("have their very day on the learning side"))).to_be_visible()
    page.get_by_role("button", name="Next: Why so great?").click()
    page.get_by_role("button", name="Next: Nothing from the future").click()
    page.wait_for_function(
        "() => !new URLSearchParams(location.search).has('split')"
    )
    expect(page.get_by_text("No judged day stands on the learning side")).to_be_visible()


def test_settings_that_were_never_judged_are_judged_with_progress_and_can_be_stopped(page, server):
    visit(page, server, ticker="AAPL")
    page.get_by_text("Shuffle the labels", exact=True).click()
    wait_for(page, "shuffled", "true")
    expect(page.get_by_text("The settings above have not been judged yet.")).to_be_visible()
    page.get_by_role("button", name="Judge the classifiers").click()
    expect(page.get_by_text("Computed on this machine just now")).to_be_visible(timeout=240_000)


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_screen(page, server, width):
    page.set_viewport_size({"width": width, "height": 844})
    visit(page, server)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")
    box = page.locator(".ib-pipeline").bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width
