"""The race of an LSTM and a self-attention layer, and what has to wait for what."""

import streamlit as st

from lessons.recurrent import figures, race
from lessons.recurrent.small import words_of
from pages import ui
from pages.ui import LessonPage
from pages.ui.progress import run_in_sight

PLAIN = {"displayModeBar": False}
DRAWN = 10


@st.fragment
def timed(page: LessonPage) -> None:
    """Steps that wait and ways counted; times measured when the learner starts the race."""
    words, _ = words_of(page.text)
    page.section("waiting", n=len(words))
    st.plotly_chart(figures.ways(words[:DRAWN], page.theme), config=PLAIN, key="ways",
                    alt=page.t("ways_alt"))
    st.caption(page.t("ways_note"))
    width = page.engine.info(race.EMBEDDED).hidden
    _counts(page, len(words), width)
    page.section("race", shortest=race.LENGTHS[0], longest=race.LENGTHS[-1], width=width,
                 seconds=f"{race.SECONDS:g}")
    devices = list(race.devices())
    device = devices[0]
    if len(devices) > 1:
        device = page.control_choice("rn_device", page.t("device"), devices, devices[-1])
    if not page.control_toggle("rn_race", page.t("start")):
        return
    rounds = st.session_state.setdefault("_rounds", 1)
    result: race.Race = run_in_sight(page, race.run, race.Request(page.text, device, rounds))
    _result(page, result)
    st.button(page.t("again"), icon=":material/replay:", on_click=_once_more)


def _once_more() -> None:
    st.session_state["_rounds"] = st.session_state.get("_rounds", 1) + 1


def _counts(page: LessonPage, n: int, width: int) -> None:
    """Table 1 of the paper, with this sentence's numbers."""
    recurrent, attention = race.counted(n, width)
    st.table({
        " ": [page.t("row_products"), page.t("row_waits"), page.t("row_path")],
        page.t("net_lstm"): [f"$n\\,d^2$ = {recurrent.products:,}", f"$n$ = {recurrent.waits}",
                             f"$n$ = {recurrent.path}"],
        page.t("net_attention"): [f"$n^2 d$ = {attention.products:,}", str(attention.waits),
                                  str(attention.path)],
    })


def _result(page: LessonPage, result: race.Race) -> None:
    names = (page.t("net_lstm"), page.t("net_attention"))
    st.plotly_chart(
        figures.race(result, names, (page.t("words_axis"), page.t("time_axis")), page.theme),
        config=PLAIN, key="race_times", alt=page.t("race_alt"),
    )
    with st.expander(page.t("as_table")):
        st.dataframe({
            page.t("words_axis"): result.lengths,
            f"{names[0]} (ms)": result.lstm,
            f"{names[1]} (ms)": result.attention,
            page.t("ratio"): result.ratios,
            page.t("rounds"): result.rounds,
        }, hide_index=True)
    st.caption(page.t("race_note", device=ui.escape_markdown(result.device),
                      threads=result.threads, width=result.width))
    page.prose("race-after", longest=result.lengths[-1], lstm=f"{result.lstm[-1]:.1f}",
               attention=f"{result.attention[-1]:.1f}", ratio=f"{result.ratios[-1]:.1f}")
