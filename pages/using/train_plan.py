"""What may change, for how long and how fast."""

from typing import cast

import streamlit as st

from core.live.lines import Kind
from core.live.plan import MODES, RATES, STARTS, Mode, Plan, Pooling
from lessons.theme import percent
from lessons.train import sizes
from lessons.train.material import Material
from pages.ui import LessonPage

SHARES, BATCHES, RANKS = ("10", "25", "50"), ("4", "8", "16", "32"), ("2", "4", "8", "16")


def choose(page: LessonPage, given: Material | None) -> Plan:
    """The controls of a training, each mode with its own epochs and rate."""
    page.section("change")
    mode = cast(Mode, page.control_choice(
        "mode", page.t("mode"), list(MODES), "lora", lambda m: page.t(f"mode_{m}")
    ))
    kind: Kind = given.lines.kind if given else "sentence"
    epochs, rate = STARTS[kind][mode]
    own = mode if kind == "sentence" else f"{mode}_tags"
    page.prose(f"mode-{mode}")
    most = 200 if mode == "head" else 40
    count = page.control_integer(f"epochs_{own}", page.t("epochs"), 1, most, epochs)
    left, right = st.columns(2)
    with left:
        speed = page.control_choice(
            f"rate_{own}", page.t("rate"), [f"{r:g}" for r in RATES], f"{rate:g}"
        )
    with right:
        share = page.control_choice("held", page.t("held"), list(SHARES), "25", lambda s: f"{s} %")
    last, rank, pooling, batch, seed = _more(page, mode, kind)
    plan = Plan(mode, last, rank, pooling, count, float(speed), batch, int(share) / 100, seed)
    _sizes(page, plan, len(given.lines.labels) if given else 2)
    return plan


def _more(page: LessonPage, mode: Mode, kind: Kind) -> tuple[int, int, Pooling, int, int]:
    """The rest: depth or rank where the mode has one, and behind a fold what seldom changes."""
    last, rank, pooling = 1, 8, "cls"
    if mode == "last":
        last = page.control_integer("last", page.t("last"), 1, page.info.layers, 1)
    if mode == "lora":
        rank = int(page.control_choice("rank", page.t("rank"), list(RANKS), "8"))
    with st.expander(page.t("more"), icon=":material/tune:"):
        left, right = st.columns(2)
        with left:
            batch = int(page.control_choice("batch", page.t("batch"), list(BATCHES), "8"))
            if kind == "sentence":
                pooling = page.control_choice("pool", page.t("pool"), ["cls", "mean"], "cls",
                                              lambda p: page.t(f"pool_{p}"))
        with right:
            seed = page.control_integer("seed", page.t("seed"), 0, 20, 0)
    return last, rank, cast(Pooling, pooling), batch, seed


def _sizes(page: LessonPage, plan: Plan, labels: int) -> None:
    free = sizes.free(page.info, labels, plan)
    whole = sizes.encoder(page.info)
    st.markdown(page.t("free", free=f"{free:,}", whole=f"{whole:,}", share=percent(free / whole)))
