"""The job: start and stop, progress, and curves that move while it trains."""

import time
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.live import tuning
from core.live.jobs import Status, shared_pool
from core.live.lines import Lines
from core.live.plan import Plan
from core.live.tuning import Outcome, Point
from lessons.train import figures
from lessons.train.held import HeldOut, held_out
from lessons.train.lesson import Trained, trained
from lessons.train.material import Material
from pages import ui
from pages.ui import LessonPage

SLOT, RUNS = "_train_session", "_train_runs"
BETWEEN = 0.5  # seconds between two pictures while it trains
PLAIN = {"displayModeBar": False}


@dataclass
class Session:
    """This visitor's last training. clicked : when it was started; finished : its result is here"""

    job: str
    lines: Lines
    plan: Plan
    model: str
    clicked: float
    status: Status
    finished: bool = False

    @property
    def curve(self) -> tuple[Point, ...]:
        return tuple(tuning.point(note) for note in self.status.notes if "epoch" in note)

    @property
    def losses(self) -> list[float]:
        return [note["loss"] for note in self.status.notes if "loss" in note]


def warm(page: LessonPage) -> None:
    """A worker starts loading now, so that the first training need not wait for it."""
    shared_pool().warm(page.model)


def result_of(page: LessonPage, session: Session) -> tuple[Outcome, HeldOut]:
    """What a finished training left; one sentence and the end of the page where it is gone."""
    found: Outcome = page.run(trained, Trained(session.job), needs_model=False)
    return found, held_out(session.lines, found)


def training(page: LessonPage, given: Material | None, plan: Plan) -> Session | None:
    """Buttons, then what moves while it trains; the session's training, if there is one."""
    session: Session | None = st.session_state.get(SLOT)
    busy = session is not None and session.status.active

    def start() -> None:
        assert given is not None
        try:
            _start(page, given, plan)
        except ui.InsideBertError as error:
            st.session_state["_train_refused"] = page.sentence_for(error)

    def stop() -> None:
        assert session is not None
        shared_pool().stop(session.job)

    with st.container(horizontal=True):
        st.button(page.t("start"), icon=":material/play_arrow:", type="primary", on_click=start,
                  disabled=busy or given is None, key="_train_start")
        st.button(page.t("stop"), icon=":material/stop_circle:", on_click=stop,
                  disabled=not busy, key="_train_stop")
    if refused := st.session_state.pop("_train_refused", None):
        st.warning(refused, icon=":material/hourglass_top:")
    if session is not None:
        watch = st.fragment(_watch, run_every=BETWEEN if busy else None)
        watch(page, session)
        _about(page, session, given, plan)
    return session


def _start(page: LessonPage, given: Material, plan: Plan) -> None:
    context = get_script_run_ctx()
    owner = context.session_id if context else "one"
    job = tuning.start(shared_pool(), given.lines, plan, model=page.model, owner=owner)
    st.session_state[SLOT] = Session(
        job, given.lines, plan, page.model, time.monotonic(), shared_pool().beat(job)
    )


def _watch(page: LessonPage, session: Session) -> None:
    """Progress and curves; each look is also the sign that somebody still waits."""
    if session.status.active:
        try:
            session.status = shared_pool().beat(session.job)
        except ui.InsideBertError as error:
            session.status = Status("failed", error=error)
        if not session.status.active:
            if session.status.state == "done":
                session.finished = True
            st.rerun()
    status = session.status
    if status.error is not None:
        st.warning(page.sentence_for(status.error), icon=":material/error:")
    elif status.state == "cancelled":
        st.info(page.t("was_cancelled"), icon=":material/stop_circle:")
    else:
        st.progress(status.done / max(1, status.total), _progress(page, session))
    if session.curve:
        _curves(page, session)


def _progress(page: LessonPage, session: Session) -> str:
    status = session.status
    if status.state == "waiting":
        return page.t("waiting", before=status.before)
    if status.state == "done":
        key = "done" if status.done >= status.total else "stopped"
        return page.t(key, steps=status.done, total=status.total, seconds=f"{status.seconds:.1f}")
    if not status.total:
        return page.t("loading_worker")
    if status.done >= status.total:
        return page.t("measuring")
    if status.left is None:
        return page.t("first_step", total=status.total)
    return page.t("at_step", step=status.done, total=status.total, rate=f"{status.rate:.1f}",
                  left=f"{status.left:.0f}")


def _curves(page: LessonPage, session: Session) -> None:
    curve, total = session.curve, session.status.total
    last = curve[-1]
    names = [page.t(k) for k in ("of_steps", "of_train", "of_held", "step", "loss")]
    left, right = st.columns(2)
    with left:
        st.metric(page.t("loss_now"), f"{last.held_loss:.3f}")
        st.plotly_chart(figures.losses(curve, session.losses, total, names, page.theme),
                        config=PLAIN, key="train_losses", alt=page.t("losses_alt"))
    with right:
        st.metric(page.t("accuracy_now"), f"{100 * last.held_accuracy:.0f} %")
        names = [page.t(k) for k in ("of_train", "of_held", "step", "accuracy")]
        st.plotly_chart(figures.accuracies(curve, total, names, page.theme), config=PLAIN,
                        key="train_accuracies", alt=page.t("accuracies_alt"))


def _about(page: LessonPage, session: Session, given: Material | None, plan: Plan) -> None:
    """Say when the controls have moved on from what was trained."""
    same = given is not None and given.lines == session.lines and plan == session.plan
    if not session.status.active and not (same and page.model == session.model):
        st.caption(page.t("other_settings"))
