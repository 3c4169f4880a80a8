"""Why not a recurrent net, as a learner meets it: training, gates, gradients, the race."""

from functools import partial

import pytest

from core.errors import ModelUnavailable
from core.vectors import elmo
from lessons.recurrent import lesson, race
from lessons.recurrent.small import Request as SmallRequest
from lessons.text import LANGUAGES
from pages.ui.catalogue import translate
from tests import visit
from tests.small_vectors import random_elmo
from tests.visit import ran

TEXT = "The man sat in the bank of the river."


pytestmark = pytest.mark.usefixtures("model")


@pytest.fixture
def stand_in(monkeypatch):
    both = random_elmo()
    monkeypatch.setattr(elmo, "load", lambda: both)
    return both


@pytest.fixture
def no_elmo(monkeypatch):
    def missing():
        raise ModelUnavailable("ELMo", "its files are missing.")

    monkeypatch.setattr(elmo, "load", missing)


opened = partial(visit.opened, "pages/vectors/recurrent.py", text=TEXT)


def told(page):
    return [item.value for item in (*page.info, *page.warning)]


def test_untrained_networks_say_so_and_a_click_trains_them(no_elmo):
    page = opened()
    assert translate("en", "recurrent", "untrained_note") in told(page)
    assert not page.metric
    ran(next(b for b in page.button if b.label.startswith("Train all three")).click())
    assert page.slider(key="rn_steps").value == 150
    assert len(page.metric) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_elmo_one_sentence_and_the_small_lstm(language, no_elmo):
    page = opened(language)
    assert told(page).count(translate(language, "recurrent", "elmo_missing")) == 1
    assert page.button_group(key="rn_net").value == "lstm"


@pytest.mark.parametrize("net", ["elmo", "lstm", "rnn"])
def test_the_numbers_of_one_unit_are_those_of_the_lesson(net, stand_in):
    page = opened(rn_net=net, rn_word="3")
    trained = lesson.networks(None, SmallRequest(TEXT))
    cell = {"elmo": lambda: lesson.run(None, lesson.Request(TEXT)),
            "lstm": lambda: trained.lstm, "rnn": lambda: trained.rnn}[net]()
    h = lesson.follow(cell, 3, cell.units[0]).values["h"]
    shown = " ".join(latex.value for latex in page.latex)
    assert f"{h:.4f}".replace("-", "−") in shown


def test_the_gradient_table_has_every_network_there_is(stand_in):
    page = opened()
    header = translate("en", "recurrent", "network")
    names = list(next(t.value for t in page.table if header in t.value)[header])
    assert len(names) == 5
    assert "ELMo's LSTM" in names and "BERT, layer 0" in names


def test_a_guess_comes_before_who_learned(no_elmo):
    page = opened(rn_steps="30", rn_length="4", guess="true")
    assert not page.metric
    radio = next(r for r in page.radio if not (r.key or "").startswith("_quiz_"))
    radio.set_value(radio.options[1])
    commit = translate("en", "common", "guess_commit")
    ran(next(b for b in page.button if b.label == commit).click())
    assert len(page.metric) == 3


def test_the_race_runs_when_it_is_started_and_again(no_elmo, monkeypatch):
    monkeypatch.setattr(race, "LENGTHS", (8, 16))
    page = opened(rn_race="true")
    again = translate("en", "recurrent", "again")
    assert any(m.value.startswith("At 16 pieces the LSTM needs") for m in page.markdown)
    ran(next(b for b in page.button if b.label == again).click())
    assert page.session_state["_rounds"] == 2


@pytest.mark.parametrize("text", ["", "word", "word word"])
def test_a_text_of_one_word_is_one_sentence_and_stays(text, no_elmo):
    page = opened(text=text)
    count = len(set(text.split()))
    sentence = translate("en", "common", "errors_too_few_words", least=2, count=count)
    assert sentence in told(page)
    assert page.text_area(key="text").value == text
