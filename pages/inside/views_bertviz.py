"""BertViz beside our own view: its three pictures of the same text, in a frame of their own."""

from typing import cast

import streamlit as st

from lessons.views import lesson
from lessons.views.bertviz import (
    VIEWS,
    Request,
    Result,
    View,
    elements,
    heaviest,
    most_pieces,
    run,
)
from lessons.views.bertviz_document import document, version
from pages.ui import LessonPage
from pages.ui.components.sandbox import sandbox


@st.fragment
def bertviz_section(page: LessonPage) -> None:
    """Closed until asked for: its page is heavier than everything else on this one."""
    page.section("bertviz", version=version())
    if not page.control_toggle("bv_on", page.t("bv_show")):
        return
    names: dict[str, str] = {name: page.t(f"bv_{name}") for name in VIEWS}
    chosen = page.control_choice("bv", page.t("bv_view"), list(VIEWS), "head", names.__getitem__)
    view = cast(View, chosen)
    page.prose(f"bertviz-{view}", d_k=page.info.d_k)
    result: Result = page.run(run, _request(page, view))
    html = document(result, page.theme)
    sandbox(
        "bertviz", html, label=f"BertViz, {names[view]}",
        drawn=page.t("bv_drawn", elements="{elements}", seconds="{seconds}"),
    )
    _cost(page, len(html), result)
    page.prose("bertviz-missing")


def _request(page: LessonPage, view: View) -> Request:
    """The one layer that neuron view is sent, and the window of a long text."""
    layer = start = 0
    if view == "neuron":
        layer = page.control_integer("bv_layer", page.t("layer"), 0, page.info.layers - 1, 0)
    n = len(page.engine.tokenize(page.model, page.text, page.text_b or None))
    most = most_pieces(view, page.info)
    if n > most:
        measured = heaviest(view)
        st.info(
            page.t(
                "bv_limit", n=n, elements=f"{elements(view, page.info, n):,}", limit=most,
                pieces=measured.pieces, measured=f"{measured.elements:,}",
                draw=f"{measured.draw:.1f}", answer=f"{measured.answer:.1f}",
            ),
            icon=":material/straighten:",
        )
        start, _ = page.window(n, most, "bv_from")
    return Request(page.text, page.text_b, page.model, view, layer, start=start)


def _cost(page: LessonPage, size: int, result: Result) -> None:
    """The bytes of the page just built beside those of our own view."""
    ours = page.run(lesson.run, lesson.Request(page.text, page.text_b, page.model))
    sizes = {
        "bv_size": size, "bv_size_weights": len(result.payload), "bv_size_ours": ours.grid.nbytes,
    }
    for column, (key, amount) in zip(st.columns(3), sizes.items(), strict=True):
        column.metric(page.t(key), page.t("bv_kilobytes", amount=f"{amount / 1000:,.0f}"))
    st.caption(page.t("bv_sizes", shown=result.stop - result.start, n=len(result.encoded),
                      layers=len(result.layers), all=page.info.layers))
