"""The judges page: its numbers are the lesson's, in both languages; bad input gets a sentence."""

from dataclasses import replace
from functools import partial

import pytest

from core.engine import local_engine
from lessons.judges.gallery import requests, score
from lessons.judges.lesson import Request, judged, run
from lessons.text import LANGUAGES, presets
from lessons.theme import percent
from pages import ui
from tests import visit
from tests.visit import ran, written

TEXT = "The man went to the store to buy a gallon of [MASK]."
TEXT_B = "He paid and walked home."


pytestmark = pytest.mark.usefixtures("model")
opened = partial(visit.opened, "pages/inside/judges.py", text=TEXT, text_b="")
say = partial(visit.say, "judges")


def favourites(page):
    return [m.value for m in page.metric]


def named(result):
    return [f"“{ui.escape_markdown(result.tokens[j.favourite])}”" for j in result.judges]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_favourites_and_what_their_absence_does_are_the_lessons(language):
    page = opened(language)
    result = run(local_engine(), Request(TEXT))
    assert favourites(page) == named(result)
    told = written(page)
    for judge in result.judges:
        assert say("without", language, what=f"P({result.word})", before=percent(result.p),
                   after=percent(result.without(judge.favourite))) in told
    taus = page.table[2].value
    assert [float(t.replace("\u2212", "-")) for t in taus.iloc[:, 1]] == pytest.approx(
        [a.kendall for a in result.agreements], abs=0.006
    )


def test_every_way_of_judging_stands_in_the_link():
    page = opened(looks="head", layer="2", head="3", grad="integrated", base="zero", steps="8",
                  leave="deleted", rank_by="signed", specials="true")
    result = run(local_engine(), Request(
        TEXT, attention="head", layer=2, head=3, gradient="integrated", baseline="zero", steps=8,
        leaving="deleted", order="signed", pieces="all",
    ))
    assert favourites(page) == named(result)
    assert "is not possible here" not in written(page)
    assert "gap of" in written(page)


def test_a_pair_without_a_blank_is_judged_by_the_next_sentence():
    page = opened(text="She opened the door of the house.", text_b="The rooms were dark.")
    result = run(local_engine(), Request(
        "She opened the door of the house.", "The rooms were dark.", watch="nsp"
    ))
    assert f"P(IsNext) = {percent(result.p)}" in written(page)
    assert favourites(page) == named(result)


def test_of_a_pair_with_a_blank_the_learner_chooses_what_is_judged():
    assert "P(IsNext) =" in written(opened(text_b=TEXT_B, watch="nsp"))
    assert "P(IsNext) =" not in written(opened(text_b=TEXT_B))


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_blank_and_a_second_sentence_the_page_says_what_to_do(language):
    page = opened(language, text="The cat sat on the mat.")
    assert say("no_blank", language) in written(page) and not page.metric


def test_of_several_blanks_the_first_is_judged_and_the_page_says_so():
    page = opened(text="The [MASK] sat on the [MASK].")
    assert say("first_blank", blanks=2, place=2) in written(page)
    assert len(page.metric) == 3


@pytest.mark.parametrize("text", ["[MASK]", "[MASK] x"])
def test_too_few_pieces_to_rank_are_told(text):
    page = opened(text=text)
    assert not page.metric
    assert say("too_few", least=3, count=len(text.split()) - 1) in written(page)


def test_a_word_that_is_not_one_piece_gets_a_sentence_and_the_models_word_is_judged():
    page = opened(word="milkmaidenly")
    assert any("milkmaidenly" in w.value for w in page.warning)
    assert len(page.metric) == 3


def test_the_verdicts_stay_hidden_until_the_learner_has_guessed():
    page = opened(guess="true")
    assert not page.metric
    result = run(local_engine(), Request(TEXT))
    question = say("ask_first", what=f"P({result.word})")
    (guess,) = [r for r in page.radio if r.label == question]
    assert guess.options[0] == "1 the" and len(guess.options) == len(result.rated)
    guess.set_value("9 a")
    ran(next(b for b in page.button if b.label == "That is my guess").click())
    assert len(page.metric) == 3 and "Your guess: **a**" in written(page)


def test_a_long_text_is_judged_when_the_learner_asks():
    page = opened(text="word " * 100 + "[MASK]")
    assert not page.metric and say("long_trial") in written(page)


def test_the_hunt_ticks_what_this_sentence_shows_and_keeps_it():
    page = opened()
    result = run(local_engine(), Request(TEXT))
    differ = not result.agreement(0, 2).same_first
    state = say("found_now" if differ else "not_found")
    assert f"{say('challenge_differ')} · *{state}*" in written(page)
    found = set(page.session_state["_judges_found"])
    page.text_area(key="text").set_value("It is [MASK] that he left.")
    ran(page)
    assert found <= set(page.session_state["_judges_found"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_examples_are_judged_on_demand_by_the_chosen_ways(language):
    page = opened(language, looks="mean")
    shown = [p for p in presets("judges") if language in p.languages]
    before = len(page.table)
    ran(next(b for b in page.button if b.label == say("judge_all", language)).click())
    assert len(page.table) == before + 1
    ways = replace(Request(TEXT), attention="mean")
    results = [judged(local_engine(), r) for r in requests(shown, ways)]
    rows = page.table[-1].value
    assert len(rows) == len(shown)
    total = score(results)
    assert f"**{total.same_first[0]}**" in written(page)
    assert say(
        "gallery_made", language, looks=say("looks_mean", language),
        grad=say("grad_gradient", language), leave=say("leave_masked", language),
        rank_by=say("rank_by_size", language),
    ) in written(page)


def test_a_learners_words_are_not_read_as_markup():
    page = opened(text="# **bold** `code` :red[x] [MASK] <script>alert(1)</script>")
    assert len(page.metric) == 3
    assert "\\*" in "".join(m.value for m in page.metric) or "**bold**" not in written(page)
