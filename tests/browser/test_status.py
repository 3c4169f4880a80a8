"""The teacher's page and the metrics of a real server, while somebody is in a lesson."""

import asyncio
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import expect
from prometheus_client.parser import text_string_to_metric_families

from bench.server import served
from bench.swarm import Session
from pages.ui.catalogue import translate

KEY = "a-key-for-this-test"
SECRET = "zebras in the basement"


@pytest.fixture(scope="module")
def server():
    settings = {"INSIDE_BERT_METRICS": "on", "INSIDE_BERT_STATUS": KEY}
    with served(environment=settings) as running:
        yield running


def answer(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=30) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def scraped(server) -> dict[tuple[str, ...], float]:
    _, text = answer(f"{server.url}/_inside/metrics")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text) for sample in family.samples
    }


def test_metrics_count_pages_and_their_parts_as_visitors_meet_them(server):
    end = time.monotonic() + 120
    while answer(f"{server.url}/_inside/ready")[0] != 200 and time.monotonic() < end:
        time.sleep(0.2)

    async def lesson() -> list[float]:
        visitor = Session(server.url, "attention", {"text": SECRET})
        waits = [await visitor.open(), *[await visitor.slide("head", n) for n in (1, 2)]]
        found.update(scraped(server))
        friend = Session(server.url, "attention", {"text": SECRET})
        await friend.open()
        later.update(scraped(server))
        await friend.close()
        await visitor.close()
        return waits

    found: dict[tuple[str, ...], float] = {}
    later: dict[tuple[str, ...], float] = {}
    with ThreadPoolExecutor(1) as other:  # Playwright's own loop runs in this thread
        opened, *moved = other.submit(lambda: asyncio.run(lesson())).result(120)
    name = "inside_bert_interaction_seconds"
    assert found["inside_bert_sessions",] == 1
    assert found[name + "_count", "page", "attention"] == 1
    assert found[name + "_count", "fragment", "attention"] == 2
    # the server's door is nearer than the visitor's chair
    assert 0 < found[name + "_sum", "page", "attention"] <= opened
    assert 0 < found[name + "_sum", "fragment", "attention"] <= sum(moved)
    assert later["inside_bert_sessions",] == 2
    passes = ("inside_bert_forward_passes_total",)
    assert later[passes] == found[passes] > 0  # the same sentence, opened by a friend
    assert SECRET not in answer(f"{server.url}/_inside/metrics")[1]


def test_the_key_opens_the_page_and_leaves_the_address(server, page):
    page.goto(f"{server.url}/status?lang=en&key=wrong")
    expect(page.get_by_text(translate("en", "status", "locked"))).to_be_visible()
    page.goto(f"{server.url}/status?lang=en&key={KEY}")
    visitors = page.locator(".ib-big > div").first
    expect(visitors).to_contain_text(translate("en", "status", "sessions"))
    page.wait_for_function("() => !location.search.includes('key')")
    before = page.locator(".ib-rest").inner_text()
    assert SECRET not in page.content()
    page.get_by_text("简体中文").click()  # a rerun without the key in the address
    expect(visitors).to_contain_text(translate("zh", "status", "sessions"))
    assert before


def test_the_page_renews_itself(server, page):
    page.goto(f"{server.url}/status?lang=en&key={KEY}")
    told = page.locator(".ib-big .more").last  # of how many interactions since the start
    expect(told).to_be_visible()
    context = page.context.browser.new_context()
    context.new_page().goto(f"{server.url}/wordpiece")
    page.wait_for_function(
        "(before) => [...document.querySelectorAll('.ib-big .more')].at(-1).innerText !== before",
        arg=told.inner_text(),
    )
    context.close()


def test_it_is_in_no_menu(server, page):
    page.goto(f"{server.url}/?lang=en")
    menu = page.get_by_test_id("stSidebarNav")
    expect(menu.get_by_role("link").first).to_be_visible()
    title = translate("en", "common", "title_status")
    expect(menu.get_by_role("link", name=title)).to_have_count(0)
