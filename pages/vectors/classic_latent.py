"""LSA: the plane, the singular values, what became alike, and word classes."""

import numpy as np
import streamlit as st

from lessons.classic import figures, spaces
from lessons.classic.latent import Space
from lessons.classic.latent import lsa as decompose
from lessons.classic.request import Request
from lessons.theme import number, percent
from pages import ui
from pages.ui import LessonPage
from pages.vectors.classic_documents import (
    PLAIN,
    SHOWN_DOCUMENTS,
    cannot,
    names_of,
    sentence_note,
)

MOST_SIZE = 6
MOST_CLASSES = 8


def lsa(page: LessonPage, request: Request) -> None:
    first = Request(request.text, request.query, request.cut, request.function_words)
    most = min(MOST_SIZE, page.run(decompose, first, needs_model=False).most)
    size = page.peek_integer("k", page.t("directions"), 2, most, 2)
    count = page.peek_integer("classes", page.t("classes"), 2, MOST_CLASSES, Request.classes)
    asked = Request(request.text, request.query, request.cut, request.function_words, size=size,
                    classes=count)
    space: Space = page.run(decompose, asked, needs_model=False)
    found = space.counted
    page.section("lsa", documents=len(found.collection.texts), words=len(found.counts.words),
                 size=size, kept=percent(space.lsa.kept))
    page.control_integer("k", page.t("directions"), 2, most, 2)
    labels = (page.t("words_label"), page.t("documents_label"), page.t("your_sentence"))
    st.plotly_chart(spaces.plane(space, labels, page.theme), config=PLAIN, key="plane",
                    alt=page.t("plane_alt"))
    st.caption(page.t("plane_note"))
    page.section("lsa-spectrum")
    st.plotly_chart(spaces.spectrum(space, page.t("direction"), page.theme), config=PLAIN,
                    key="spectrum", alt=page.t("spectrum_alt"))
    _alike(page, space, size)
    _ask(page, space)
    _classes(page, space)
    page.prove(space.proof)
    cannot(page, "lsa")


def _alike(page: LessonPage, space: Space, size: int) -> None:
    """Which documents and words became alike."""
    page.section("lsa-alike", size=size)
    rows = [str(i + 1) for i in range(len(space.alike))][:SHOWN_DOCUMENTS]
    pictures = (("alike_tfidf", space.alike_tfidf), ("alike_lsa", space.alike))
    for column, (name, values) in zip(st.columns(2), pictures, strict=True):
        with column:
            st.markdown(f"**{page.t(name)}**")
            ui.heat(name, values[:SHOWN_DOCUMENTS, :SHOWN_DOCUMENTS], rows, rows,
                    scale="diverging", domain=(-1.0, 1.0), selectable=False, cell=34,
                    row_height=30, label=page.t(name))
    if space.pair:
        words = space.counted.counts.words
        st.markdown(page.t("never_together", one=ui.escape_markdown(words[space.pair.one]),
                           two=ui.escape_markdown(words[space.pair.two]),
                           cosine=number(space.pair.cosine)))


def _ask(page: LessonPage, space: Space) -> None:
    st.markdown(f"**{page.t('ask_both')}**")
    sentence_note(page, space.counted)
    if not space.counted.query.any():
        st.markdown(page.t("nothing_shared"))
        return
    order = np.argsort(-np.round(space.near, 9), kind="stable")[:SHOWN_DOCUMENTS]
    names = names_of(space.counted)
    st.plotly_chart(
        figures.two_bars([names[i] for i in order], (space.near_tfidf[order], space.near[order]),
                         (page.t("label_tfidf"), page.t("label_lsa")), page.theme),
        config=PLAIN, key="ask_lsa", alt=page.t("ask_alt"),
    )


def _classes(page: LessonPage, space: Space) -> None:
    page.section("classes")
    page.control_integer("classes", page.t("classes"), 2, MOST_CLASSES, Request.classes)
    columns = st.columns(2)
    for at, group in enumerate(space.groups()):
        with columns[at % 2], st.container(border=True):
            st.markdown(f"**{page.t('class_number', number=at + 1)}**")
            st.markdown(" · ".join(ui.escape_markdown(word) for word in group))
