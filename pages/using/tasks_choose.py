"""What is asked on the page of the four shapes: the task, and whether the texts suffice for it."""

import streamlit as st

from core.tasks.registry import find
from lessons.tasks.facts import available
from lessons.tasks.lesson import Request, Result, asked
from pages import ui
from pages.ui import LessonPage
from pages.ui.components.task_cards import Card, Choice, task_cards

SHAPES = ("sentence", "pair", "span", "tags")
OPENED = ("tk_out", "tk_row", "tk_window")  # what a click opened in another text's picture


def task_name(page: LessonPage, task: str) -> str:
    return page.t(f"task_{task}")


def chosen(page: LessonPage) -> str | None:
    """The four shapes as pictures, each with the tasks that are here; None where none is."""
    here = available()
    page.section("choose", tasks=len(here), layers=page.info.layers)
    if not here:
        st.info(page.t("none_here"), icon=":material/inventory_2:")
        return None
    default = "sentiment" if "sentiment" in here else here[0]
    task = page.value("task", page.t("task"), list(here), default)
    cards = [
        Card(shape, page.t(f"shape_{shape}"),
             tuple(Choice(name, task_name(page, name)) for name in here
                   if find(name).shape == shape))
        for shape in SHAPES
    ]
    clicked = task_cards("task_cards", cards, chosen=task, label=page.t("task"))
    if clicked in here and clicked != task:
        page.put("task", clicked)
        st.rerun()
    return task


def request(page: LessonPage, task: str) -> Request | None:
    """What the head is asked; None, with a sentence, where a second text is missing."""
    needed = find(task).needs_pair
    if needed and page.text.strip() and not page.text_b.strip():
        missing = "no_paragraph" if find(task).shape == "span" else "no_second"
        st.warning(page.t(missing), icon=":material/edit:")
        return None
    if not needed and page.text_b.strip():
        st.caption(page.t("unused_b", task=task_name(page, task)))
    found = Request(page.text, page.text_b if needed else "", task, page.model)
    if needed and asked(found)[0] != page.text:
        st.caption(page.t("exchanged"))
    _start_anew(page, found)
    return found


def _start_anew(page: LessonPage, found: Request) -> None:
    """With another text or task, what was opened by clicks is closed again."""
    before = st.session_state.get("_tasks_asked")
    st.session_state["_tasks_asked"] = found
    if before is not None and before != found:
        for key in OPENED:
            page.forget(key)


def guessed(page: LessonPage, result: Result) -> bool:
    """Guess: the class, the tag of a word, or the answer. False until the learner commits."""
    from lessons.tasks.reading import default_piece, word_at

    answer = result.answer
    if answer.shape == "span":
        question = page.t("guess_span", question=ui.escape_markdown(result.question[:200]))
        options: list[str] = []
    elif answer.shape == "tags":
        word = word_at(result, default_piece(result))
        if word is None:
            return True
        question = page.t("guess_tag", word=ui.escape_markdown(word.text))
        options = [tag_name(page, label) for label in answer.labels]
    else:
        question = page.t(f"guess_{answer.shape}")
        options = [class_name(page, label) for label in answer.labels]
    mine = page.guess(f"tasks {answer.task}", question, options)
    if mine:
        st.markdown(f"**{page.t('guess_yours')}:** {ui.escape_markdown(mine)}")
    return mine is not None


def class_name(page: LessonPage, label: str) -> str:
    return page.t(f"class_{label}")


def tag_name(page: LessonPage, tag: str) -> str:
    """A tag with what it means."""
    return f"{tag} · {page.t('tag_' + tag.rpartition('-')[2].lower())}"
