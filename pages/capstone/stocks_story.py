"""The way through the page: a great score first, then the reason for it, then what is left."""

import streamlit as st

from lessons.stocks import figures_split
from lessons.stocks.story import STEPS, controls, shared_days
from lessons.theme import percent
from pages.capstone.stocks_choose import put_all
from pages.capstone.stocks_work import Found
from pages.ui import LessonPage

PLAIN = {"displayModeBar": False}
START = "own"
LOOKED_UP = ("great", "why")  # steps in which KNN shows what it does


def story(page: LessonPage) -> None:
    """The six steps; a click sets the controls below to what the step is about."""
    page.section("story")
    now = page.value("step", page.t("step"), list(STEPS), START)
    key = "_stocks_step"
    if st.session_state.get(key) != now:
        st.session_state[key] = now

    def go() -> None:
        _take(page, st.session_state[key] or START)

    st.segmented_control(
        page.t("step"), list(STEPS), key=key, on_change=go, label_visibility="collapsed",
        required=True, format_func=lambda s: page.t("step_name", number=STEPS.index(s) + 1,
                                                    name=page.t(f"step_{s}")),
    )
    with st.container(border=True):
        page.prose(f"step-{now}")
        at = STEPS.index(now)
        if at + 1 < len(STEPS):
            following = STEPS[at + 1]
            st.button(page.t("next_step", name=page.t(f"step_{following}")), type="primary",
                      icon=":material/arrow_forward:", on_click=_take, args=(page, following))


def _take(page: LessonPage, step: str) -> None:
    page.put("step", step)
    put_all(controls(step))
    if step in LOOKED_UP:
        page.put("who", "knn")


def reason(page: LessonPage, found: Found) -> None:
    """Which days stand on which side, and how many on both."""
    result = found.result
    share = shared_days(result.table, result.tickers, result.report)
    fold = result.report.folds[-1]
    page.section("split", shared=percent(share), learned=f"{fold.n_train:,}",
                 judged=f"{fold.n_test:,}", folds=len(result.report.folds))
    words = figures_split.Words(page.t("days_learned"), page.t("days_judged"),
                                page.t("days_both"), page.t("fold"))
    st.plotly_chart(figures_split.calendar(result.report, words, page.theme), config=PLAIN,
                    key="calendar", alt=page.t("calendar_alt"))
    if share:
        st.error(page.t("leaks", shared=percent(share)), icon=":material/water_drop:")
    else:
        st.success(page.t("no_leak"), icon=":material/verified:")
