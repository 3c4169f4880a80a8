"""Heads averaged and attention rolled out, and what such summaries hide."""

import numpy as np
import streamlit as st

from lessons.theme import percent
from lessons.views import figures, flow
from lessons.views.lesson import Request
from pages import ui
from pages.ui import LessonPage
from pages.ui.components.attention_state import View
from pages.ui.components.attention_view import WINDOW, Block, Pane

PLAIN = {"displayModeBar": False}


@st.fragment
def averages(page: LessonPage) -> None:
    """A layer's average beside the rollout through all layers up to it."""
    page.section("averages")
    result: flow.Result = page.run(flow.run, Request(page.text, page.text_b, page.model))
    encoded, last = result.encoded, len(result.maps) - 1
    start, _ = (
        page.window(len(encoded), WINDOW, key="r_from") if result.pool > 1 else (0, 0)
    )
    block = Block(result.grid, encoded.tokens, encoded.segments, result.kinds, result.pool,
                  start=start)

    def exact(pane: Pane) -> np.ndarray:
        weights: np.ndarray = result.maps[pane.layer, pane.head]
        return weights

    ui.attention_view(
        page, "views_flow", [block], exact, prefix="r_", pair="columns",
        columns=[page.t(f"source_{name}") for name in flow.SOURCES],
        start=View("matrix", last, 0, (last, 2)),
    )
    _hidden(page, result)
    page.prove(result.proof)


def _hidden(page: LessonPage, result: flow.Result) -> None:
    """What the summaries hide, in numbers of this text."""
    layer = int((result.average_bits - result.head_bits).argmax())
    page.section(
        "hide", layer=layer, head_bits=f"{result.head_bits[layer]:.2f}",
        average_bits=f"{result.average_bits[layer]:.2f}",
        average_spread=percent(float(result.spreads[-1, 0])),
        rollout_spread=percent(float(result.spreads[-1, 2])),
        special=percent(float(result.special[2])),
        layers=len(result.maps),
    )
    st.plotly_chart(
        figures.hidden_by_average(
            result.head_bits, result.average_bits,
            (page.t("bits_heads"), page.t("bits_average"), page.t("layer")), page.theme,
        ),
        config=PLAIN, key="hidden", alt=page.t("hidden_alt"),
    )
    page.prose("hide-after")
