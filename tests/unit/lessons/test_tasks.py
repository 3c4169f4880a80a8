"""The four shapes: which outputs a head reads, its sums, what is drawn and said of an adapter."""

import numpy as np
import plotly.graph_objects as go
import pytest

from core.contract import TaskResult
from core.engine.stub import StubEngine, random_adapter
from core.errors import EmptyText, ModelUnavailable, TaskNeedsPair, UnknownTask
from core.tasks import adapter as adapters
from core.tasks.registry import NAMES, TASKS, find
from core.trace.recompute import softmax
from lessons.tasks import facts, figures, marking
from lessons.tasks.lesson import Request, default_request, run
from lessons.tasks.ranked import ranked
from lessons.tasks.reading import (
    default_piece,
    lit,
    open_window,
    paragraph_pieces,
    pieces_of,
    read_piece,
    shared_pieces,
    split_word,
    sum_of,
    word_at,
)
from lessons.text import LANGUAGES, presets, quiz, sections
from lessons.theme import DARK, LIGHT

SENTENCE = "An unbelievably good grasshopper, isn't it?"
QUESTION = "Where does it stand?"
PARAGRAPH = "It stands on the Vistula River. The city was rebuilt."


@pytest.fixture(scope="module")
def engine():
    return StubEngine()


def asked(engine, task, text=SENTENCE, text_b=""):
    pair = find(task).needs_pair
    if pair and not text_b:
        text, text_b = QUESTION, PARAGRAPH
    return run(engine, Request(text, text_b, task))


# What a head reads


@pytest.mark.parametrize("task", ["sentiment", "tweets", "spam", "nli"])
def test_a_class_is_read_from_cls_alone(engine, task):
    found = asked(engine, task)
    assert lit(found) == (True, *[False] * (len(found.answer.encoded) - 1))
    assert default_piece(found) == 0 and read_piece(found, 3) == 0


def test_a_question_reads_cls_and_the_paragraph(engine):
    found = asked(engine, "qa")
    tokens = found.answer.encoded.tokens
    own = [t for t, is_lit in zip(tokens, lit(found), strict=True) if is_lit]
    assert own == ["[CLS]", *tokens[tokens.index("[SEP]") + 1 : -1]]
    assert default_piece(found) == found.answer.spans[0].first
    assert read_piece(found, 1) == default_piece(found)  # a piece of the question is not read


@pytest.mark.parametrize("task", ["ner", "pos"])
def test_tags_are_read_at_first_pieces(engine, task):
    found = asked(engine, task)
    assert sum(lit(found)) == len({word.piece for word in found.answer.words})
    word = split_word(found)
    own = pieces_of(found, word)
    assert own[0] == word.piece and len(own) > 1 and word.text == "unbelievably"
    assert [lit(found)[i] for i in own] == [True] + [False] * (len(own) - 1)
    assert word_at(found, own[-1]) is word and read_piece(found, own[-1]) == word.piece
    assert word_at(found, 0) is None


def test_where_no_word_is_split_none_is_shown(engine):
    assert split_word(asked(engine, "pos", "The cat sat.")) is None


@pytest.mark.parametrize("task", NAMES)
def test_a_logit_is_the_sum_of_its_products(engine, task):
    found = asked(engine, task)
    answer, piece = found.answer, read_piece(found, default_piece(found))
    models = {
        "span": lambda: answer.windows[0].start_logits[piece],
        "tags": lambda: word_at(found, piece).logits[0],
    }.get(answer.shape, lambda: answer.logits[0])()
    made = sum_of(found, piece, 0)
    assert made.total == pytest.approx(float(models), abs=1e-5)
    top = made.largest(4)
    assert made.products[top].sum() + made.rest(4) + made.bias == pytest.approx(made.total)
    sizes = np.abs(made.products)
    assert sizes[top].min() >= np.delete(sizes, top).max()


def test_a_long_paragraph_has_windows_that_share_pieces(engine):
    found = asked(engine, "qa", QUESTION, "One little sentence stands here. " * 120)
    windows = found.answer.windows
    assert len(windows) > 1
    assert windows[open_window(found)].encoded is found.answer.encoded
    assert shared_pieces(windows) in range(120, 136)  # 128, up to the next word
    first = windows[1].encoded.spans[paragraph_pieces(windows[1])[0]][0] + windows[1].offset
    assert found.paragraph[first:].startswith(("One", "little", "sentence", "stands", "here", "."))


def test_no_answer_stands_at_its_place_among_the_spans(engine):
    found = asked(engine, "qa").answer
    rows = ranked(found)
    scores = [row.start + row.end for row in rows]
    assert scores == sorted(scores, reverse=True) and len(rows) == len(found.spans) + 1
    (nothing,) = [row for row in rows if row.text is None]
    assert nothing.start + nothing.end == pytest.approx(found.no_answer)
    assert (rows[0].text is not None) == found.answerable


# What is marked


@pytest.mark.parametrize("task", ["ner", "pos"])
@pytest.mark.parametrize("text", [SENTENCE, "  spaced   out ", "New York", "a <b> & c\nd"])
def test_the_marked_words_are_the_text_again(engine, task, text):
    found = asked(engine, task, text)
    parts = marking.tagged(found, text)
    assert "".join(part.text for part in parts) == text
    assert [p.text for p in parts if p.piece is not None] == [w.text for w in found.answer.words]


def test_the_marked_answer_stands_in_its_paragraph(engine):
    found = asked(engine, "qa")
    parts = marking.answered(found, "answer")
    assert "".join(part.text for part in parts) == PARAGRAPH
    (mark,) = [part for part in parts if part.piece is not None]
    assert mark.text == found.answer.spans[0].text and mark.tag == "answer"


def test_every_tag_has_a_colour_but_o():
    for task in TASKS:
        if task.shape == "tags":
            assert all(marking.colour_of(label) for label in task.labels if label != "O")
    assert marking.colour_of("O") == "" and marking.colour_of("B-PER") == marking.colour_of("PRON")


def test_the_likeliest_tags_come_first_with_their_probabilities():
    assert marking.likeliest((0.0, np.log(2.0), np.log(5.0)), 2) == [
        (2, pytest.approx(5 / 8)), (1, pytest.approx(2 / 8))]


# What is said of an adapter


@pytest.mark.parametrize("task", NAMES)
def test_the_counts_of_an_adapter_sum_to_its_parameters(task):
    here = adapters.is_here(task)
    adapter = adapters.read(find(task).folder) if here else random_adapter(task)
    found = facts.about(task, adapter)
    assert found.low_rank + found.moved + found.head == found.parameters == adapter.parameters
    assert found.head == len(find(task).labels) * (adapter.weight.shape[1] + 1)
    assert found.after < found.before and (found.bytes > 0) == here


def test_the_table_has_each_tasks_own_figures_and_one_published_one():
    rows = facts.scores(facts.available())
    assert {row.task for row in rows} == set(facts.available())
    for task in facts.available():
        own = [row for row in rows if row.task == task]
        assert [row.published is not None for row in own] == [True] + [False] * (len(own) - 1)
        measured = adapters.facts(find(task).folder)["evaluation"]
        known = {value for part in measured.values() for value in part.values()}
        assert {row.value for row in own} <= known
        assert all(0 < row.value <= 1 and row.count for row in own)


@pytest.mark.parametrize("task", facts.available())
def test_a_published_figure_is_the_one_on_the_adapters_card(task):
    said, card = facts.published(task), adapters.facts(find(task).folder)["published"]
    assert all(part in card for part in said.value.split(" / "))
    assert bool(said.value) == bool(said.source)
    assert said.source.rpartition(",")[2].strip() in card


def test_an_adapter_without_its_figures_has_no_row(monkeypatch):
    def missing(folder):
        raise ModelUnavailable(folder.name, "missing")

    monkeypatch.setattr(adapters, "facts", missing)
    assert facts.scores(("spam",)) == ()


# What is drawn and read


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_the_pictures_are_valid_and_show_the_heads_numbers(engine, theme):
    found = asked(engine, "tweets").answer
    bars = figures.probabilities(found.labels, found.probabilities, 1, theme)
    assert list(bars.data[0].x) == pytest.approx(softmax(np.array(found.logits)).tolist())
    made = sum_of(asked(engine, "tweets"), 0, 2)
    sums = figures.products(made, "C", "w", "the others", theme)
    assert sum(sums.data[0].x) == pytest.approx(made.total)
    window = asked(engine, "qa").answer.windows[0]
    best = asked(engine, "qa").answer.spans[0]
    curves = figures.curves(window, best, ("S", "E"), theme)
    own = paragraph_pieces(window)
    assert list(curves.data[0].y) == pytest.approx(window.start_logits[own].tolist())
    assert list(curves.data[1].y) == pytest.approx(window.end_logits[own].tolist())
    bare = figures.curves(window, None, ("S", "E"), theme)
    for figure in (bars, sums, curves, bare):
        go.Figure(figure.to_plotly_json())  # plain dicts are not checked when they are drawn


def test_a_learners_piece_is_no_markup_in_a_picture(engine):
    found = asked(engine, "qa", "Is <b> here?", "There is <b>bold</b> & plain text.").answer
    drawn = str(figures.curves(found.windows[0], found.spans[0], ("S", "E"), LIGHT).data)
    assert "'<'" not in drawn and "&lt;" in drawn


@pytest.mark.parametrize(("request_", "error"), [
    (Request("", task="spam"), EmptyText), (Request("Why?", task="qa"), TaskNeedsPair),
    (Request("A man.", " ", "nli"), TaskNeedsPair), (Request("x", task="summary"), UnknownTask),
], ids=str)
def test_bad_input_gets_its_error(engine, request_, error):
    with pytest.raises(error):
        run(engine, request_)


@pytest.mark.parametrize("language", LANGUAGES)
def test_presets_cover_every_task_and_each_is_answered(engine, language):
    mine = [p for p in presets("tasks") if language in p.languages]
    assert {p.controls["task"] for p in mine} == set(NAMES) and len(quiz("tasks")) >= 3
    for preset in mine:
        found = run(engine, default_request(preset, "embedded"))
        assert isinstance(found.answer, TaskResult) and found.proof.holds
    assert list(sections("tasks", "en")) == list(sections("tasks", "zh"))


def test_a_stored_answer_is_the_live_one_and_is_not_used_with_another_adapter(
    tmp_path, monkeypatch
):
    from core.engine import local_engine
    from lessons import stored
    from lessons.tasks import lesson

    one = next(p for p in presets("tasks") if p.controls["task"] in facts.available())
    monkeypatch.setattr("lessons.text.presets", lambda lesson: (one,))
    monkeypatch.setattr(stored, "FOLDER", tmp_path)
    stored._index.cache_clear()
    try:
        stored.store("tasks")
        request = default_request(one, "embedded")
        early, live = stored.load("tasks", run, request), run(local_engine(), request)
        assert early.answer.probabilities == live.answer.probabilities
        np.testing.assert_array_equal(early.vectors, live.vectors)
        monkeypatch.setattr(lesson, "fingerprint", lambda task: "other")
        assert stored.load("tasks", run, request) is None
    finally:
        stored._index.cache_clear()


def test_a_stored_answer_to_a_question_opens_the_same_window(engine):
    from lessons import stored

    live = asked(engine, "qa", QUESTION, "One little sentence stands here. " * 120)
    arrays: list[np.ndarray] = []
    early = stored.rebuild(type(live), stored.flatten(live, arrays), arrays)
    assert open_window(early) == open_window(live)
    assert early.answer.windows[open_window(early)].encoded == live.answer.encoded
    assert lit(early) == lit(live)
