"""pLSA and LDA: topics, the documents' shares of them, and the steps that find them."""

import numpy as np
import streamlit as st

from core.vectors.plsa import posterior
from lessons.classic import figures
from lessons.classic.latent import Aspects, Mixtures, recount, top_words
from lessons.classic.latent import lda as fit_lda
from lessons.classic.latent import plsa as fit_plsa
from lessons.classic.request import STEPS, Counted, Request
from lessons.theme import number, tex
from pages import ui
from pages.ui import LessonPage
from pages.vectors.classic_documents import (
    PLAIN,
    SHOWN_DOCUMENTS,
    cannot,
    chosen,
    names_of,
    sentence_note,
)

MOST_TOPICS = 6
TOP = 7
LAST_SEED = 99
TERMS = 4


def plsa(page: LessonPage, request: Request) -> None:
    topics = page.peek_integer("topics", page.t("topics"), 2, MOST_TOPICS, Request.topics)
    page.section("plsa", topics=topics)
    left, middle, right = st.columns(3)
    with left:
        topics = page.control_integer("topics", page.t("topics"), 2, MOST_TOPICS, Request.topics)
    with middle:
        steps = page.control_integer("em_steps", page.t("steps"), *STEPS, Request.steps)
    with right:
        seed = page.control_integer("topic_seed", page.t("seed"), 0, LAST_SEED, 0)
    result: Aspects = page.run(
        fit_plsa, Request(request.text, request.query, request.cut, request.function_words,
                          topics=topics, steps=steps, seed=seed),
        needs_model=False,
    )
    climbed = result.plsa.likelihoods
    page.section("plsa-rise", first=number(climbed[0]), last=number(climbed[-1]), steps=steps)
    st.plotly_chart(figures.likelihood(climbed, (page.t("steps"), page.t("log_likelihood")),
                                       page.theme),
                    config=PLAIN, key="likelihood", alt=page.t("likelihood_alt"))
    _topics(page, result.counted, result.plsa.topics)
    _shares(page, result.counted, result.plsa.mixtures, result.query)
    _posterior(page, result)
    page.prove(result.proof)
    cannot(page, "plsa")


def lda(page: LessonPage, request: Request) -> None:
    topics = page.peek_integer("topics", page.t("topics"), 2, MOST_TOPICS, Request.topics)
    seed = page.peek_integer("topic_seed", page.t("seed"), 0, LAST_SEED, 0)
    result: Mixtures = page.run(
        fit_lda, Request(request.text, request.query, request.cut, request.function_words,
                         topics=topics, seed=seed),
        needs_model=False,
    )
    page.section("lda", alpha=number(result.lda.alpha), perplexity=f"{result.lda.perplexity:.1f}")
    left, right = st.columns(2)
    with left:
        page.control_integer("topics", page.t("topics"), 2, MOST_TOPICS, Request.topics)
    with right:
        page.control_integer("topic_seed", page.t("seed"), 0, LAST_SEED, 0)
    _topics(page, result.counted, result.lda.topics)
    _shares(page, result.counted, result.lda.mixtures, result.lda.query)
    page.prove(result.proof)
    cannot(page, "lda")


def _topics(page: LessonPage, found: Counted, topics: np.ndarray) -> None:
    """A card for each topic with its most probable words."""
    columns = st.columns(min(3, len(topics)))
    colours = figures.topic_colours(page.theme)
    for at, topic in enumerate(top_words(topics, found.counts.words, TOP)):
        with columns[at % len(columns)], st.container(border=True):
            st.markdown(f"**{page.t('topic_number', number=at + 1)}**")
            st.plotly_chart(figures.topic_words(topic, colours[at], page.theme), config=PLAIN,
                            key=f"topic_{at}", alt=page.t("topic_number", number=at + 1))


def _shares(
    page: LessonPage, found: Counted, mixtures: np.ndarray, query: np.ndarray
) -> None:
    """How each document, and the sentence, is mixed."""
    st.markdown(f"**{page.t('shares')}**")
    names, rows = names_of(found)[:SHOWN_DOCUMENTS], mixtures[:SHOWN_DOCUMENTS]
    if found.query.any():
        names, rows = [*names, f"★ {page.t('your_sentence')}"], np.vstack([rows, query])
    labels = [page.t("topic_number", number=at + 1) for at in range(mixtures.shape[1])]
    st.plotly_chart(figures.mixtures(names, rows, labels, page.theme), config=PLAIN, key="shares",
                    alt=page.t("shares"))
    sentence_note(page, found)
    if not found.query.any():
        st.caption(page.t("nothing_shared"))


def _posterior(page: LessonPage, result: Aspects) -> None:
    """P(z | d, w) for one word of one document."""
    page.section("plsa-cell")
    found = result.counted
    matrix, words = found.counts.matrix, found.counts.words
    full = [str(i + 1) for i in range(len(matrix)) if matrix[i].any()]
    left, right = st.columns(2)
    with left:
        picked = chosen(page, "cell_document", page.t("document"), full, full[0])
    document = int(picked) - 1
    inside = [words[w] for w in np.flatnonzero(matrix[document])]
    with right:
        word = chosen(page, "cell_word", page.t("word"), inside, inside[0])
    at = words.index(word)
    st.caption(ui.escape_markdown(names_of(found)[document][:200]))
    shares = posterior(result.plsa.topics, result.plsa.mixtures)[document, at]
    st.table(_steps(page, result.plsa.topics[:, at], result.plsa.mixtures[document], shares))
    _m_step(page, result, at, int(shares.argmax()))


def _m_step(page: LessonPage, result: Aspects, word: int, topic: int) -> None:
    """The share of one topic that the word gets next."""
    again = recount(result, word, topic)
    name = ui.escape_markdown(result.counted.counts.words[word])
    terms = [rf"{n}\cdot {tex(p)}" for n, p in again.terms]
    shown = "+".join([*terms[:TERMS], *([r"\dots"] if len(terms) > TERMS else [])])
    st.markdown(page.t("m_step", topic=topic + 1, word=name))
    st.latex(rf"P(w\mid z_{{{topic + 1}}})=\frac{{{shown}}}{{{tex(again.total)}}}"
             rf"=\mathbf{{{tex(again.value)}}}")
    st.caption(page.t("m_step_note", topic=topic + 1, word=name))


def _steps(
    page: LessonPage, word: np.ndarray, share: np.ndarray, posteriors: np.ndarray
) -> dict[str, list[str]]:
    return {
        "$z$": [page.t("topic_number", number=at + 1) for at in range(len(posteriors))],
        r"$P(w\mid z)$": [number(float(p)) for p in word],
        r"$P(z\mid d)$": [number(float(p)) for p in share],
        page.t("product"): [number(float(a) * float(b)) for a, b in zip(word, share, strict=True)],
        r"$P(z\mid d,w)$": [f"**{number(float(p))}**" for p in posteriors],
    }
