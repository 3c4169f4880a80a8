"""The page: lines and errors, a training from start to result, and what was typed stays."""

import time
from functools import partial

import pytest

from core.engine import local_engine
from core.live.jobs import shared_pool
from lessons.text import LANGUAGES
from lessons.theme import percent
from lessons.train.lesson import Asked, ask
from lessons.train.material import text_of
from tests import visit
from tests.visit import ran, written

LINES = (
    "weather\tHeavy rain tonight\nsport\tThe striker scored\nweather\tSunny and warm\n"
    "sport\tShe won the final\nweather\tSnow on the hills\nsport\tHe saved a penalty"
)
TAGS = "\n".join(f"[Ada|PER] went to [{city}|LOC] ." for city in ("Rome", "Paris", "Oslo", "Bonn"))
PATIENTLY = 240


@pytest.fixture(scope="module", autouse=True)
def workers():
    yield
    shared_pool().close()


opened = partial(visit.opened, "pages/using/train.py", text="Rain at last")
say = partial(visit.say, "train")


def trained(page):
    page = ran(page.button(key="_train_start").click())
    end = time.monotonic() + PATIENTLY
    while page.session_state["_train_session"].status.active:
        assert time.monotonic() < end
        time.sleep(0.3)
        page = ran(page)
    return ran(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_training_ends_with_an_answer_mistakes_vectors_and_a_file(language):
    page = trained(opened(language, lines=LINES, mode="head", epochs_head="12"))
    session = page.session_state["_train_session"]
    assert session.finished
    answer = ask(local_engine(), Asked(session.job, "Rain at last"))
    said = {m.label: (m.value, m.delta) for m in page.metric}[say("it_says", language)]
    assert said == (answer.best[0], percent(float(answer.probabilities.max())))
    sections = [s.value for s in page.subheader]
    assert len(sections) == 10
    assert page.get("download_button") and page.table[-1].value.shape == (1, 7)
    assert session.status.done == session.status.total
    assert say("train_first", language) not in written(page)


def test_what_is_typed_afterwards_is_answered_without_training_again():
    page = trained(opened(lines=LINES, mode="head", epochs_head="12"))
    job = page.session_state["_train_session"].job
    ran(page.text_area(key="text").set_value("A goal in the last minute"))
    answer = ask(local_engine(), Asked(job, "A goal in the last minute"))
    assert {m.label: m.value for m in page.metric}[say("it_says")] == answer.best[0]
    assert page.session_state["_train_session"].job == job


def test_tags_are_answered_word_by_word():
    page = trained(opened(
        lines=TAGS, kind="tags", mode="head", epochs_head_tags="5", text="Ada ran ."
    ))
    assert page.session_state["_train_session"].finished
    assert say("names_f1") in [m.label for m in page.metric]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "lines, kind, key, facts",
    [
        ("spam\tone\nspam\ttwo\nspam\tthree", "sentence", "one_class", {"label": "spam"}),
        ("a\tone\na\ttwo\nb\tthree", "sentence", "rare_class",
         {"label": "b", "count": 1, "least": 2}),
        ("no label\nnone here", "sentence", "unlabelled", {"line": 1}),
        ("a\t" + "x" * 700 + "\nb\ty", "sentence", "line_too_long",
         {"line": 1, "length": 702, "limit": 600}),
        ("\n".join(f"c{n}\tx" for n in range(21)), "sentence", "too_many_classes",
         {"count": 21, "limit": 20}),
        ("O O\tone two three\nO\tx", "tags", "tags_and_words", {"line": 1, "tags": 2, "words": 3}),
        ("\n".join(f"a\tline {n}" for n in range(1200)), "sentence", "too_many_lines",
         {"count": "1,200", "limit": "1,000"}),
        (" ", "sentence", "no_lines", {}),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isidentifier() else "",
)
def test_bad_lines_get_one_sentence_and_stay_in_the_box(language, lines, kind, key, facts):
    page = opened(language, kind=kind)
    ran(page.text_area(key="lines").set_value(lines))
    assert say(f"errors_{key}", language, **facts) in [w.value for w in page.warning]
    assert page.text_area(key="lines").value == lines
    assert page.button(key="_train_start").disabled


def test_an_uploaded_table_fills_the_box_and_a_picture_does_not():
    page = opened()
    upload = page.get("file_uploader")[0]
    upload.set_value(("lines.csv", b"label,text\na,one\nb,two\na,three\nb,four\n", "text/csv"))
    ran(page)
    button = next(b for b in page.button if b.label == say("upload_use", count=4))
    ran(button.click())
    assert page.text_area(key="lines").value == "a\tone\nb\ttwo\na\tthree\nb\tfour"
    page.get("file_uploader")[0].set_value(("cat.csv", b"\x89PNG\x00\x00", "text/csv"))
    ran(page)
    assert say("errors_not_text") in [w.value for w in page.warning]
    assert page.text_area(key="lines").value.startswith("a\tone")


def test_another_set_brings_its_own_lines_and_kind():
    page = opened(set="weather")
    assert page.text_area(key="lines").value == text_of("weather")
    ran(page.selectbox(key="set").set_value("zh_names"))
    assert page.text_area(key="lines").value == text_of("zh_names")
    assert page.session_state["kind"] == "tags"
    assert "[UNK]" in written(page)


def test_a_setting_changed_after_training_is_said():
    page = trained(opened(lines=LINES, mode="head", epochs_head="12"))
    assert say("other_settings") not in written(page)
    ran(page.slider(key="epochs_head").set_value(20))
    assert say("other_settings") in written(page)


def test_hostile_labels_and_lines_are_shown_as_text():
    evil = "<img src=x onerror=alert(1)>"
    rows = LINES.replace("weather", evil)
    page = opened(lines=rows)
    assert all("<img" not in m.value.replace("\\<img", "") for m in page.markdown)
    assert page.text_area(key="lines").value == rows
