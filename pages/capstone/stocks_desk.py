"""Slow work of the stock page: beside the page, shared by all sessions, in sight, and stopped."""

import uuid
from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st

from core import shortage
from core.stocks.watch import Step, Tell
from lessons.stocks.desk import Desk, Look
from pages import ui
from pages.ui import LessonPage
from pages.ui.failures import log_failure

POLL = 0.7  # seconds
STOPPED = "_stocks_stopped"  # the work that this session does not wait for any more


@st.cache_resource(show_spinner=False)
def desks() -> dict[str, Desk]:
    """The desks of this server: one for what keeps the processors busy, one for what mostly waits
    for others."""
    return {"judge": Desk(), "open": Desk(at_once=4)}


def desk(key: Hashable) -> Desk:
    """Where the work of this key is done."""
    opens = isinstance(key, tuple) and key[0] == "opened"
    return desks()["open" if opens else "judge"]


def who() -> str:
    """This session, among those who wait."""
    name: str = st.session_state.setdefault("_stocks_who", uuid.uuid4().hex)
    return name


def begin(page: LessonPage, key: Hashable, do: Callable[[Tell], Any]) -> None:
    """Start work, or say why not."""
    st.session_state[STOPPED] = None
    try:
        desk(key).start(key, do, who())
    except ui.InsideBertError as error:
        st.warning(page.sentence_for(error), icon=":material/hourglass_top:")


def working(page: LessonPage, key: Hashable) -> bool:
    """The progress of work under way, or the sentence of why it failed. True while it goes on."""
    look = None if st.session_state.get(STOPPED) == key else desk(key).look(key, who())
    if look is None:
        return False
    if look.error is not None:
        error = shortage.named(look.error) or look.error
        if isinstance(error, ui.InsideBertError):
            st.warning(page.sentence_for(error), icon=":material/edit:")
        else:
            if isinstance(error, Exception):
                log_failure(error)
            st.error(page.t("errors_unknown"), icon=":material/error:")
        desk(key).forget(key)
        st.session_state[STOPPED] = key
        return False
    if look.active:
        _progress(page, key)
    return look.active


@st.fragment(run_every=POLL)
def _progress(page: LessonPage, key: Hashable) -> None:
    look = desk(key).look(key, who())
    if look is None or not look.active:
        st.rerun()
    share = look.step.share if look.step else 0.0
    left, right = st.columns([6, 1], vertical_alignment="center")
    left.progress(min(1.0, share), _said(page, look))
    right.button(page.t("stop"), icon=":material/stop:", key=f"_stop_{key!r}",
                 on_click=_stop, args=(key,), width="stretch")


def _stop(key: Hashable) -> None:
    desk(key).leave(key, who())
    st.session_state[STOPPED] = key


def _said(page: LessonPage, look: Look) -> str:
    """How far, how fast, how long still."""
    if look.state == "waiting":
        return page.t("waiting", before=look.before)
    step: Step | None = look.step
    if step is None:
        return page.t("starting")
    what = page.t(f"doing_{step.what}")
    if step.left is None:
        return page.t("doing", what=what, done=step.done, total=step.total)
    return page.t("doing_left", what=what, done=f"{step.done:,}", total=f"{step.total:,}",
                  rate=f"{step.rate:.1f}", left=_time(step.left))


def _time(seconds: float) -> str:
    whole = int(seconds + 0.5)
    return f"{whole // 60}:{whole % 60:02d}"
