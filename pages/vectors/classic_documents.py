"""The learner's documents, how they are cut into words, and parts that every method's view uses."""

from collections.abc import Sequence

import streamlit as st

from core.vectors.documents import CUTS, MOST_DOCUMENTS, MOST_WORDS, has_chinese
from lessons.classic.counting import one_hot
from lessons.classic.request import FUNCTION_WORDS, Counted, Request
from lessons.text import presets
from pages import ui
from pages.ui import LessonPage, state

PLAIN = {"displayModeBar": False}
SHOWN_WORDS = 14
SHOWN_DOCUMENTS = 12


def documents(page: LessonPage) -> Request:
    """The box for documents with its settings; what all methods are asked."""
    samples = {p.id: p.controls["collection"] for p in presets("classic")}
    first = next(p.id for p in presets("classic") if page.lang in p.languages)
    sample = page.value("sample", page.t("presets"), list(samples), first)
    left, right = st.columns([5, 2], gap="medium")
    with left:
        text = page.control_paragraphs("collection", page.t("documents"), samples[sample])
    with right:
        leave_out = page.control_toggle("leave_out", page.t("leave_out"), True)
        cut = "auto"
        if has_chinese(text):
            cut = page.control_choice("cut", page.t("cut_label"), list(CUTS), "auto",
                                      lambda c: page.t(f"cut_{c}"))
        request = Request(text, page.text, cut, FUNCTION_WORDS[0 if leave_out else 1])
        found = page.run(one_hot, request, needs_model=False).counted
        _counts(page, found)
    if not page.text.strip():
        st.info(page.t("no_sentence"), icon=":material/edit:")
    return request


def _counts(page: LessonPage, found: Counted) -> None:
    """How much was read, how, and what was left aside."""
    st.caption(page.t("read_as", documents=len(found.collection.texts),
                      words=len(found.counts.words)))
    if found.collection.cut:
        st.caption(page.t(f"said_{found.collection.cut}"))
    if found.collection.dropped:
        st.caption(page.t("lines_dropped", limit=MOST_DOCUMENTS, dropped=found.collection.dropped))
    if found.counts.dropped:
        st.caption(page.t("words_dropped", limit=MOST_WORDS, dropped=found.counts.dropped))


def sentence_note(page: LessonPage, found: Counted) -> None:
    """Which words of the sentence no document has."""
    if found.unknown:
        words = ", ".join(ui.escape_markdown(word) for word in found.unknown[:12])
        st.caption(page.t("unknown", words=words))


def cannot(page: LessonPage, key: str) -> None:
    """The one sentence on what the method cannot do."""
    with st.container(border=True):
        st.markdown(f":material/block: **{page.t('cannot')}**")
        page.prose(f"{key}-cannot")


def names_of(found: Counted) -> list[str]:
    """Documents by number and text."""
    return [f"{i} {text}" for i, text in enumerate(found.collection.texts, 1)]


def chosen(
    page: LessonPage, key: str, label: str, options: Sequence[str], default: str
) -> str:
    """A drop-down whose options follow the documents: a word that has gone leaves no note."""
    _drop_stale(page, key, options)
    return state.picked(key, label, list(options), default)


def settled(
    page: LessonPage, key: str, label: str, options: Sequence[str], default: str
) -> str:
    """What `chosen` will say, for a picture that stands above it."""
    _drop_stale(page, key, options)
    return page.peek_choice(key, label, list(options), default)


def _drop_stale(page: LessonPage, key: str, options: Sequence[str]) -> None:
    last = st.session_state.get(key, state.kept(key))
    if last is not None and last not in options:
        page.forget(key)
