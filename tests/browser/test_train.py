"""A training in a real browser: click, moving curves, an answer; stop, leave, a phone."""

import time
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Browser, Page, expect

from bench.chromium import wait_for_lesson
from bench.server import Server

PATIENTLY = 240_000
WITHIN = 90  # seconds; bench/live_training.py has the goal of 20 on two quiet cores
SHORT = "\n".join(
    f"{label}\t{text}" for label, text in (
        ("weather", "Heavy rain tonight"), ("sport", "The striker scored twice"),
        ("weather", "Sunny and warm"), ("sport", "She won the final"),
        ("weather", "Snow on the hills"), ("sport", "He saved a penalty"),
    )
)
LONG = "\n".join(  # minutes of training: a stop always finds it at work
    f"{label}\t{text}, day {day}" for day in range(16) for label, text in (
        ("weather", "Heavy rain tonight over the hills"), ("sport", "The striker scored twice"),
        ("weather", "Sunny and warm by the sea"), ("sport", "She won the final in two sets"),
    )
)
HOSTILE = "<img src=x onerror=\"document.title='owned'\">"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    tab = chromium.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
    tab.set_default_timeout(PATIENTLY)
    yield tab
    tab.close()


def visit(page: Page, server: Server, **query: str) -> None:
    page.goto(f"{server.url}/train?{urlencode({'lang': 'en', **query})}")
    wait_for_lesson(page, PATIENTLY / 1000)


def start(page: Page) -> None:
    page.locator(".st-key-_train_start button").click()


def answer(page: Page):
    return page.locator(".st-key-train_answer [data-testid=stMetricValue]")


def test_from_a_click_to_spam_for_buy_these_pills(page, server):
    visit(page, server, text="Buy these pills")
    page.wait_for_timeout(8000)
    began = time.monotonic()
    start(page)
    expect(page.locator(".st-key-train_losses")).to_be_visible(timeout=PATIENTLY)
    expect(page.get_by_text("steps a second").first).to_be_visible(timeout=PATIENTLY)
    expect(answer(page)).to_have_text("spam", timeout=PATIENTLY)
    assert time.monotonic() - began <= WITHIN
    for picture in ("cloud_before", "cloud_after", "confusion"):
        expect(page.locator(f".st-key-{picture}")).to_be_visible()


def test_stop_keeps_what_it_has_and_the_page_answers(page, server):
    visit(page, server, text="Rain at last", lines=LONG, mode="all", epochs_all="20")
    start(page)
    expect(page.get_by_text("steps a second").first).to_be_visible(timeout=PATIENTLY)
    page.locator(".st-key-_train_stop button").click()
    expect(page.get_by_text("What it had learned by then is below").first).to_be_visible(
        timeout=PATIENTLY
    )
    expect(answer(page)).to_be_visible()


def test_a_closed_browser_frees_the_place_for_the_next(chromium, page, server):
    leaving = chromium.new_page(locale="en-GB")
    leaving.set_default_timeout(PATIENTLY)
    visit(leaving, server, mode="all", epochs_all="20")
    start(leaving)
    expect(leaving.locator(".st-key-train_losses")).to_be_visible(timeout=PATIENTLY)
    leaving.close()
    visit(page, server, text="Rain at last", lines=SHORT, mode="head", epochs_head="5")
    start(page)
    expect(answer(page)).to_be_visible(timeout=PATIENTLY)


def test_a_click_on_a_point_shows_its_line(page, server):
    visit(page, server, text="Rain at last", lines=SHORT, mode="head", epochs_head="5")
    start(page)
    points = page.locator(".st-key-cloud_before .points path")
    expect(points).to_have_count(6, timeout=PATIENTLY)
    page.wait_for_timeout(1000)  # until the page no longer grows above it
    points.first.scroll_into_view_if_needed()
    box = points.first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    shown = page.get_by_test_id("stAlert").filter(has_text="weather")
    expect(shown.first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_needs_no_scrolling_sideways_and_hostile_lines_do_not_run(
    chromium, server, scheme
):
    tab = chromium.new_page(
        viewport={"width": 390, "height": 844}, color_scheme=scheme, locale="en-GB"
    )
    tab.set_default_timeout(PATIENTLY)
    rows = SHORT.replace("weather", HOSTILE[:40]).replace("Snow on the hills", HOSTILE)
    visit(tab, server, text=HOSTILE, lines=rows, mode="head", epochs_head="5")
    start(tab)
    expect(answer(tab)).to_be_visible(timeout=PATIENTLY)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tab.title() != "owned" and tab.locator("img[src='x']").count() == 0
    tab.close()
