"""What an engine answers for a fine-tuned head, on the stub's random weights."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from core.contract import MAX_CHARACTERS, TaskRequest
from core.engine.stub import StubEngine, random_adapter
from core.engine.tasks import SPAN_PIECES
from core.errors import (
    EmptyText,
    QuestionTooLong,
    TaskNeedsPair,
    TextTooLong,
    UnknownTask,
)
from core.tasks.registry import NAMES, find
from lessons.tasks.lesson import Request, asked, run, to_json

TEXTS = ("Where does rain form?", "Rain forms within a cloud. Berlin didn't see it.")


def request(task: str, *texts: str) -> TaskRequest:
    return TaskRequest(task, *(texts or TEXTS))


@pytest.fixture(scope="module")
def engine() -> StubEngine:
    return StubEngine()


@pytest.mark.parametrize("name", NAMES)
def test_every_task_answers_in_the_form_of_its_shape(engine, name):
    answer, task = engine.task(request(name)), find(name)
    assert (answer.task, answer.shape, answer.labels) == (name, task.shape, task.labels)
    if task.shape in ("sentence", "pair"):
        assert answer.label == task.labels[int(np.argmax(answer.probabilities))]
        assert sum(answer.probabilities) == pytest.approx(1.0)
        assert bool(sum(answer.encoded.segments)) == (task.shape == "pair")
    elif task.shape == "span":
        assert answer.spans and answer.answerable == (answer.spans[0].score > answer.no_answer)
        assert all(span.text in TEXTS[1] for span in answer.spans)
    else:
        assert [word.text for word in answer.words][:4] == ["Where", "does", "rain", "form"]
        assert {word.tag for word in answer.words} <= set(task.labels)


@pytest.mark.parametrize("name", NAMES)
def test_the_lesson_shows_vectors_and_weights_that_give_the_answer(engine, name):
    result = run(engine, Request(*TEXTS, task=name))
    assert result.proof.holds
    assert result.vectors.shape[0] == len(result.answer.encoded)
    assert np.array_equal(result.weight, random_adapter(name).weight)
    found = to_json(result)
    assert found["task"] == name and {"label", "spans", "tags"} & set(found)


def test_an_answer_is_computed_once_for_many_who_ask(engine):
    asked_ = request("sentiment", "Many people ask this one thing.")
    before = engine.forward_passes
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(engine.task, [asked_] * 8))
    assert engine.forward_passes == before + 1
    assert all(answer is answers[0] for answer in answers)


def test_the_same_text_has_another_answer_for_another_task(engine):
    first, second = (engine.task(request(name, "A film.")) for name in ("sentiment", "spam"))
    assert first.logits != second.logits


def test_a_long_paragraph_is_read_in_windows_and_answered_in_its_own_characters(engine):
    paragraph = "Rain forms within a cloud. " * 200
    answer = engine.task(request("qa", TEXTS[0], paragraph))
    assert len(answer.windows) > 2
    assert all(len(window.encoded) <= SPAN_PIECES for window in answer.windows)
    for span in answer.spans:
        assert paragraph[span.start : span.end] == span.text
    assert answer.encoded is answer.windows[answer.spans[0].window].encoded
    result = run(engine, Request(TEXTS[0], paragraph, "qa"))
    assert result.proof.holds and result.vectors.shape[0] == len(result.answer.encoded)


def test_a_paragraph_of_the_longest_kind_is_answered(engine):
    paragraph = "猫 " * (MAX_CHARACTERS // 2)  # a piece a character: the most windows
    assert len(engine.task(request("qa", TEXTS[0], paragraph)).windows) > 30


def test_a_long_text_is_tagged_as_far_as_the_model_reads(engine):
    answer = engine.task(request("pos", "word " * 700))
    assert answer.encoded.dropped > 0 and len(answer.words) == len(answer.encoded) - 2


@pytest.mark.parametrize(
    "asked_, error",
    [
        (request("summary"), UnknownTask),
        (request("qa", "Why?"), TaskNeedsPair),
        (request("nli", "Why?", " "), TaskNeedsPair),
        (request("qa", "", "A paragraph."), EmptyText),
        (request("pos", " \n"), EmptyText),
        (request("spam", "x" * (MAX_CHARACTERS + 1)), TextTooLong),
        (request("qa", "Why?", "x" * (MAX_CHARACTERS + 1)), TextTooLong),
        (request("qa", "why " * 300, "A paragraph."), QuestionTooLong),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_what_cannot_be_asked_is_one_named_error(engine, asked_, error):
    with pytest.raises(error):
        engine.task(asked_)


def test_text_in_any_script_is_answered(engine):
    for text in ("\u200b", "🌧️☁️", "雨は雲の中で", "\ud800 alone", "<b>&amp;</b>"):
        for name in NAMES:
            engine.task(request(name, text, text))


def test_question_and_paragraph_may_be_given_the_other_way_round(engine):
    straight, turned = Request(*TEXTS, task="qa"), Request(*TEXTS[::-1], task="qa")
    assert asked(straight) == asked(turned) == TEXTS
    assert run(engine, turned).question == TEXTS[0]
    assert asked(replace(turned, task="nli")) == TEXTS[::-1]
    assert asked(Request("Why?", "Because?", "qa")) == ("Why?", "Because?")


def test_nothing_that_comes_back_can_be_written(engine):
    answer = engine.task(request("qa"))
    with pytest.raises(ValueError, match="read-only"):
        answer.windows[0].start_logits[0] = 0
