"""The scores page: published and own figures apart, every task answered by a real pass."""

from functools import partial

import pytest

from core.engine import local_engine
from core.tasks.adapter import is_here
from lessons.scores import results
from lessons.scores.lesson import Request, run, way_of
from lessons.scores.published import gains, systems, tasks
from lessons.tasks import facts
from lessons.text import LANGUAGES, presets
from lessons.theme import percent
from tests import visit
from tests.visit import ran, written

pytestmark = pytest.mark.usefixtures("model")
opened = partial(visit.opened, "pages/using/scores.py")
say = partial(visit.say, "scores")


def metric(page, label):
    return next(m.value for m in page.metric if m.label == label)


def example(glue):
    return next(p for p in presets("scores") if p.controls["glue"] == glue)


def test_the_table_is_the_papers():
    (shown,) = [t.value for t in page_tables(opened()) if "CoLA" in t.value and len(t.value) == 5]
    for row, system in zip(shown.itertuples(index=False), systems(), strict=True):
        assert list(row) == [system.name, *system.scores.values(), system.average]


def page_tables(page):
    return list(page.dataframe)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("glue", [t.id for t in tasks()])
def test_every_task_is_explained_and_answered(language, glue):
    preset = example(glue)
    page = opened(language, glue=glue, text=preset.text, text_b=preset.text_b)
    assert say("ours_says", language) in written(page)
    result = run(local_engine(), Request(preset.text, preset.text_b, glue))
    if result.way == "similarity":
        assert metric(page, say("cosine", language)) == f"{result.similarity.cosine:.3f}"
    if result.way == "likelihood":
        shown = [m.value for m in page.metric if m.label.endswith(say("sum_log_p", language))]
        assert shown == [f"{one.total:.2f}".replace("-", "\u2212") for one in result.likelihood]
    adapter = next(t.adapter for t in tasks() if t.id == glue)
    asked_otherwise = bool(adapter) and not is_here(adapter)
    note = say("no_head_here", language, adapter=adapter)
    assert (note in written(page)) == asked_otherwise


def test_a_pair_without_its_second_sentence_is_told_and_the_table_stays():
    page = opened(glue="mrpc", text="The cat sat.", text_b="")
    assert say("needs_second") in written(page)
    assert page.dataframe


def test_a_text_too_long_to_be_hidden_piece_by_piece_is_told_and_the_table_stays():
    page = opened(glue="cola", text="word " * 100, text_b="")
    assert any("100" in w.value for w in page.warning)
    assert page.dataframe


def test_the_tasks_example_is_one_click_away():
    page = opened(glue="stsb", text="Something else.", text_b="")
    ran(next(b for b in page.button if b.label == say("example")).click())
    assert page.text_area(key="text").value == example("stsb").text
    assert page.text_area(key="text_b").value == example("stsb").text_b


def test_the_table_waits_for_the_guess_and_then_says_where_bert_gained_most():
    page = opened(guess="true")
    assert not [t for t in page_tables(page) if "CoLA" in t.value and len(t.value) == 5]
    (guess,) = [r for r in page.radio if r.label == say("ask_gain")]
    assert [o.replace("\\", "") for o in guess.options] == [t.name for t in tasks()]
    guess.set_value("QQP")
    ran(next(b for b in page.button if b.label == "That is my guess").click())
    assert say("guess_wrong", mine="QQP", mine_points="+1.8", task="CoLA",
               points="+15.1") in written(page)


def test_two_systems_and_their_order_stand_in_the_link():
    page = opened(from_system="gpt", to_system="base", kind="inference", sorted="size")
    most = max(gains("gpt", "base"), key=lambda gain: gain.points)
    assert f"**{most.task.name}** (+{most.points:.1f} points)" in written(page)
    assert "is not possible here" not in written(page)
    assert say("same_system") in written(opened(from_system="gpt", to_system="gpt"))


def test_published_and_own_figures_are_two_tables():
    page = opened()
    own = next(t.value for t in page_tables(page) if say("value") in t.value)
    rows = facts.scores(facts.available())
    assert list(own[say("value")]) == [percent(row.value) for row in rows]
    others = next(t.value for t in page_tables(page) if say("dev") in t.value)
    assert len(others) == len(results.others())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("model", ["roberta", "xlnet", "spanbert", "albert", "distilbert",
                                   "electra", "deberta", "modernbert"])
def test_each_later_model_has_its_idea_and_its_sources(language, model):
    page = opened(language, later=model, text="The cat sat on the mat.", text_b="")
    found = results.model(model)
    assert say("read_from", language, paper=found.paper, source=found.source) in written(page)
    assert metric(page, say("since", language)) == f"{found.year}-{found.month:02}"


def test_the_drawn_word_follows_the_seed_and_the_clicked_place():
    text = "The cat sat on the mat because it was tired."
    page = opened(later="electra", text=text, text_b="", replace="3", idea_seed="2")
    assert "**sat**" in written(page)
    ran(next(b for b in page.button if b.label == say("draw_again")).click())
    assert page.session_state["idea_seed"] == "3"


def test_without_an_adapter_the_page_says_how_it_asks_instead(monkeypatch):
    monkeypatch.setattr("lessons.scores.lesson.is_here", lambda name: False)
    assert way_of("sst2", "embedded") == ("prompt", "")
    text = "A quiet film."
    page = opened(glue="sst2", text=text, text_b="")
    assert say("no_head_here", adapter="sentiment") in written(page)
