"""TextRank: the graph of words, who votes for one of them, and the ranked sentences."""

import streamlit as st

from core.vectors.textrank import DAMPING, Ranked
from lessons.classic import figures, spaces
from lessons.classic.ranking import MOST_SENTENCES, WINDOWS, TextRank, given_to_all, votes
from lessons.classic.ranking import textrank as rank_all
from lessons.classic.request import Request
from lessons.theme import number, tex
from pages import ui
from pages.ui import LessonPage
from pages.vectors.classic_documents import PLAIN, SHOWN_DOCUMENTS, cannot, chosen, settled

BEST = 8
VOTERS = 6
IN_FORMULA = 3  # that a phone shows in one line


def textrank(page: LessonPage, request: Request) -> None:
    window = page.peek_integer("tr_window", page.t("window"), *WINDOWS, Request.window)
    page.section("textrank", window=window, damping=DAMPING)
    window = page.control_integer("tr_window", page.t("window"), *WINDOWS, Request.window)
    asked = Request(request.text, "", request.cut, request.function_words, window)
    result: TextRank = page.run(rank_all, asked, needs_model=False)
    if not _guessed(page, result):
        return
    _words(page, result)
    _sentences(page, result)
    page.prove(result.proof)
    cannot(page, "textrank")


def _guessed(page: LessonPage, result: TextRank) -> bool:
    names, order = result.words.names, result.words.order()
    guess = page.guess("textrank", page.t("guess_rank"), sorted(names[i] for i in order[:5]))
    if guess:
        st.markdown(page.t("guess_said", mine=ui.escape_markdown(guess),
                           answer=ui.escape_markdown(names[order[0]])))
    return guess is not None


def _words(page: LessonPage, result: TextRank) -> None:
    names, order = result.words.names, result.words.order()
    at = names.index(settled(page, "node", page.t("node"), names, names[order[0]]))
    st.plotly_chart(spaces.graph(result.words, result.keywords, at, page.theme), config=PLAIN,
                    key="word_graph", alt=page.t("graph_alt"))
    if len(names) > spaces.MOST_NODES:
        st.caption(page.t("best_nodes", shown=spaces.MOST_NODES, words=len(names)))
    st.markdown(f"**{page.t('keywords')}**")
    best = result.keywords[:BEST]
    ranks = [float(result.words.ranks[i]) for i in best]
    st.plotly_chart(figures.bars([names[i] for i in best], ranks, page.theme,
                                 marked=range(len(best))),
                    config=PLAIN, key="keywords", alt=page.t("keywords"))
    if result.phrases:
        shown = " · ".join(ui.escape_markdown(phrase) for phrase in result.phrases[:BEST])
        st.markdown(page.t("phrases", phrases=shown))
    _votes(page, result, at)


def _votes(page: LessonPage, result: TextRank, at: int) -> None:
    """One application of the formula, with the numbers it gives and takes."""
    names = list(result.words.names)
    picked = names.index(chosen(page, "node", page.t("node"), names, names[at]))
    with st.container(border=True):
        _formula(page, result.words, picked)


def _formula(page: LessonPage, graph: Ranked, node: int) -> None:
    received, common = votes(graph, node), given_to_all(graph)
    name = ui.escape_markdown(graph.names[node])
    st.markdown(page.t("say_votes", word=name, count=len(received)))
    parts = [tex(vote) for _, vote in received[:IN_FORMULA]]
    parts += [r"\dots"] if len(received) > IN_FORMULA else []
    parts += [tex(common)] if common else []
    total = sum(vote for _, vote in received) + common
    start = rf"\frac{{1-{DAMPING}}}{{{len(graph.names)}}}+{DAMPING}\cdot"
    st.latex(rf"{start}({'+'.join(parts) or 0})")
    st.latex(rf"={start} {tex(total)}=\mathbf{{{tex(float(graph.ranks[node]))}}}")
    if received:
        voters = ", ".join(ui.escape_markdown(graph.names[j]) for j, _ in received[:VOTERS])
        st.caption(page.t("voters", voters=voters))
    if common:
        st.caption(page.t("common_votes", common=number(common)))


def _sentences(page: LessonPage, result: TextRank) -> None:
    page.section("textrank-sentences")
    names = result.sentences.names
    if len(names) < 2:
        st.markdown(page.t("one_sentence"))
        return
    order = result.sentences.order()[:SHOWN_DOCUMENTS]
    best = [row for row, i in enumerate(order) if i in result.summary]
    st.plotly_chart(
        figures.bars([f"{i + 1} {names[i]}" for i in order],
                     [float(result.sentences.ranks[i]) for i in order], page.theme, marked=best),
        config=PLAIN, key="sentences", alt=page.t("sentences_alt"),
    )
    for i in result.summary:
        st.markdown(f"> {i + 1}\\. {ui.escape_markdown(names[i])}")
    if result.dropped:
        st.caption(page.t("sentences_dropped", limit=MOST_SENTENCES, dropped=result.dropped))
