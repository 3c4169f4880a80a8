"""Slow work of the stock page: on two desks, in sight, and stopped."""

from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st

from core.live.desk import Desk, Look
from core.stocks.watch import Step, Tell
from pages.ui import LessonPage, beside
from pages.ui.beside import STOPPED

__all__ = ["STOPPED", "begin", "desk", "desks", "working"]


@st.cache_resource(show_spinner=False)
def desks() -> dict[str, Desk]:
    """The desks of this server: one for what keeps the processors busy, one for what mostly waits
    for others."""
    return {"judge": Desk(), "open": Desk(at_once=4)}


def desk(key: Hashable) -> Desk:
    """Where the work of this key is done."""
    opens = isinstance(key, tuple) and key[0] == "opened"
    return desks()["open" if opens else "judge"]


def begin(page: LessonPage, key: Hashable, do: Callable[[Tell], Any]) -> None:
    """Start work, or say why not."""
    beside.begin(page, desk(key), key, do)


def working(page: LessonPage, key: Hashable) -> bool:
    """The progress of work under way, or the sentence of why it failed. True while it goes on."""
    return beside.working(page, desk(key), key, _said)


def _said(page: LessonPage, look: Look) -> str:
    """How far, how fast, how long still."""
    step: Step | None = look.step
    if look.state == "waiting" or step is None or not step.total:
        return beside.said(page, look)
    what = page.t(f"doing_{step.what}")
    if step.left is None:
        return page.t("doing", what=what, done=step.done, total=step.total)
    return page.t("doing_left", what=what, done=f"{step.done:,}", total=f"{step.total:,}",
                  rate=f"{step.rate:.1f}", left=beside.clock(step.left))
