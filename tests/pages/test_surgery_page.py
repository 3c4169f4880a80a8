"""The surgery page: what is off stands in the link, and every number is the lesson's."""

import threading
from functools import partial

import pytest

from core.engine import local_engine
from core.errors import Cancelled
from lessons.surgery import effects, table
from lessons.surgery.lesson import Request, run
from lessons.text import LANGUAGES
from lessons.theme import percent
from pages.inside import surgery_effects
from tests import visit
from tests.visit import ran, settled, written

TEXT = "The man went to the store to buy a gallon of [MASK]."
TEXT_B = "He paid and walked home."


pytestmark = pytest.mark.usefixtures("model")
opened = partial(visit.opened, "pages/inside/surgery.py", text=TEXT, text_b=TEXT_B)
say = partial(visit.say, "surgery")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_numbers_before_and_after_are_the_lessons(language):
    page = opened(language, off="3.*")
    result = run(local_engine(), Request(TEXT, TEXT_B, off="3.*"))
    words = result.words
    values = {m.label: m.value for m in page.metric}
    name = words.tokens[words.watched]
    assert values[f"P({name}): {percent(words.before[words.watched])} →"] == percent(
        words.after[words.watched]
    )
    assert values[f"P(IsNext): {percent(result.next_before)} →"] == percent(result.next_after)
    kept = words.top("before") == words.top("after")
    assert say("top_kept" if kept else "top_changed", language, off=12, before=words.top("before"),
               after=words.top("after")) in written(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_page_concludes_is_filled_from_the_results(language):
    page = opened(language, off="0.3,4.7", layer="2", seed="5")
    swept = effects.run(local_engine(), effects.Request(TEXT, TEXT_B))
    cut = table.run(local_engine(), table.Request(TEXT, TEXT_B, layer=2, seed=5))
    told = written(page)
    assert percent(swept.together) in told and f"{len(swept.idle)}" in told
    assert say("say_survived", language, survived=cut.survived, all=8, word=cut.word) in told
    assert say(f"row_{cut.worst.name}", language, layer=2) in told
    assert page.table[-1].value.shape == (9, 4)


def test_all_off_and_all_on_are_one_click_each():
    page = opened()
    count = say("count_off", off=72, all=72)
    ran(next(b for b in page.button if b.label == say("all_off")).click())
    assert count in written(page)
    assert page.session_state["off"] == ",".join(f"{n}.*" for n in range(6))
    ran(next(b for b in page.button if b.label == say("all_on")).click())
    assert say("switch_first") in written(page)


@pytest.mark.parametrize("code", ["9.0", "0.12", "<script>", "0.3;4.7"])
def test_a_code_that_names_no_head_falls_back_to_all_on_and_says_so(code):
    page = opened(off=code)
    assert say("count_off", off=0, all=72) in written(page)
    assert "is not possible here" in written(page)


def test_heads_of_the_last_layer_move_no_attention():
    page = opened(off="5.0-5")
    assert "No layer comes after it" in written(page)


def test_a_sentence_alone_without_a_blank_says_what_to_do():
    page = opened(text="The cat sat on the mat.", text_b="")
    assert say("no_blank") in written(page) and say("nothing_to_watch") in written(page)
    assert not page.metric


def test_a_pair_without_a_blank_watches_the_next_sentence():
    page = opened(text="The cat sat on the mat.", text_b="It was tired.", off="0.0")
    assert [m.label[:9] for m in page.metric] == ["P(IsNext)"]


def test_a_word_that_is_not_one_piece_gets_a_sentence_and_the_page_goes_on():
    page = opened(word="milkmaidenly")
    assert any("milkmaidenly" in w.value for w in page.warning)
    assert page.metric and page.table


def test_the_second_blank_can_be_chosen_in_the_link():
    page = opened(text="The [MASK] sat on the [MASK].", text_b="", blank="1")
    words = run(local_engine(), Request("The [MASK] sat on the [MASK].", blank=1)).words
    assert page.metric[0].label == f"P({words.tokens[0]})"


def test_answers_stay_hidden_until_the_learner_has_guessed():
    page = opened(off="3.*", guess="true")
    assert not page.metric and not page.table
    guesses = [r for r in page.radio if r.label == say("ask_survives", word="money")]
    assert len(guesses) == 1
    guesses[0].set_value(say("yes"))
    ran(next(b for b in page.button if b.label == "That is my guess").click())
    assert say("your_guess", mine="yes", models="").split("The model")[0] in written(page)
    assert page.metric


def test_a_long_text_is_swept_only_when_asked_for():
    page = opened(text="word " * 200 + "[MASK]", text_b="")
    assert say("make_map") in [b.label for b in page.button]


def test_a_long_sweep_is_made_beside_the_page_and_is_the_lessons(monkeypatch):
    monkeypatch.setattr(effects, "LIGHT_WORK", 0)
    request = effects.Request("Paris is the [MASK] of France.")
    page = opened(text=request.text, text_b="")
    assert not any("P(" in part.value and "together" in part.value for part in page.markdown)
    page = settled(ran(next(b for b in page.button if b.label == say("make_map")).click()))
    assert percent(effects.run(local_engine(), request).together) in written(page)
    assert say("make_map") not in [b.label for b in page.button]


def test_a_long_sweep_can_be_stopped_and_started_again(monkeypatch):
    whole, hold = effects.run, threading.Event()

    def slow(engine, request, tell):
        while not hold.wait(0.02):
            if tell(0.5) is False:
                raise Cancelled
        return whole(engine, request, tell)

    monkeypatch.setattr(effects, "LIGHT_WORK", 0)
    monkeypatch.setattr(surgery_effects, "run", slow)
    page = opened(text="Rome is the [MASK] of Italy.", text_b="")
    page = ran(next(b for b in page.button if b.label == say("make_map")).click())
    page = ran(next(b for b in page.button if b.label == "Stop").click())
    hold.set()
    page = settled(ran(next(b for b in page.button if b.label == say("make_map")).click()))
    swept_here = whole(local_engine(), effects.Request("Rome is the [MASK] of Italy."))
    assert percent(swept_here.together) in written(page)
