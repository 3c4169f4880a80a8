"""The vectors before and after, the runs of this visit, and the trained model to take home."""

from dataclasses import dataclass
from functools import partial
from typing import cast

import numpy as np
import streamlit as st

from core.live.download import FILE, parcel, size, snippet
from core.live.jobs import shared_pool
from core.live.plan import Plan
from core.live.tuning import Outcome
from core.models.registry import ASSETS, find
from lessons.theme import percent
from lessons.train import figures
from lessons.train.plane import FITS, Fit, plane
from pages import ui
from pages.ui import LessonPage, state
from pages.using.train_run import RUNS, Session, result_of

MEGABYTE, SHOWN_RUNS = 2**20, 8


@st.fragment
def vectors(page: LessonPage, session: Session) -> None:
    """What the head reads, in one plane before and after training."""
    found, _ = result_of(page, session)
    page.section("vectors")
    fit: Fit = "before"
    same = False
    if found.plan.mode != "head":
        fit = cast(Fit, page.control_choice("fit", page.t("fit"), list(FITS), "before",
                                            lambda f: page.t(f"fit_{f}")))
        same = page.control_toggle("same", page.t("same_scale"))
    seen = plane(found, fit)
    texts, kinds, held = _points(session, found)
    names = list(found.labels)
    pairs = [("before", seen.before, seen.after), ("after", seen.after, seen.before)]
    frozen = found.plan.mode == "head"
    places = [st.container()] if frozen else st.columns(2)
    clicked = None
    for place, (moment, points, other) in zip(places, pairs, strict=False):
        with place:
            share = seen.share_before if moment == "before" else seen.share_after
            st.markdown(f"**{page.t('moment_both' if frozen else f'moment_{moment}')}**")
            event = st.plotly_chart(
                figures.cloud(points, kinds, held, texts, names, other if same else None,
                              page.theme),
                config={"displayModeBar": False, "scrollZoom": True}, key=f"cloud_{moment}",
                on_select="rerun", selection_mode="points", alt=page.t(f"cloud_{moment}_alt"),
            )
            st.caption(page.t("share", share=percent(share)))
            for point in event.selection.points:
                clicked = int(np.ravel(point["customdata"])[0])
    if clicked is not None:
        which = page.t("is_held" if held[clicked] else "is_train")
        st.info(f"**{ui.escape_markdown(names[kinds[clicked]])}** · {which}: "
                f"{ui.escape_markdown(texts[clicked])}", icon=":material/ads_click:")
    else:
        st.caption(page.t("click_point"))
    if frozen:
        page.prose("unmoved")
    else:
        page.prose("moved", moved=f"{seen.moved:.2f}")


def _points(session: Session, found: Outcome) -> tuple[list[str], list[int], list[bool]]:
    held, lines = set(found.held_line.tolist()), session.lines
    texts, kinds = [], []
    for line, word in zip(found.point_line.tolist(), found.point_word.tolist(), strict=True):
        item = lines.items[line]
        if word < 0:
            texts.append(item.text)
            kinds.append(item.label or 0)
        else:
            start, end = item.words[word]
            texts.append(f"{item.text[start:end]} – {item.text}")
            kinds.append(item.tags[word])
    return texts, kinds, [line in held for line in found.point_line.tolist()]


@dataclass(frozen=True)
class Run:
    """One row of the table of this visit's trainings."""

    job: str
    plan: Plan
    trained: int
    taught: float
    held: float
    seconds: float


def runs(page: LessonPage, session: Session) -> None:
    """This visit's trainings side by side."""
    known: list[Run] = st.session_state.setdefault(RUNS, [])
    if session.job not in [run.job for run in known]:
        found, held = result_of(page, session)
        known.append(Run(session.job, found.plan, found.trained, found.curve[-1].train_accuracy,
                         held.accuracy, found.seconds))
    page.section("runs")
    shown = known[-SHOWN_RUNS:]
    st.table({
        page.t("mode"): [_mode(page, run.plan) for run in shown],
        page.t("trained"): [f"{run.trained:,}" for run in shown],
        page.t("epochs"): [str(run.plan.epochs) for run in shown],
        page.t("rate"): [f"{run.plan.rate:g}" for run in shown],
        page.t("right_train"): [percent(run.taught) for run in shown],
        page.t("right_held"): [percent(run.held) for run in shown],
        page.t("seconds"): [f"{run.seconds:.1f}" for run in shown],
    })
    if len(known) == 1:
        st.caption(page.t("run_again"))


def _mode(page: LessonPage, plan: Plan) -> str:
    name = page.t(f"mode_{plan.mode}")
    return f"{name}: {plan.last}" if plan.mode == "last" else name


def take_home(page: LessonPage, session: Session) -> None:
    """The file, and the program that reads it."""
    found, _ = result_of(page, session)
    page.section("home", trained=f"{found.trained:,}")
    try:
        folder = shared_pool().folder(session.job)
    except ui.InsideBertError as error:
        st.warning(page.sentence_for(error), icon=":material/edit:")
        return
    about = size(folder, found)
    large = about.bytes / MEGABYTE
    st.download_button(
        page.t("download", size=f"{large:.1f}" if large >= 0.1 else "< 0.1"),
        partial(parcel, folder, found), FILE, "application/octet-stream",
        icon=":material/download:", on_click="ignore",
    )
    if not about.whole:
        st.caption(page.t("head_only"))
    entry = find(found.model)
    shipped = entry.folder is not None and entry.folder.is_relative_to(ASSETS)
    base = f"assets/models/{entry.label}" if shipped else entry.label if entry.folder else entry.id
    with st.expander(page.t("snippet"), icon=":material/code:"):
        st.code(snippet(found, str(state.kept("text", "")), base), language="python")
