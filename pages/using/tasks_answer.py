"""What the head says: a class, an answer in the paragraph, or a tag a word."""

import streamlit as st

from core.contract import AnswerSpan
from lessons.tasks import figures, marking
from lessons.tasks.lesson import Result
from lessons.tasks.ranked import ranked
from lessons.tasks.reading import (
    default_piece,
    open_window,
    pieces_of,
    shared_pieces,
    split_word,
    word_at,
)
from lessons.theme import number, percent
from pages import ui
from pages.ui import LessonPage
from pages.ui.components.marked import Entry, marked
from pages.using.tasks_choose import class_name, tag_name
from pages.using.tasks_picture import open_output, output_name

PLAIN = {"displayModeBar": False}
MOST_BARS = 7


def said(page: LessonPage, result: Result, chosen: int) -> None:
    {"span": _answer, "tags": _tags}.get(result.answer.shape, _class)(page, result, chosen)


def _class(page: LessonPage, result: Result, chosen: int) -> None:
    answer = result.answer
    page.section("class")
    names = [class_name(page, label) for label in answer.labels]
    st.plotly_chart(
        figures.probabilities(names, answer.probabilities,
                              answer.labels.index(answer.label or ""), page.theme),
        config=PLAIN, key="tk_bars", alt=page.t("bars_alt"),
    )


def _answer(page: LessonPage, result: Result, chosen: int) -> None:
    answer = result.answer
    page.section("answer")
    best = answer.spans[0] if answer.spans else None
    if best is None:
        st.info(page.t("no_span"), icon=":material/help:")
        return
    if not answer.answerable:
        st.info(page.t("not_believed", score=number(best.score), nothing=number(_nothing(result)),
                       best=ui.escape_markdown(best.text)), icon=":material/help:")
    tag = page.t("answer_tag" if answer.answerable else "best_tag")
    with st.container(border=True):
        st.markdown(f"**{ui.escape_markdown(result.question)}**")
        open_output(page, marked("tk_paragraph", marking.answered(result, tag), chosen=chosen,
                                 label=page.t("paragraph")), chosen)
    _ranked(page, result)
    page.section("curves", nothing=number(_nothing(result)), best=number(best.score))
    number_ = _windows(page, result)
    window = answer.windows[number_]
    st.plotly_chart(
        figures.curves(window, _best_in(answer.spans, number_),
                       (page.t("start_curve"), page.t("end_curve")), page.theme),
        config=PLAIN, key="tk_curves", alt=page.t("curves_alt"),
    )


def _nothing(result: Result) -> float:
    return result.answer.no_answer or 0.0


def _best_in(spans: tuple[AnswerSpan, ...], window: int) -> AnswerSpan | None:
    return next((span for span in spans if span.window == window), None)


def _windows(page: LessonPage, result: Result) -> int:
    """Which part of a long paragraph is shown, and why there are parts."""
    windows = result.answer.windows
    if len(windows) == 1:
        return 0
    page.prose("windows", count=len(windows), pieces=len(windows[0].encoded),
               shared=shared_pieces(windows))
    opened = open_window(result) + 1
    return page.control_integer("tk_window", page.t("window"), 1, len(windows), opened) - 1


def _ranked(page: LessonPage, result: Result) -> None:
    """The best spans with "no answer" at its place among them."""
    rows = ranked(result.answer)
    names = [f"“{ui.escape_markdown(r.text)}”" if r.text is not None else page.t("no_answer_row")
             for r in rows]
    st.table({
        page.t("rank"): [str(at) for at in range(1, len(rows) + 1)],
        page.t("span"): names,
        "S·Tᵢ": [number(r.start) for r in rows],
        "E·Tⱼ": [number(r.end) for r in rows],
        page.t("score"): [f"**{number(r.start + r.end)}**" for r in rows],
    })


def _tags(page: LessonPage, result: Result, chosen: int) -> None:
    answer = result.answer
    page.section("tags")
    if not answer.words:
        st.info(page.t("no_words"), icon=":material/help:")
        return
    word = word_at(result, chosen) or word_at(result, default_piece(result))
    assert word is not None
    legend = [Entry(marking.colour_of(kind), kind, page.t(f"tag_{kind.lower()}"))
              for kind in marking.kinds(result)]
    with st.container(border=True):
        clicked = marked(
            "tk_words", marking.tagged(result, page.text), chosen=word.piece, legend=legend,
            roomy=True, label=page.t("words_label"),
        )
    open_output(page, clicked, chosen)
    best = marking.likeliest(word.logits, MOST_BARS)
    st.markdown(page.t("word_title", word=ui.escape_markdown(word.text),
                       output=output_name(word.piece)))
    st.plotly_chart(
        figures.probabilities([tag_name(page, answer.labels[i]) for i, _ in best],
                              [p for _, p in best], 0, page.theme),
        config=PLAIN, key="tk_bars", alt=page.t("bars_alt"),
    )
    if "O" in answer.labels:
        _entities(page, result)
    _pieces(page, result)


def _entities(page: LessonPage, result: Result) -> None:
    page.section("bio")
    found = result.answer.entities
    if not found:
        st.info(page.t("no_entities"), icon=":material/help:")
        return
    st.table({
        page.t("entity"): [f"**{ui.escape_markdown(e.text)}**" for e in found],
        page.t("kind"): [page.t(f"tag_{e.label.lower()}") for e in found],
        page.t("characters"): [f"{e.start}–{e.end}" for e in found],
        page.t("least"): [percent(e.probability) for e in found],
    })


def _pieces(page: LessonPage, result: Result) -> None:
    """Which piece speaks for a word, with one of this text as the example."""
    page.section("pieces", words=len(result.answer.words),
                 count=len(result.answer.encoded) - 2)
    word = split_word(result)
    if word is None:
        st.markdown(page.t("none_split"))
        return
    own = pieces_of(result, word)
    tokens = result.answer.encoded.tokens
    st.markdown(page.t(
        "split", word=ui.escape_markdown(word.text), count=len(own),
        read=output_name(word.piece), tag=ui.escape_markdown(word.tag),
        pieces=" · ".join(ui.escape_markdown(tokens[i]) for i in own),
    ))
