"""The second half of the page: neighbours of the word, and the map of its sense sentences."""

import numpy as np
import streamlit as st

from core.errors import InsideBertError
from core.vectors import senses, static
from lessons.compare import chinese, figures, finding, pool, scatter
from lessons.compare.lesson import TABLES, Result
from lessons.theme import percent
from pages import ui
from pages.ui import LessonPage
from pages.vectors.compare_views import LABELS, PLAIN, pool_of

NEIGHBOURS = 8
ELMO_LAST = 2  # its second LSTM
MARKS = ("1", "2")  # the learner's two sentences


@st.fragment
def look_around(page: LessonPage, word: str, result: Result | None) -> None:
    """One choice of model and layer, for the lists and the map."""
    kind = page.control_choice("kind", page.t("model_choice"), list(LABELS), "bert",
                               LABELS.__getitem__)
    layer = _layer(page, word, kind)
    if result:
        _neighbours(page, result, kind, layer)
    _map(page, word, kind, layer, result)


def _layer(page: LessonPage, word: str, kind: str) -> int:
    """The layer to look at, the last one by default; a table has only one."""
    if kind in TABLES:
        return 0
    last = ELMO_LAST if kind == "elmo" else page.engine.info(_model(page, word)).layers
    label = page.t("model_layer", model=LABELS[kind])
    return page.control_integer(f"{kind}_layer", label, 0, last, last)


def _neighbours(page: LessonPage, result: Result, kind: str, layer: int) -> None:
    around = pool_of(page, "bert", result.word, _model(page, result.word))
    page.section("neighbours", words=f"{len(set(around.words)):,}",
                 sentences=len(around.sentences))
    if kind in TABLES:
        _static_list(page, result, kind)
        return
    answer = result.elmo if kind == "elmo" else result.bert
    if answer.why:
        _tell_why(page, kind, page.t(f"why_{answer.why}", word=ui.escape_markdown(result.word)))
        return
    if kind == "elmo":
        around = pool_of(page, "elmo", result.word, "")
    texts = (page.text, page.text_b)
    headings = (page.t("first_sentence"), page.t("second_sentence"))
    for n, column in enumerate(st.columns(2)):
        found = pool.nearest(around, answer.vectors[layer, n], layer, NEIGHBOURS,
                             word=result.word, texts=texts)
        with column, st.container(border=True):
            st.markdown(f"**{headings[n]}** — {ui.escape_markdown(texts[n][:120])}")
            st.table({
                page.t("near_word"): [f"**{ui.escape_markdown(f.word)}**" for f in found],
                page.t("near_cosine"): [f"{f.cosine:.2f}" for f in found],
                page.t("near_where"): [ui.escape_markdown(f.sentence) for f in found],
            })


def _static_list(page: LessonPage, result: Result, kind: str) -> None:
    answer = next(one for one in result.static if one.name == kind)
    if answer.why:
        _tell_why(page, kind, page.t(f"why_{answer.why}", word=ui.escape_markdown(result.word)))
        return
    table = static.load(TABLES[kind])
    found = table.nearest(table.vector(result.word), NEIGHBOURS, skip=(result.word,))
    with st.container(border=True):
        st.markdown(f"**{page.t('one_list')}**")
        st.table({
            page.t("near_word"): [f"**{ui.escape_markdown(word)}**" for word, _ in found],
            page.t("near_cosine"): [f"{closeness:.2f}" for _, closeness in found],
        })


def _tell_why(page: LessonPage, kind: str, why: str) -> None:
    st.info(page.t("no_vectors", model=LABELS[kind], why=why), icon=":material/info:")


def _model(page: LessonPage, word: str) -> str:
    return chinese.model_for(word, page.model) or page.model


def _mapped(page: LessonPage, typed: str) -> str:
    """The word of the map: the learner's where it has sentences, else one to choose."""
    known = senses.find(typed)
    if known and chinese.model_for(known.word, page.model):
        return known.word
    words = [w.word for w in senses.senses("en")]
    if not finding.is_chinese(typed):
        st.caption(page.t("cloud_other", word=ui.escape_markdown(typed)))
    return page.control_choice("map_word", page.t("cloud_word"), words, words[0])


def _map(
    page: LessonPage, typed: str, kind: str, layer: int, result: Result | None
) -> None:
    word = _mapped(page, typed)
    request = scatter.Request(word, kind, _model(page, word) if kind == "bert" else "")
    try:
        if kind != "bert":
            scatter.check(kind, word)
    except InsideBertError as error:
        if result is None:  # else it has been said above
            why = page.t(f"why_{error.key}", word=ui.escape_markdown(word))
            _tell_why(page, kind, why)
        return
    found: scatter.Cloud = page.run(scatter.run, request)
    layer = min(layer, len(found.vectors) - 1)
    own, marks = _own(page, word, kind, layer, result)
    plane = scatter.plane(found, layer, own, (page.text, page.text_b))
    entry = senses.find(word)
    assert entry is not None
    names = [sense.name[page.lang] for sense in entry.senses]
    count, size = len(found.sentences), found.vectors.shape[2]
    page.section("map", word=word, count=count, size=size)
    if marks:
        page.prose("map-own")
    st.plotly_chart(
        figures.cloud(found, plane, names, marks, page.theme), config=PLAIN, key="cloud",
        alt=page.t("cloud_alt", count=count),
    )
    if plane.agree is None:
        page.prose("map-static", word=word, count=count)
        return
    for (mark, _), at in zip(marks, plane.nearest, strict=False):
        st.markdown(page.t("own_nearest", mark=mark, sense=names[found.sense[at]],
                           sentence=ui.escape_markdown(found.sentences[at])))
    page.prose("map-contextual", agree=plane.agree, count=count, size=size,
               chance=scatter.by_chance(found), share=percent(sum(plane.shares)))
    if count < 20 and not finding.is_chinese(word):
        st.caption(page.t("cloud_small", count=count, words=", ".join(scatter.large())))


def _own(
    page: LessonPage, word: str, kind: str, layer: int, result: Result | None
) -> tuple[np.ndarray | None, list[tuple[str, str]]]:
    """The learner's two vectors and what marks them, when they are of this word."""
    if result is None or result.word.lower() != word:
        return None, []
    marks = list(zip(MARKS, (page.text, page.text_b), strict=True))
    if kind in TABLES:
        vector = static.load(TABLES[kind]).vector(word)
        return np.stack([vector, vector]), marks
    answer = result.elmo if kind == "elmo" else result.bert
    return (answer.vectors[layer], marks) if answer.cosines else (None, [])
