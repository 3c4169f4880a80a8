"""The layer's diagrams in a real browser: boxes, strips, keys, a phone, hostile words."""

from urllib.parse import urlencode

import numpy as np
import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Locator, Page, expect

from bench.chromium import wait_for_live_result
from bench.server import Server
from core.engine import local_engine
from lessons.layer.lesson import Request, run, stations
from pages.ui.catalogue import translate

TEXT = "The river ran past the bank."
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> </script>"


def visit(page: Page, server: Server, **query: str) -> Page:
    page.goto(f"{server.url}/layer?{urlencode({'lang': 'en', 'text': TEXT, **query})}")
    wait_for_live_result(page)
    return page


def box(page: Page, station: str, nth: int = 0) -> Locator:
    name = translate("en", "layer", f"box_{station}")
    return page.locator(".st-key-block .box").filter(has_text=name).nth(nth)


def heading(page: Page, station: str, rest: str) -> Locator:
    name = translate("en", "layer", f"box_{station}")
    return page.get_by_role("heading", name=f"{name} · {rest}")


def test_a_click_or_enter_on_a_box_opens_its_arithmetic(page, server):
    visit(page, server, token="6", layer="2")
    box(page, "gelu").click()
    neuron = int(run(local_engine(), Request(TEXT, layer=2)).ffn_activation[6].argmax())
    expect(heading(page, "gelu", f"bank · neuron {neuron}")).to_be_visible()
    page.wait_for_function("() => location.search.includes('station=gelu')")
    box(page, "down").focus()
    page.keyboard.press("Enter")
    expect(heading(page, "down", "bank · coordinate 0")).to_be_visible()
    expect(box(page, "down")).to_be_focused()  # the keyboard goes on from where it was
    expect(box(page, "down")).to_have_attribute("aria-pressed", "true")


def test_a_click_on_a_strip_follows_that_coordinate_and_hover_tells_its_number(page, server):
    visit(page, server, token="6", layer="2")
    strip = page.locator(".st-key-block .strip").nth(2)
    strip.scroll_into_view_if_needed()
    place = strip.bounding_box()
    assert place is not None
    at = {"x": place["width"] * 0.5 + 0.2, "y": place["height"] / 2}
    strip.hover(position=at)
    told = page.locator(".st-key-block .tip").inner_text()
    coordinate = int(told[1 : told.index("]")])
    vector = stations(run(local_engine(), Request(TEXT, layer=2)), 6)[2].vector
    assert float(told.split()[1].replace("−", "-")) == pytest.approx(
        float(vector[coordinate]), abs=1e-4
    )
    strip.click(position=at)
    expect(heading(page, "add_attention", f"bank · coordinate {coordinate}")).to_be_visible()
    page.wait_for_function(f"() => location.search.includes('coord={coordinate}')")


def test_the_numbers_beside_the_strips_are_those_of_the_vectors(page, server):
    visit(page, server, token="1", layer="0")
    norms = [s.norm for s in stations(run(local_engine(), Request(TEXT)), 1)]
    shown = page.locator(".st-key-block .stat:first-child b")
    expect(shown).to_have_count(len(norms))  # the block is drawn a moment after the page
    np.testing.assert_allclose([float(t) for t in shown.all_inner_texts()], norms, atol=0.051)


def test_another_piece_is_one_click_away(page, server):
    visit(page, server, token="6")
    page.locator(".st-key-layer_tokens .chip").filter(has_text="river").click()
    expect(heading(page, "attention", "river · coordinate 0")).to_be_visible()


def test_a_part_of_the_transformer_is_explained_when_it_is_clicked(page, server):
    visit(page, server)
    page.locator(".st-key-paper .box").filter(has_text="Masked self-attention").click()
    expect(page.get_by_text("What BERT calls a mask is something else")).to_be_visible()
    page.wait_for_function("() => location.search.includes('part=dec_masked')")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_on_a_phone_boxes_and_strips_stand_under_each_other_and_nothing_sticks_out(
    page, server, language
):
    page.set_viewport_size({"width": 390, "height": 844})
    visit(page, server, lang=language)
    first = page.locator(".st-key-block .box").first.bounding_box()
    strip = page.locator(".st-key-block .strip").first.bounding_box()
    assert first and strip and strip["y"] >= first["y"] + first["height"]
    inside = page.evaluate("""() => [...document.querySelectorAll("*")]
        .filter((node) => node.shadowRoot)
        .flatMap((node) => [...node.shadowRoot.querySelectorAll(".box, .strip, .stat b")])
        .filter((node) => node.offsetParent)
        .every((node) => node.getBoundingClientRect().right <= innerWidth
            && node.scrollWidth <= node.clientWidth + 1)""")
    assert inside


def test_hostile_words_stay_words_in_the_block(page, server):
    visit(page, server, text=HOSTILE, token="1", station="up")
    page.wait_for_timeout(500)
    assert page.title() != "owned"
    assert page.locator("img[src=x]").count() == 0
