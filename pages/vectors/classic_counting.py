"""One-hot vectors, the bag of words, TF-IDF: counts and what they weigh."""

import numpy as np
import streamlit as st

from core.vectors.counts import cell
from lessons.classic import figures
from lessons.classic.counting import OneHot, Weighed, between, weigh
from lessons.classic.counting import one_hot as count_all
from lessons.classic.request import Request
from lessons.theme import number
from pages import ui
from pages.ui import LessonPage
from pages.vectors.classic_documents import (
    PLAIN,
    SHOWN_DOCUMENTS,
    SHOWN_WORDS,
    cannot,
    chosen,
    names_of,
    sentence_note,
    settled,
)


def one_hot(page: LessonPage, request: Request) -> None:
    result: OneHot = page.run(count_all, request, needs_model=False)
    words = result.counted.counts.words
    page.section("one-hot", words=len(words))
    trio = _trio(page, result)
    names = [words[i] for i in trio]
    if len(trio) > 1 and not _guessed(page, names):
        return
    if len(trio) > 1:
        _three(page, result, trio)
        page.section("one-hot-all", pairs=f"{result.pairs:,}", near=number(result.nearest),
                     far=number(result.farthest), cosine=number(result.cosine))
    _bag(page, result)
    cannot(page, "one-hot")


def _trio(page: LessonPage, result: OneHot) -> list[int]:
    """Up to three different words that the learner picks."""
    words = list(result.counted.counts.words)
    picked = []
    columns = st.columns(3)
    for place, start in enumerate(result.trio):
        with columns[place]:
            word = chosen(page, f"word_{place}", page.t("word_number", number=place + 1), words,
                          words[start])
            picked.append(words.index(word))
    return list(dict.fromkeys(picked))


def _guessed(page: LessonPage, names: list[str]) -> bool:
    pairs = [f"{a} – {b}" for i, a in enumerate(names) for b in names[i + 1 :]]
    same = page.t("all_the_same")
    guess = page.guess("nearest", page.t("guess_nearest"), [*pairs, same])
    if guess:
        st.markdown(page.t("guess_said", mine=ui.escape_markdown(guess),
                           answer=ui.escape_markdown(same)))
    return guess is not None


def _three(page: LessonPage, result: OneHot, trio: list[int]) -> None:
    """The words' vectors, and how far apart they are."""
    words = result.counted.counts.words
    vectors = np.eye(len(words))[trio]
    distances, _ = between(vectors)
    left, right = st.columns([5, 6], gap="large", vertical_alignment="center")
    with left:
        st.plotly_chart(figures.triangle([words[i] for i in trio], distances, page.theme),
                        config=PLAIN, key="triangle", alt=page.t("triangle_alt"))
    with right:
        others = [i for i in range(len(words)) if i not in trio]
        columns = sorted([*trio, *others[: max(0, SHOWN_WORDS - len(trio))]])
        ui.heat("one_hot", vectors[:, columns], [words[i] for i in trio],
                [words[i] for i in columns], selectable=False, cell=44, row_height=40,
                domain=(0.0, 1.0), label=page.t("one_hot_label"))
        st.caption(page.t("some_words", shown=len(columns), words=len(words)))


def _bag(page: LessonPage, result: OneHot) -> None:
    """The counts of each document and of the sentence."""
    page.section("bag")
    found = result.counted
    words, matrix = found.counts.words, found.counts.matrix
    columns = sorted(np.argsort(-matrix.sum(axis=0), kind="stable")[:SHOWN_WORDS].tolist())
    rows = [page.t("document_short", number=i + 1) for i in range(len(matrix))][:SHOWN_DOCUMENTS]
    shown = matrix[:SHOWN_DOCUMENTS, columns]
    if found.query.any() or found.unknown:
        rows, shown = [*rows, page.t("your_sentence")], np.vstack([shown, found.query[columns]])
    ui.heat("bag", shown, rows, [words[i] for i in columns], selectable=False, cell=44,
            row_height=30, label=page.t("bag_label"))
    st.caption(page.t("most_frequent", shown=len(columns), words=len(words), rows=len(rows)))
    sentence_note(page, found)
    if result.same:
        one, two = result.same
        st.markdown(page.t(
            "same_bag", one=ui.escape_markdown(found.collection.texts[one]),
            two=ui.escape_markdown(found.collection.texts[two]),
        ))


def tfidf(page: LessonPage, request: Request) -> None:
    result: Weighed = page.run(weigh, request, needs_model=False)
    page.section("tfidf")
    found = result.counted
    if len(found.collection.texts) == 1:
        st.info(page.t("one_idf"), icon=":material/info:")
    columns = sorted(result.order[:SHOWN_WORDS])
    document, word = _settled(page, result, columns)
    if not _guess_heaviest(page, result, document):
        return
    words = found.counts.words
    here = document < SHOWN_DOCUMENTS and word in columns
    clicked = ui.heat(
        "tfidf", result.weights[:SHOWN_DOCUMENTS, columns],
        [page.t("document_short", number=i + 1)
         for i in range(len(result.weights))][:SHOWN_DOCUMENTS],
        [words[i] for i in columns], cell=46, row_height=34, label=page.t("tfidf_label"),
        selected=(document, columns.index(word)) if here else None,
    )
    if clicked:
        page.put("cell_document", str(clicked[0] + 1))
        page.put("cell_word", words[columns[clicked[1]]])
        st.rerun(scope="fragment")
    st.caption(page.t("heaviest_words", shown=len(columns), words=len(words)))
    _one_cell(page, result, document, word)
    _ask(page, result)
    page.prove(result.proof)
    cannot(page, "tfidf")


def _settled(page: LessonPage, result: Weighed, columns: list[int]) -> tuple[int, int]:
    """The cell that the controls below the picture will name."""
    words = list(result.counted.counts.words)
    documents = [str(i + 1) for i in range(len(result.weights))]
    at = int(settled(page, "cell_document", page.t("document"), documents, "1")) - 1
    heaviest = result.heaviest(at, 1)
    start = words[heaviest[0] if heaviest else columns[0]]
    return at, words.index(settled(page, "cell_word", page.t("word"), words, start))


def _guess_heaviest(page: LessonPage, result: Weighed, document: int) -> bool:
    words, best = result.counted.counts.words, result.heaviest(document, 6)
    if len(best) < 2:
        return True
    guess = page.guess(f"heaviest {document}", page.t("guess_heaviest", number=document + 1),
                       sorted(words[i] for i in best))
    if guess:
        st.markdown(page.t("guess_said", mine=ui.escape_markdown(guess),
                           answer=ui.escape_markdown(words[best[0]])))
    return guess is not None


def _one_cell(page: LessonPage, result: Weighed, document: int, word: int) -> None:
    page.section("tfidf-cell")
    found = result.counted
    words, names = list(found.counts.words), names_of(found)
    left, right = st.columns(2)
    with left:
        numbers = [str(i + 1) for i in range(len(names))]
        picked = chosen(page, "cell_document", page.t("document"), numbers, str(document + 1))
        st.caption(ui.escape_markdown(names[int(picked) - 1][:200]))
    with right:
        named = chosen(page, "cell_word", page.t("word"), words, words[word])
    one = cell(found.counts.matrix, int(picked) - 1, words.index(named))
    with st.container(border=True):
        st.markdown(page.t("say_cell", word=ui.escape_markdown(named), document=picked,
                           tf=one.tf, df=one.df, n=one.n))
        st.latex(rf"\mathrm{{idf}}=\ln\frac{{1+{one.n}}}{{1+{one.df}}}+1={number(one.idf)}")
        st.latex(rf"\mathrm{{tf}}\cdot\mathrm{{idf}}={one.tf}\cdot {number(one.idf)}"
                 rf"={number(one.product)}")
        st.latex(rf"\text{{weight}}=\frac{{{number(one.product)}}}{{{number(one.length)}}}"
                 rf"=\mathbf{{{number(one.weight)}}}")
        st.caption(page.t("say_length", length=number(one.length)))


def _ask(page: LessonPage, result: Weighed) -> None:
    page.section("tfidf-ask")
    sentence_note(page, result.counted)
    if not result.counted.query.any():
        st.markdown(page.t("nothing_shared"))
        return
    order = np.argsort(-np.round(result.similar, 12), kind="stable")[:SHOWN_DOCUMENTS]
    names = names_of(result.counted)
    st.plotly_chart(
        figures.bars([names[i] for i in order], result.similar[order].tolist(), page.theme,
                     marked=(0,)),
        config=PLAIN, key="ask_tfidf", alt=page.t("ask_alt"),
    )
