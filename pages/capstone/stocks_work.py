"""The result that the controls ask for: stored, computed, under way, or still to be started."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from core.stocks.watch import Tell
from lessons.stocks import beforehand
from lessons.stocks.lesson import (
    EMBEDDED,
    Request,
    Result,
    answer_apart,
    asked,
    device_of,
    facts_of,
    result_of,
    shipped,
)
from lessons.stocks.sources import Opened
from pages.capstone.stocks_choose import Choice
from pages.capstone.stocks_desk import STOPPED, begin, desk, working
from pages.ui import LessonPage

LAST = "_stocks_last"  # the choice whose result was shown last


@dataclass(frozen=True)
class Found:
    """A result on the page, with what it was asked by and made from.

    current : False where the controls ask for something else meanwhile
    """

    choice: Choice
    result: Result
    current: bool

    @property
    def opened(self) -> Opened:
        assert self.choice.opened is not None
        return self.choice.opened


def judged(page: LessonPage, choice: Choice) -> Found | None:
    """The result the controls ask for where it is there, else the one shown before; None without.

    Says which of the two it is, and offers to work on what is missing.
    """
    if choice.opened is None:
        return _before(page, None)
    result = _there(page, choice)
    if result is not None:
        st.session_state[LAST] = choice
        _how_made(page, choice)
        return Found(choice, result, True)
    last = _before(page, choice)
    _offer(page, choice, first=last is None)
    return last


def _there(page: LessonPage, choice: Choice) -> Result | None:
    """The result if nothing is left to compute."""
    found: Result | None = desk(choice.key).value(choice.key)
    if found is None and choice.request.source == EMBEDDED:
        report = beforehand.load(choice.request)
        if report is not None:
            request = choice.request
            table = shipped().between(request.start, request.end)
            found = result_of(table, asked(table, request.ticker), report, facts_of())
            desk(choice.key).keep(choice.key, found)
    return found


def _before(page: LessonPage, choice: Choice | None) -> Found | None:
    """What was shown last, while nothing newer is there."""
    last: Choice | None = st.session_state.get(LAST)
    if last is None or last.opened is None:
        return None
    result = _there(page, last)
    return Found(last, result, False) if result is not None else None


def _how_made(page: LessonPage, choice: Choice) -> None:
    """Whether the result was computed beforehand, and the offer to compute it here."""
    again = ("again", choice.request)
    if not (choice.request.source == EMBEDDED and beforehand.known(choice.request)):
        st.caption(":material/memory: " + page.t("computed_here"))
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.caption(":material/inventory_2: " + page.t("stored_here", command=beforehand.COMMAND))
        st.button(page.t("again"), icon=":material/refresh:", type="tertiary",
                  on_click=_start, args=(page, again, choice))
    fresh = desk(again).value(again)
    if fresh is not None:
        _compare(page, desk(choice.key).value(choice.key), fresh)
    else:
        working(page, again)


def _compare(page: LessonPage, stored: Result, fresh: Result) -> None:
    pairs = zip(stored.report.rows, fresh.report.rows, strict=True)
    apart = max(abs(a.scores.accuracy - b.scores.accuracy) for a, b in pairs)
    seconds = sum(row.seconds for row in fresh.report.rows)
    st.success(page.t("again_done", apart=f"{apart:.0e}" if apart else "0",
                      seconds=f"{seconds:.0f}"), icon=":material/verified:")


def _offer(page: LessonPage, choice: Choice, first: bool) -> None:
    """A button that starts the work; where nothing is on screen yet, it starts by itself."""
    if first and desk(choice.key).look(choice.key) is None and not st.session_state.get(STOPPED):
        _start(page, choice.key, choice)
    if working(page, choice.key):
        return
    with st.container(border=True):
        st.markdown(page.t("not_judged" if first else "other_settings"))
        st.button(page.t("judge"), icon=":material/play_arrow:", type="primary",
                  on_click=_start, args=(page, choice.key, choice))


def _start(page: LessonPage, key: Hashable, choice: Choice) -> None:
    assert choice.opened is not None
    desk(key).forget(key)
    begin(page, key, partial(_judge, page, choice.opened, choice.request))


def _judge(page: LessonPage, opened: Opened, request: Request, tell: Tell) -> Result:
    facts = facts_of() if request.source == EMBEDDED else {}
    return answer_apart(opened.table, request, device_of(page.engine), tell, facts)
