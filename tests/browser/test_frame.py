"""The frame in a real browser: deep links, Back, reload, the address bar, a rerun's cost."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect

from bench.server import served
from bench.swarm import Session
from pages.ui.catalogue import translate

TEXT = "A quiet zebra watched the hill."


def query(page: Page) -> dict[str, str]:
    return {key: values[-1] for key, values in
            parse_qs(urlsplit(page.url).query, keep_blank_values=True).items()}


def wait_for_address(page: Page, **wanted: str) -> None:
    """Until the address bar says so."""
    page.wait_for_function(
        "(wanted) => { const q = new URLSearchParams(location.search);"
        " return Object.entries(wanted).every(([k, v]) => q.get(k) === v); }",
        arg=wanted,
    )


def expect_lesson(page: Page, slug: str, language: str) -> None:
    title = translate(language, "common", f"title_{slug}")
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()


def open_from_menu(page: Page, slug: str, language: str) -> None:
    title = translate(language, "common", f"title_{slug}")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
    expect_lesson(page, slug, language)


def sentence(page: Page):
    return page.locator("textarea").first


def test_a_deep_link_on_a_fresh_server_shows_frame_page_and_language_and_no_modal(page):
    with served() as fresh:
        page.goto(f"{fresh.url}/attention?lang=zh")
        expect_lesson(page, "attention", "zh")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_test_id("stSidebarNav")).to_be_visible()
        expect(page.get_by_text(translate("zh", "common", "presenter"))).to_be_visible()
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_language_and_sentence_survive_navigation_back_and_reload(page, server):
    page.goto(f"{server.url}/wordpiece?lang=zh")
    expect_lesson(page, "wordpiece", "zh")
    sentence(page).fill(TEXT)
    sentence(page).press("Control+Enter")
    wait_for_address(page, text=TEXT, lang="zh")
    open_from_menu(page, "embeddings", "zh")
    expect(sentence(page)).to_have_value(TEXT)
    wait_for_address(page, text=TEXT, lang="zh")
    page.go_back()
    expect_lesson(page, "wordpiece", "zh")
    expect(sentence(page)).to_have_value(TEXT)
    page.reload()
    expect_lesson(page, "wordpiece", "zh")
    expect(sentence(page)).to_have_value(TEXT)


def test_the_address_bar_reproduces_the_screen_for_somebody_else(page, server, chromium):
    page.goto(f"{server.url}/attention?lang=en&layer=2")
    expect_lesson(page, "attention", "en")
    causal = translate("zh", "attention", "mask_causal")
    page.get_by_text(translate("en", "attention", "mask_causal"), exact=True).click()
    wait_for_address(page, mask="causal", layer="2")
    page.get_by_text("简体中文").click()
    expect_lesson(page, "attention", "zh")
    wait_for_address(page, lang="zh", mask="causal", layer="2", model="embedded")
    other = chromium.new_page(locale="en-US")
    other.goto(page.url)
    expect_lesson(other, "attention", "zh")
    chosen = other.get_by_role("radio", name=causal)
    expect(chosen).to_be_checked()
    wait_for_address(other, lang="zh", mask="causal", layer="2")
    other.close()


def test_on_a_low_screen_the_menu_shows_the_pages_own_entry_above_the_controls(page, server):
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{server.url}/nsp?lang=en")
    expect_lesson(page, "nsp", "en")
    entry = page.locator("[data-testid=stSidebarNavLink][aria-current=page]")
    expect(entry).to_be_in_viewport()
    controls = page.get_by_test_id("stSidebarUserContent")
    expect(controls).to_be_in_viewport(ratio=1)
    page.wait_for_function(
        "() => { const box = (of) => document.querySelector(of).getBoundingClientRect();"
        " return box('[data-testid=stSidebarNavLink][aria-current=page]').bottom"
        " <= box('[data-testid=stSidebarUserContent]').top; }"
    )


def test_going_back_is_one_step_however_many_controls_were_moved(page, server):
    page.goto(f"{server.url}/wordpiece?lang=en")
    expect_lesson(page, "wordpiece", "en")
    wait_for_address(page, model="embedded")
    open_from_menu(page, "attention", "en")
    slider = page.get_by_role("slider").first
    expect(slider).to_be_visible()
    for layer in ("1", "2", "3"):
        slider.press("ArrowRight")
        wait_for_address(page, layer=layer)
    page.go_back()
    expect_lesson(page, "wordpiece", "en")
    assert "layer" not in query(page)


def test_a_station_on_the_path_leads_to_its_lesson_with_the_sentence(page, server):
    page.goto(f"{server.url}/wordpiece?lang=en&text={TEXT.replace(' ', '+')}")
    expect_lesson(page, "wordpiece", "en")
    station = page.get_by_label(translate("en", "common", "strip")).get_by_role("link")
    station.filter(has_text=translate("en", "common", "station_attention")).click()
    expect_lesson(page, "attention", "en")
    expect(sentence(page)).to_have_value(TEXT)


def test_the_link_button_copies_the_address(page, server, chromium):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{server.url}/wordpiece?lang=en")
    expect_lesson(page, "wordpiece", "en")
    wait_for_address(page, model="embedded")
    page.get_by_role("button", name=translate("en", "common", "link")).click()
    expect(page.get_by_text(translate("en", "common", "link_done"))).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


@pytest.mark.skipif(sys.platform != "linux", reason="processor time is read from /proc")
def test_a_fragment_rerun_costs_at_most_40_ms_of_processor_time_with_torch_loaded(server):
    async def milliseconds_a_rerun(count: int) -> float:
        session = Session(server.url, "attention", {"lang": "en"})
        await session.open()
        for layer in range(6):  # every layer's result is in the cache from here on
            await session.slide("layer", layer)
        before = server.cpu_seconds()
        for step in range(count):
            await session.slide("layer", step % 6)
        spent = server.cpu_seconds() - before
        await session.close()
        assert session.exceptions == 0
        return 1000 * spent / count

    with ThreadPoolExecutor(1) as beside:  # Playwright's own loop runs in this thread
        assert beside.submit(asyncio.run, milliseconds_a_rerun(60)).result() <= 40
