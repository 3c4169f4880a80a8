"""The surgery table: a layer, an embedding, the scaling or the order taken away."""

import streamlit as st

from lessons.surgery import figures
from lessons.surgery.table import Request, Result, Row, run
from lessons.theme import percent
from pages import ui
from pages.inside.surgery_views import PLAIN, Case, p_of
from pages.ui import LessonPage
from pages.ui.hiding import SHOWN


def _roll_again(page: LessonPage) -> None:
    page.put("seed", int(st.session_state.get("seed") or 1) % 999 + 1)


@st.fragment
def surgery_table(page: LessonPage, case: Case) -> None:
    """One row an operation, one real pass a row."""
    page.section("table")
    if case.blank is None and not case.pair:
        st.info(page.t("nothing_to_watch"), icon=":material/touch_app:")
        return
    left, middle, right = st.columns([3, 3, 2], vertical_alignment="bottom")
    with left:
        layer = page.control_integer("layer", page.t("which_layer"), 0, page.info.layers - 1, 0)
    with middle:
        seed = page.control_integer("seed", page.t("seed"), 1, 999, 1)
    right.button(page.t("roll"), icon=":material/casino:", on_click=_roll_again, args=(page,),
                 width="stretch")
    result: Result = page.run(
        run, Request(page.text, page.text_b, page.model, layer, seed, case.index, case.word)
    )
    names = {row.name: page.t(f"row_{row.name}", layer=layer) for row in result.rows}
    if not _guessed(page, result, names):
        return
    _rows(page, result, names)
    for watched, word in ((True, result.word), (False, "")):
        if result.intact.is_next is None if not watched else not result.word:
            continue
        st.markdown(f"**{p_of(page, word)}**")
        st.plotly_chart(
            figures.operations(result, watched, list(names.values()), page.theme),
            config=PLAIN, key=f"operations_{watched}", alt=page.t("operations_alt"),
        )
    _conclusions(page, result, names)
    st.markdown(f"**{page.t('shuffled')}**")
    tokens = result.row("order").tokens[:SHOWN]
    ui.tokens("shuffled", tokens, clickable=False, label=page.t("shuffled"))


def _guessed(page: LessonPage, result: Result, names: dict[str, str]) -> bool:
    """Guess: which operation hurts most?"""
    what = p_of(page, result.word)
    options = list(names.values())[1:]
    mine = page.guess("operation", page.t("ask_operation", what=what), options, switch=False)
    if mine:
        st.markdown(page.t("your_guess", mine=mine, models=names[result.worst.name]))
    return mine is not None


def _rows(page: LessonPage, result: Result, names: dict[str, str]) -> None:
    columns: dict[str, list[str]] = {
        page.t("operation"): [
            f"**{names[row.name]}**" if row is result.intact else names[row.name]
            for row in result.rows
        ]
    }
    if result.word:
        columns[page.t("says")] = [_said(row) for row in result.rows]
        columns[p_of(page, result.word)] = [percent(row.watched or 0.0) for row in result.rows]
    if result.intact.is_next is not None:
        columns["P(IsNext)"] = [percent(row.is_next or 0.0) for row in result.rows]
    st.table(columns)


def _said(row: Row) -> str:
    pairs = zip(row.words, row.shares, strict=True)
    return " · ".join(f"{ui.escape_markdown(word)} {percent(share)}" for word, share in pairs)


def _conclusions(page: LessonPage, result: Result, names: dict[str, str]) -> None:
    worst, what = result.worst, p_of(page, result.word)
    first, last = (
        (row.watched if result.word else row.is_next) or 0.0 for row in (result.intact, worst)
    )
    st.markdown(page.t("say_worst", what=what, operation=names[worst.name],
                       before=percent(first), after=percent(last)))
    if result.word:
        st.markdown(page.t("say_survived", survived=result.survived, all=len(result.rows) - 1,
                           word=ui.escape_markdown(result.intact.words[0])))
    page.prose("order-blind", difference=f"{result.order_blind:.0e}" if result.order_blind else "0")
