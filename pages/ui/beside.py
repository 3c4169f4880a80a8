"""Slow work beside the page: shared by all sessions, in sight, and ended by the last who waits."""

import time
import uuid
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

import streamlit as st

from core import shortage
from core.engine import LocalEngine
from core.engine.asker import asking
from core.errors import InsideBertError
from core.live.desk import Desk, Look
from core.stocks.watch import Step, Tell
from pages.ui.failures import log_failure
from pages.ui.lesson_page import LessonPage
from pages.ui.visitor import visitor

POLL = 0.7  # seconds
STOPPED = "_stopped"  # the work that this session does not wait for any more
SHARES = 1000  # the share that is done, in whole steps

Said = Callable[[LessonPage, Look], str]  # how far it is, in words


@st.cache_resource(show_spinner=False)
def _desk() -> Desk:
    """For long lesson runs: as many at once as there are workers to make them."""
    from core.live.jobs import Bounds

    return Desk(at_once=Bounds().workers)


def run_beside(
    page: LessonPage, run: Callable[..., Any], request: Any, *, says: str, button: str, icon: str
) -> Any | None:
    """A lesson's result that takes long: offered, then worked on in sight; None until it is there.

    run : run(engine, request, tell), `tell` as in `Engine.ablate`
    says : what is offered; button, icon : what starts it
    """
    key = (run.__module__, run.__qualname__, request)
    if working(page, _desk(), key, said):
        return None
    found = _desk().value(key)
    if found is not None:
        return found
    engine = page.engine
    if isinstance(engine, LocalEngine) and engine.workers is not None:
        engine.workers().warm(page.model)  # while the learner makes up his mind
    place = st.empty()
    with place.container():
        st.markdown(says)
        asked = st.button(button, icon=icon, type="primary")
    if not asked or not begin(page, _desk(), key, partial(_run, run, engine, request)):
        return None
    place.empty()
    return None if working(page, _desk(), key, said) else _desk().value(key)


def _run(run: Callable[..., Any], engine: Any, request: Any, tell: Tell) -> Any:
    begun: list[tuple[float, float]] = []  # when and with what share it got going

    def told(share: float) -> bool | None:
        now = time.monotonic()
        if share and not begun:
            begun.append((now, share))
        left = None
        if begun and share > begun[0][1]:
            left = (now - begun[0][0]) * (1 - share) / (share - begun[0][1])
        return tell(Step("running", int(share * SHARES), SHARES, 0.0, left))

    return run(engine, request, told)


def who() -> str:
    """This session, among those who wait."""
    name: str = st.session_state.setdefault("_waits", uuid.uuid4().hex)
    return name


def begin(page: LessonPage, desk: Desk, key: Hashable, do: Callable[[Tell], Any]) -> bool:
    """Start work, or say why not."""
    st.session_state[STOPPED] = None
    try:
        with asking(visitor()):
            desk.start(key, do, who())
    except InsideBertError as error:
        st.warning(page.sentence_for(error), icon=":material/hourglass_top:")
        return False
    return True


def working(page: LessonPage, desk: Desk, key: Hashable, tells: Said) -> bool:
    """The progress of work under way, or the sentence of why it failed. True while it goes on."""
    look = None if st.session_state.get(STOPPED) == key else desk.look(key, who())
    if look is None:
        return False
    if look.error is not None:
        _tell_failure(page, look.error)
        desk.forget(key)
        st.session_state[STOPPED] = key
        return False
    if look.active:
        _progress(page, desk, key, tells)
    return look.active


def _tell_failure(page: LessonPage, failed: BaseException) -> None:
    error = shortage.named(failed) or failed
    if isinstance(error, InsideBertError):
        st.warning(page.sentence_for(error), icon=":material/edit:")
        return
    if isinstance(error, Exception):
        log_failure(error)
    st.error(page.t("errors_unknown"), icon=":material/error:")


@st.fragment(run_every=POLL)
def _progress(page: LessonPage, desk: Desk, key: Hashable, tells: Said) -> None:
    look = desk.look(key, who())
    if look is None or not look.active:
        st.rerun()
    share = look.step.share if look.step and look.step.total else 0.0
    left, right = st.columns([6, 1], vertical_alignment="center")
    left.progress(min(1.0, share), tells(page, look))
    right.button(page.t("stop"), icon=":material/stop:", key=f"_stop_{key!r}",
                 on_click=_stop, args=(desk, key), width="stretch")


def _stop(desk: Desk, key: Hashable) -> None:
    desk.leave(key, who())
    st.session_state[STOPPED] = key


def said(page: LessonPage, look: Look) -> str:
    """How far it is, without knowing what it is."""
    if look.state == "waiting":
        return page.t("work_waits", before=look.before)
    if look.step is None or not look.step.total or look.step.left is None:
        return page.t("work_starts")
    return page.t("work_left", percent=f"{100 * look.step.share:.0f}", left=clock(look.step.left))


def clock(seconds: float) -> str:
    """Minutes and seconds, as 1:05."""
    whole = int(seconds + 0.5)
    return f"{whole // 60}:{whole % 60:02d}"
