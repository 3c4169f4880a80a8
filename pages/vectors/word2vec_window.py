"""A window slides over the learner's text; beside it the examples that it makes."""

import streamlit as st

from core.vectors.windows import Corpus
from lessons.word2vec.lesson import Request, Result, run
from pages import ui
from pages.ui import LessonPage
from pages.vectors.word2vec_settings import window_size

WIDTH = 40  # words of a long sentence that are shown around the centre


@st.fragment
def windows(page: LessonPage, corpus: Corpus) -> None:
    page.section("windows", running=corpus.running, different=len(corpus.words),
                 sentences=len(corpus.sentences))
    place_of_words = st.container()
    left, right = st.columns(2)
    with left:
        place = page.control_integer("place", page.t("place"), 1, corpus.running,
                                     min(3, corpus.running))
    with right:
        window = window_size(page)
    result: Result = page.run(run, Request(page.text, place - 1, window=window), needs_model=False)
    with place_of_words:
        _sentence(page, result, place)
    if _guessed(page, result, window):
        _examples(page, result)
        page.prose("windows-after")


def _sentence(page: LessonPage, result: Result, place: int) -> None:
    """The sentence, its centre and context marked; a click moves the centre."""
    ids = result.corpus.sentences[result.sentence]
    start = max(0, min(result.centre - WIDTH // 2, len(ids) - WIDTH))
    shown = range(start, min(len(ids), start + WIDTH))
    kinds = ["mask" if p == result.centre else "keep" if p in result.context else ""
             for p in shown]
    clicked = ui.tokens(
        "words", [result.corpus.words[ids[p]] for p in shown], kinds=kinds,
        sublabels=[f"{p - result.centre:+d}".replace("+0", "0").replace("-", "−") for p in shown],
        label=page.t("words_label"),
    )
    st.caption(page.t("words_note"))
    if clicked is not None and start + clicked != result.centre:
        page.put("place", place + start + clicked - result.centre)
        st.rerun(scope="fragment")


def _word(result: Result, word: int) -> str:
    return ui.escape_markdown(result.corpus.words[word])


def _guessed(page: LessonPage, result: Result, window: int) -> bool:
    """Ask how many examples skip-gram makes here; False until the learner commits."""
    centre = result.corpus.sentences[result.sentence][result.centre]
    mine = page.guess(
        f"windows {result.sentence} {result.centre} {window}",
        page.t("guess_question", word=_word(result, centre)),
        [str(n) for n in range(2 * window + 1)],
    )
    if mine:
        st.markdown(page.t("guess_answer", mine=mine, right=len(result.skipgram)))
    return mine is not None


def _examples(page: LessonPage, result: Result) -> None:
    left, right = st.columns(2)
    with left, st.container(border=True):
        st.markdown(f"#### {page.t('net_cbow')}")
        st.markdown(page.t("cbow_asks"))
        for example in result.cbow:
            context = " + ".join(_word(result, w) for w in example.inputs)
            st.markdown(f"{context} → **{_word(result, example.target)}**")
        st.caption(page.t("examples_of_text", here=len(result.cbow), all=result.cbow_total))
    with right, st.container(border=True):
        st.markdown(f"#### {page.t('net_skipgram')}")
        st.markdown(page.t("skipgram_asks"))
        for example in result.skipgram:
            st.markdown(f"{_word(result, example.inputs[0])} → "
                        f"**{_word(result, example.target)}**")
        st.caption(
            page.t("examples_of_text", here=len(result.skipgram), all=result.skipgram_total)
        )
