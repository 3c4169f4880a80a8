"""The page of layers: the word that is looked at, its numbers, the grid of tags, the figures."""

from functools import partial
from pathlib import Path

import pytest

from core.engine import local_engine
from core.tasks import adapter
from lessons.layers import measured
from lessons.layers.figures import per_cent
from lessons.layers.lesson import Request, run
from lessons.text import LANGUAGES
from tests import visit
from tests.visit import ran_well as ran
from tests.visit import written

ROOT = Path(__file__).parents[2]
RIVER, MONEY = "She sat on the bank of the river.", "He put his money in the bank."


pytestmark = pytest.mark.usefixtures("model")


@pytest.fixture(scope="module")
def bank():
    return run(local_engine(), Request(RIVER, "bank", MONEY))


opened = partial(visit.opened, "pages/using/layers.py", check=ran, text=RIVER, text_b=MONEY)
say = partial(visit.say, "layers")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_how_alike_the_word_is_under_the_choices(language, bank):
    page = opened(language)
    told = written(page)
    assert f"{max(bank.to_second):.2f}" in told and f"{min(bank.to_second):.2f}" in told
    near = page.table[0].value
    assert len(near) == len(bank.names) == 10
    assert f"{bank.nearest[3][0].cosine:.2f}" in near.iloc[3, 1]


def test_an_examples_sentence_brings_its_word_and_another_its_longest():
    assert "Looking at **bank**" in written(opened())
    assert "Looking at **elephant**" in written(opened(text="An elephant ran.", text_b=""))


def test_the_word_and_its_occurrence_stand_in_the_link():
    text = "They book a room and read a book."
    told = written(opened(text=text, text_b="", word="book", nth="2"))
    second = run(local_engine(), Request(text, "book", nth=2))
    assert "Looking at **book**" in told
    page = opened(text=text, text_b="", word="book", nth="2")
    assert f"{second.nearest[0][0].cosine:.2f}" in page.table[0].value.iloc[0, 1]


def test_a_word_that_has_gone_is_told_and_another_is_looked_at():
    told = written(opened(word="castle"))
    assert say("word_gone", word="castle", other="bank") in told


def test_a_second_sentence_is_asked_for_and_one_without_the_word_is_told():
    assert say("second_hint", word="bank") in written(opened(text_b=""))
    assert say("second_without", word="bank") in written(opened(text_b="Money."))


def test_a_word_of_several_pieces_says_that_it_is_their_mean():
    told = written(opened(text="The hydrothermodynamics of it.", text_b=""))
    assert "the mean of theirs" in told and "`hydro`" in told


@pytest.mark.parametrize("text", [" ", "\u200b"])
def test_a_sentence_without_words_gets_a_sentence_and_the_figures_stay(text):
    page = opened(text=text, text_b="")
    assert page.warning
    assert say("published_title") in written(page)


def test_a_learners_words_are_not_read_as_markup():
    told = written(opened(text="A **bold** <b>word</b> :red[x]", text_b="", word=":red[x]"))
    assert "**:red[x]**" not in told


@pytest.mark.parametrize("task", measured.TASKS)
def test_the_grid_counts_what_each_layer_has_right(task, bank):
    if not bank.taggings:
        pytest.skip("no probes are stored")
    told = written(opened(probe=task))
    tagging = bank.tagging(task)
    if adapter.is_here(task):
        from core.contract import TaskRequest

        said = local_engine().task(TaskRequest(task, RIVER)).words
        wanted = [tagging.labels.index(word.tag) for word in said]
    else:
        wanted = tagging.tags[-1]
    counts = ", ".join(say("tags_at", layer=n, right=int((row == wanted).sum()))
                       for n, row in enumerate(tagging.tags))
    assert say("tags_settled", all=len(wanted), counts=counts) in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_best_choices_are_named_with_their_figures(language):
    found = measured.measured()
    if found is None:
        pytest.skip("nothing is measured")
    told = written(opened(language))
    names = list(measured.published().choices)
    best = max(names, key=lambda name: found.choices[name]["bilstm"].value)
    figure = found.choices[best]["bilstm"]
    assert say(f"name_{best}", language) in told and per_cent(figure.value) in told
    assert per_cent(figure.low) in told and found.command in told
    assert "96.1" in told and "96.4" in told
    assert f"**{found.tasks['ner'].best}**" in told


def test_the_figures_stay_hidden_until_the_learner_has_guessed():
    page = opened(guess="true")
    assert say("published_title") not in written(page)
    (guess,) = [r for r in page.radio if r.label == say("guess_best")]
    assert len(guess.options) == 6
    guess.set_value(say("name_last"))
    page = ran(next(b for b in page.button if b.label == "That is my guess").click())
    told = written(page)
    assert say("published_title") in told
    if measured.measured():
        assert f"Your guess: **{say('name_last')}**" in told


def test_without_the_measurement_the_page_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(measured, "FOLDER", ROOT / "assets" / "layers")
    monkeypatch.setattr("pages.using.layers_measured.measured", lambda: None)
    told = written(opened())
    assert say("no_measure") in told and say("published_title") in told


def test_another_model_shows_its_vectors_and_says_that_probes_are_missing(monkeypatch):
    monkeypatch.setattr("lessons.layers.measured.probes", lambda model, task: ())
    page = opened(text="A result that nobody has asked for yet.", text_b="")
    info = local_engine().info("embedded")
    assert say("no_probes", model=info.label) in written(page) or measured.measured() is None
    assert len(page.table) >= 1
