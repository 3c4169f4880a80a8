"""The page of the four shapes: each says what the lesson says; bad input gets a sentence.

Where an adapter is not needed for what is tested, a stub engine answers with random heads.
"""

from functools import partial

import pytest

from core.engine import local_engine
from core.engine.stub import StubEngine
from core.tasks import adapter as adapters
from core.tasks.registry import NAMES, find
from lessons.tasks.facts import available
from lessons.tasks.lesson import Request, run
from lessons.tasks.ranked import ranked
from lessons.tasks.reading import default_piece, read_piece, sum_of, word_at
from lessons.text import LANGUAGES, presets, sections
from lessons.theme import number, percent
from pages import ui
from tests import visit
from tests.visit import ran, written

TEXT = "An unbelievably good grasshopper sat in Paris."
QUESTION = "Where does the grasshopper sit?"
PARAGRAPH = "The grasshopper sat in Paris. It was unbelievably good."


@pytest.fixture
def stub(monkeypatch):
    """Every task is here, with a random head over a random encoder."""
    engine = StubEngine()
    engine.warm("embedded")
    monkeypatch.setattr("pages.ui.lesson_page.chosen_engine", lambda: engine)
    monkeypatch.setattr(adapters, "is_here", lambda name: bool(find(name)))
    return engine


opened = partial(visit.opened, "pages/using/tasks.py", text=TEXT, text_b="")
say = partial(visit.say, "tasks")


def headings(page):
    return [part.value for part in page.subheader]


def title(key, language="en"):
    return sections("tasks", language)[key].title


def asked(engine, task, text=TEXT, text_b=""):
    return run(engine, Request(text, text_b, task))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("task", NAMES)
def test_each_task_is_drawn_in_its_shape_and_its_sum_is_the_lessons(stub, language, task):
    text, text_b = (QUESTION, PARAGRAPH) if find(task).needs_pair else (TEXT, "")
    page = opened(language, text=text, text_b=text_b, task=task)
    result = asked(stub, task, text, text_b)
    answer = result.answer
    assert title(f"shape-{answer.shape}", language) in headings(page)
    piece = read_piece(result, default_piece(result))
    word = word_at(result, piece)
    row = answer.labels.index(word.tag if word else answer.label) if answer.shape != "span" else 0
    assert number(sum_of(result, piece, row).total) in written(page)
    assert {title(key, language) for key in ("head", "adapter", "scored")} <= set(headings(page))


def test_the_shipped_head_says_what_the_command_line_says():
    local_engine().warm("embedded")
    page = opened(text="Win cash prizes", task="spam")
    result = asked(local_engine(), "spam", "Win cash prizes")
    assert number(sum_of(result, 0, result.answer.labels.index(result.answer.label)).total) in (
        written(page))
    found = adapters.read(find("spam").folder)
    assert page.metric[0].value == f"{found.parameters:,}"
    assert any(e.label.startswith("Prove it") for e in page.expander)


def test_only_tasks_whose_adapter_is_here_are_offered(monkeypatch):
    monkeypatch.setattr(adapters, "is_here", lambda name: name in ("spam", "pos"))
    page = opened(text="Win cash prizes", task="qa")  # a link from elsewhere
    assert "is not possible here" in written(page)
    assert title("shape-sentence") in headings(page)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("task", "key"), [("qa", "no_paragraph"), ("nli", "no_second")])
def test_a_missing_second_text_gets_one_sentence_and_the_scores_stay(stub, language, task, key):
    page = opened(language, text=QUESTION, text_b=" ", task=task)
    assert [w.value for w in page.warning] == [say(key, language)]
    assert title("scored", language) in headings(page)
    assert title("head", language) not in headings(page)


def test_another_task_keeps_what_was_typed(stub):
    page = opened(text=QUESTION, text_b=PARAGRAPH, task="qa")
    page.session_state["task"] = "sentiment"  # as a click on its card does
    ran(page)
    assert page.text_area(key="text").value == QUESTION
    assert page.text_area(key="text_b").value == PARAGRAPH
    assert say("unused_b", task=say("task_sentiment")) in written(page)
    page.session_state["task"] = "nli"
    ran(page)
    assert title("shape-pair") in headings(page) and "stays in its box" not in written(page)


def test_spans_are_ranked_with_no_answer_among_them(stub):
    page = opened(text=QUESTION, text_b=PARAGRAPH, task="qa")
    rows = ranked(asked(stub, "qa", QUESTION, PARAGRAPH).answer)
    table = page.table[0].value
    assert list(table.iloc[:, -1]) == [f"**{number(r.start + r.end)}**" for r in rows]
    assert say("no_answer_row") in list(table.iloc[:, 1])


def test_an_answer_that_is_not_believed_is_said_to_be_none(stub):
    found = [(t, asked(stub, "qa", t, PARAGRAPH)) for t in (QUESTION, "Who?", "Why so?", "How?",
             "What is it?", "Is it in Rome?", "When did it rain there?", "Whose hat is it?")]
    for text, result in found:
        page = opened(text=text, text_b=PARAGRAPH, task="qa")
        best = result.answer.spans[0]
        told = say("not_believed", score=number(best.score),
                   nothing=number(result.answer.no_answer), best=ui.escape_markdown(best.text))
        assert (told in written(page)) == (not result.answer.answerable)


def test_a_long_paragraph_says_that_it_is_read_in_windows(stub):
    page = opened(text=QUESTION, text_b=PARAGRAPH * 60, task="qa", tk_window="1")
    count = len(asked(stub, "qa", QUESTION, PARAGRAPH * 60).answer.windows)
    assert count > 1 and f"**{count} windows**" in written(page)
    assert page.slider(key="tk_window").max == count


def test_question_and_paragraph_may_be_given_the_other_way_round(stub):
    page = opened(text=PARAGRAPH, text_b=QUESTION, task="qa")
    assert say("exchanged") in written(page)
    assert ui.escape_markdown(QUESTION) in written(page)


def test_a_word_of_several_pieces_is_the_example_of_the_first_piece(stub):
    page = opened(task="pos")
    assert "**unbelievably** is" in written(page)
    assert say("none_split") in written(opened(text="A cat sat.", task="pos"))


def test_names_are_listed_with_the_least_sure_word(stub):
    page = opened(task="ner")
    names = asked(stub, "ner").answer.entities
    if names:
        table = page.table[0].value
        assert list(table.iloc[:, 0]) == [f"**{ui.escape_markdown(e.text)}**" for e in names]
        assert list(table.iloc[:, -1]) == [percent(e.probability) for e in names]
    else:
        assert say("no_entities") in written(page)


def test_an_output_that_the_head_does_not_read_says_so(stub):
    assert "The head does not read T₂" in written(opened(task="spam", tk_out="2"))
    assert "The head does not read" not in written(opened(task="spam"))


@pytest.mark.parametrize("code", ["999", "-1", "x", "٣"])
def test_an_output_that_is_not_there_opens_the_usual_one(stub, code):
    assert "**C**" in written(opened(task="spam", tk_out=code))


def test_another_text_closes_what_was_opened(stub):
    page = opened(task="spam", tk_out="2", tk_row="ham")
    page.text_area(key="text").set_value("Another short line.")
    ran(page)
    assert "The head does not read" not in written(page)


@pytest.mark.parametrize("task", ["spam", "qa", "pos"])
def test_the_answer_stays_hidden_until_the_learner_has_guessed(stub, task):
    text, text_b = (QUESTION, PARAGRAPH) if task == "qa" else (TEXT, "")
    page = opened(text=text, text_b=text_b, task=task, guess="true")
    assert title("head") not in headings(page)
    if task == "qa":
        next(t for t in page.text_input if t.label.startswith("“Where")).set_value("in Paris")
    else:
        mine = next(r for r in page.radio if r.label in (
            say("guess_sentence"), say("guess_tag", word="unbelievably")))
        mine.set_value(mine.options[0])
    ran(next(b for b in page.button if b.label == "That is my guess").click())
    assert title("head") in headings(page) and "Your guess" in written(page)


def test_a_preset_opens_its_task(stub):
    page = opened()
    page.button_group(key="_preset_tasks").set_value("names")
    ran(page)
    assert title("bio") in headings(page)
    assert page.text_area(key="text").value == next(
        p.text for p in presets("tasks") if p.id == "names")


@pytest.mark.parametrize("task", [n for n in ("spam", "pos", "qa", "nli") if n in available()])
def test_a_learners_words_are_not_read_as_markup(task):
    local_engine().warm("embedded")
    hostile = "# **bold** `code` :red[x] $y$ <script>alert(1)</script> why?"
    page = opened(text=hostile, text_b=hostile + " because", task=task)
    assert not page.error and "**bold**" not in written(page)
