"""The four shapes in a real browser: cards, outputs and words clicked, tiles that scroll, a phone.

The tasks are those whose adapter is shipped; of others nothing is tested here.
"""

from urllib.parse import urlencode

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect

from bench.chromium import wait_for_live_result
from bench.server import Server
from core.engine import local_engine
from core.tasks.adapter import is_here
from lessons.tasks.lesson import Request, run
from lessons.tasks.reading import default_piece
from lessons.theme import number

PATIENTLY = 60_000
TEXT = "She sold the unbelievable grasshopper in Paris."
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> </script> ok"


def visit(page: Page, server: Server, **query: str) -> None:
    asked = {"lang": "en", "text": TEXT, "text_b": "", "task": "pos", **query}
    page.goto(f"{server.url}/tasks?{urlencode(asked)}")
    wait_for_live_result(page)
    expect(page.locator(".st-key-shape .output").first).to_be_visible()


def wait_for(page: Page, key: str, code: str) -> None:
    page.wait_for_function(
        "([key, code]) => new URLSearchParams(location.search).get(key) === code",
        arg=[key, code],
    )


def test_a_card_chooses_the_task_and_the_text_stays(page, server):
    visit(page, server)
    page.locator(".st-key-task_cards").get_by_role("button", name="spam").click()
    wait_for(page, "task", "spam")
    wait_for(page, "text", TEXT)
    said = run(local_engine(), Request(TEXT, task="spam")).answer
    shown = {"ham": "no spam", "spam": "spam"}[said.label]
    expect(page.locator(".st-key-shape .top.wide b")).to_have_text(shown)
    expect(page.locator(".st-key-shape .output.lit")).to_have_count(1)


def test_every_output_is_drawn_and_those_that_are_read_are_lit(page, server):
    visit(page, server)
    answer = run(local_engine(), Request(TEXT, task="pos")).answer
    expect(page.locator(".st-key-shape .output")).to_have_count(len(answer.encoded))
    expect(page.locator(".st-key-shape .output.lit")).to_have_count(len(answer.words))
    tops = page.locator(".st-key-shape .top b").all_text_contents()
    assert tops == [word.tag for word in answer.words]


def test_a_click_on_an_output_opens_its_vector_and_its_sum(page, server):
    visit(page, server, task="spam")
    page.locator(".st-key-shape .output").nth(2).click()
    wait_for(page, "tk_out", "2")
    expect(page.get_by_text("The head does not read T₂")).to_be_visible()


def test_a_click_on_a_word_opens_it(page, server):
    visit(page, server)
    result = run(local_engine(), Request(TEXT, task="pos"))
    word = next(w for w in result.answer.words if w.text == "Paris")
    assert word.piece != default_piece(result)
    page.locator(".st-key-tk_words").get_by_role("button", name="Paris").click()
    wait_for(page, "tk_out", str(word.piece))
    logit = max(word.logits)
    expect(page.get_by_text(f"= {number(logit)}, taken apart")).to_be_visible()


def test_a_click_on_a_row_of_the_head_takes_its_number_apart(page, server):
    visit(page, server, task="spam")
    bands = page.locator(".st-key-tk_head .over")
    box = bands.bounding_box()
    assert box is not None
    answer = run(local_engine(), Request(TEXT, task="spam")).answer
    bands.click(position={"x": box["width"] / 2, "y": 30})  # the first of the two rows
    wait_for_first = "ham" if answer.label != "ham" else None
    if wait_for_first:
        wait_for(page, "tk_row", wait_for_first)
    expect(page.get_by_text(f"= {number(answer.logits[0])}, taken apart")).to_be_visible()


def test_an_answer_is_marked_in_its_paragraph(page, server):
    if not is_here("qa"):
        pytest.skip("the head for qa is not trained yet")
    text, text_b = "Where did she sell it?", "She sold the old grasshopper in Paris."
    visit(page, server, task="qa", text=text, text_b=text_b)
    best = run(local_engine(), Request(text, text_b, "qa")).answer.spans[0]
    expect(page.locator(".st-key-tk_paragraph .mark .word")).to_have_text(best.text)


def test_hostile_words_are_shown_and_not_run(page, server):
    visit(page, server, text=HOSTILE)
    assert page.title() != "owned"
    assert page.locator("img[src='x']").count() == 0


def test_a_phone_scrolls_the_diagram_and_not_the_page(chromium, server):
    tab = chromium.new_page(viewport={"width": 390, "height": 844}, locale="en-GB")
    tab.set_default_timeout(PATIENTLY)
    visit(tab, server, text=TEXT + " " + TEXT)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    scroller = tab.locator(".st-key-shape .scroller")
    assert scroller.evaluate("e => e.scrollWidth > e.clientWidth")
    tab.close()
