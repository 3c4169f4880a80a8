"""GLUE's table as published: a guess, two systems compared, the table, its average, the sizes."""

import streamlit as st

from lessons.scores import figures
from lessons.scores.figures import signed
from lessons.scores.published import (
    BEST,
    KINDS,
    ORDERS,
    Gain,
    gains,
    leaderboard,
    size_and_gain,
    source,
    system,
    systems,
    tasks,
)
from pages.ui import LessonPage, state
from pages.using.scores_try import PLAIN

COLUMNS = {"mnli_m": "MNLI-m", "mnli_mm": "MNLI-mm"}


@st.fragment
def table(page: LessonPage) -> None:
    """Everything about table 1; hidden until the learner has guessed, when asked to."""
    page.section("glue", source=source())
    if not _guessed(page):
        return
    _rows(page)
    page.section("gains")
    found = _compared(page)
    if found:
        _sizes(page, found)
    _average(page)


def _guessed(page: LessonPage) -> bool:
    """Guess: where did BERT gain most?"""
    found = {g.task.name: g for g in gains(BEST, "large")}
    mine = page.guess("scores", page.t("ask_gain"), list(found))
    if mine is None:
        return False
    most = max(found.values(), key=lambda gain: gain.points)
    if mine:
        said = {"task": most.task.name, "points": signed(most.points)}
        if mine == most.task.name:
            st.success(page.t("guess_right", **said))
        else:
            points = signed(found[mine].points)
            st.info(page.t("guess_wrong", mine=mine, mine_points=points, **said))
    return True


def _rows(page: LessonPage) -> None:
    names = {t.columns[0]: t.name for t in tasks()} | COLUMNS
    rows = systems()
    columns: dict[str, list[object]] = {page.t("system"): [s.name for s in rows]}
    for column in rows[0].scores:
        columns[names[column]] = [s.scores[column] for s in rows]
    columns[page.t("average")] = [s.average for s in rows]
    one = st.column_config.NumberColumn(format="%.1f", width=76)
    first = st.column_config.TextColumn(pinned=True, width=170)
    st.dataframe(columns, hide_index=True, row_height=40, column_config={
        name: one if at else first for at, name in enumerate(columns)
    })
    st.caption(f"{source()}. {page.t('sort_hint')}")


def _compared(page: LessonPage) -> tuple[Gain, ...]:
    """Two systems, a kind of task, an order; the picture. Empty for a system with itself."""
    names = {BEST: page.t("best")} | {s.id: s.name for s in systems()}
    one, other = st.columns(2)
    with one:
        first = state.picked("from_system", page.t("first"), list(names), BEST,
                             names.__getitem__)
    with other:
        second = state.picked("to_system", page.t("second"), list(names), "large",
                              names.__getitem__)
    one, other = st.columns(2)
    with one:
        kind = page.control_choice("kind", page.t("kinds"), ["all", *KINDS], "all",
                                   lambda code: page.t(f"kind_{code}"))
    with other:
        order = page.control_choice("sorted", page.t("order"), list(ORDERS), "gain",
                                    lambda code: page.t(f"order_{code}"))
    if first == second:
        st.info(page.t("same_system"), icon=":material/info:")
        return ()
    found = gains(first, second, kind, order)
    others = [s for s in systems() if s.id not in (first, second)]
    st.plotly_chart(
        figures.dots(found, (names[first], names[second]), others, page.theme),
        config=PLAIN, key="dots", alt=page.t("dots_alt"),
    )
    return gains(first, second)


def _sizes(page: LessonPage, found: tuple[Gain, ...]) -> None:
    most = max(found, key=lambda gain: gain.points)
    closed = max(found, key=lambda gain: gain.errors_gone)
    page.section(
        "size", rho=f"{size_and_gain(found):.2f}".replace("-", "\u2212"), count=len(found),
        most=most.task.name, points=signed(most.points), closed=closed.task.name,
        share=f"{100 * closed.errors_gone:.0f} %",
    )
    st.plotly_chart(
        figures.by_size(found, (page.t("size_axis"), page.t("gain_axis")), page.theme),
        config=PLAIN, key="by_size", alt=page.t("size_alt"),
    )
    st.caption(page.t("kinds_legend"))


def _average(page: LessonPage) -> None:
    rows = systems()
    same = [s for s in rows if f"{s.mean_of_columns:.1f}" == f"{s.average:.1f}"]
    apart = max(rows, key=lambda s: abs(s.mean_of_columns - s.average))
    board = leaderboard()
    page.section(
        "average", means=", ".join(f"{s.mean_of_columns:.2f}" for s in rows),
        printed=", ".join(f"{s.average:.1f}" for s in rows), matching=len(same),
        differing=apart.name, off=f"{abs(apart.mean_of_columns - apart.average):.2f}",
        eight=f"{system('large').mean_of_tasks():.2f}", leader_large=board["large"],
        leader_gpt=board["gpt"],
    )
