"""Multi-head attention of one word piece: cut into heads, looked, joined, times W^O."""

import inspect
from collections.abc import Callable

import numpy as np
import streamlit as st

from lessons.heads import figures
from lessons.heads.lesson import (
    Request,
    Result,
    contributions_of,
    default_request,
    encode,
    multi_head,
    run,
)
from lessons.heads.shares import Coordinate, coordinate, shares
from lessons.text import presets
from lessons.theme import number
from pages import ui
from pages.ui import LessonPage
from pages.ui.trace_link import trace_link

PLAIN = {"displayModeBar": False}
WINDOW = 48


@st.fragment
def one_piece(page: LessonPage) -> None:
    """From the vector that enters a layer to what its heads add to it, number by number."""
    info = page.info
    page.section("split", heads=info.heads, hidden=info.hidden, d_k=info.d_k)
    result, start, stop = _chosen(page)
    page.tell_cut(result.encoded)
    steps: tuple[tuple[str, Callable[[], None]], ...] = (
        ("split", lambda: _split(page, result)),
        ("look", lambda: _look(page, result, start, stop)),
        ("join", lambda: _join(page, result)),
        ("output", lambda: _output(page, result)),
        ("shares", lambda: _shares(page, result)),
    )
    for n, (key, draw) in enumerate(steps, 1):
        with st.container(border=True):
            st.markdown(f"**{n}. {page.t(f'step_{key}')}**")
            draw()
    page.section("sum", d_k=info.d_k)
    page.prove(result.proof)
    with st.expander(page.t("code"), icon=":material/code:"):
        st.code(inspect.getsource(multi_head) + "\n\n" + inspect.getsource(contributions_of),
                language="python")


def _chosen(page: LessonPage) -> tuple[Result, int, int]:
    """Layer, piece and coordinate from controls, clicks and the URL; the pieces shown."""
    if picked := st.session_state.pop("_picked_coordinate", None):
        page.put("coordinate", picked)
    info, first = page.info, start_of(page)
    layer = page.control_integer(
        "layer", page.t("layer"), 0, info.layers - 1, min(first.layer, info.layers - 1)
    )
    at = page.peek_integer("coordinate", page.t("coordinate"), 0, info.hidden - 1, 0)
    place = st.container()
    encoded = page.run(encode, first, needs_model=False)
    places = [str(n) for n in range(len(encoded))]
    with place:
        start, stop = page.window(len(places), WINDOW)
        default = str(min(first.piece, len(places) - 1))
        piece = int(page.value("piece", page.t("which_piece"), places, default))
        st.caption(page.t("which_piece"))
        clicked = ui.tokens(
            "pieces", encoded.tokens[start:stop], label=page.t("which_piece"),
            selected=[piece - start] if start <= piece < stop else [],
        )
    if clicked is not None and clicked + start != piece:
        page.put("piece", str(clicked + start))
        st.rerun(scope="fragment")
    result = page.run(run, Request(page.text, page.text_b, page.model, layer, piece, at))
    return result, start, stop


def start_of(page: LessonPage) -> Request:
    """Where to begin: what the preset with this text points at."""
    found = next((p for p in presets("heads") if p.text == page.text), None)
    if found is None:
        return Request(page.text, page.text_b, page.model)
    asked = default_request(found, page.model)
    return Request(page.text, page.text_b, page.model, asked.layer, asked.piece)


def _piece(result: Result) -> str:
    return ui.escape_markdown(result.encoded.tokens[result.piece])


def _heads(result: Result) -> list[str]:
    return [str(h) for h in range(len(result.z))]


def _bands(page: LessonPage, key: str, values: np.ndarray) -> None:
    st.plotly_chart(
        figures.bands(values, page.t("head_axis"), page.theme), config=PLAIN, key=key,
        alt=page.t("bands_alt", hidden=values.size),
    )


def _split(page: LessonPage, result: Result) -> None:
    heads, d_k = result.q.shape
    st.markdown(page.t("say_split", piece=_piece(result), hidden=heads * d_k, d_k=d_k,
                       heads=heads, layer=result.layer))
    name = page.control_choice("projection", page.t("projection"), ["q", "k", "v"], "q",
                               lambda code: page.t(f"projection_{code}"))
    values = getattr(result, name)
    _bands(page, "split", values)
    st.caption(page.t("cut_label"))
    ui.heat(f"cut_{name}", values, _heads(result), scale="diverging", row_height=20, cell=34,
            selectable=False, label=page.t("cut_label"))


def _look(page: LessonPage, result: Result, start: int, stop: int) -> None:
    st.markdown(page.t("say_look", piece=_piece(result)))
    names = [f"{n} {t}" for n, t in enumerate(result.encoded.tokens)][start:stop]
    ui.heat("looks", result.rows[:, start:stop], _heads(result), names, row_height=24, cell=62,
            domain=(0.0, float(result.rows.max())), selectable=False,
            label=page.t("look_label"))
    st.caption(page.t("z_label", d_k=result.z.shape[1]))
    ui.heat("z", result.z, _heads(result), scale="diverging", row_height=20, cell=34,
            selectable=False, label=page.t("z_label", d_k=result.z.shape[1]))


def _join(page: LessonPage, result: Result) -> None:
    heads, d_k = result.z.shape
    st.markdown(page.t("say_join", heads=heads, d_k=d_k, hidden=heads * d_k))
    _bands(page, "join", result.z)


def _output(page: LessonPage, result: Result) -> None:
    hidden = len(result.output)
    st.markdown(page.t("say_output", hidden=hidden))
    clicked = ui.heat("added", result.contributions, _heads(result), scale="diverging",
                      row_height=18, selected=(0, result.coordinate),
                      label=page.t("output_label"))
    if clicked and clicked[1] != result.coordinate:
        st.session_state["_picked_coordinate"] = clicked[1]
        st.rerun(scope="fragment")
    page.control_integer("coordinate", page.t("coordinate"), 0, hidden - 1, 0)
    found = coordinate(result)
    c, i = result.coordinate, result.piece
    st.latex(
        rf"\begin{{aligned}} o_{{{i},{c}}} &= \textstyle\sum_h \sum_d W^O_{{{c},(h,d)}}\,"
        rf"z^h_{{{i},d}} + b_{{{c}}} \\ &= {number(found.total - found.bias)} +"
        rf" ({number(found.bias)}) = \mathbf{{{number(found.total)}}} \end{{aligned}}"
    )
    st.plotly_chart(
        figures.coordinate_sum(found, {"head": page.t("head_axis")}, page.theme), config=PLAIN,
        key="coordinate_sum", alt=page.t("coordinate_alt"),
    )
    trace_link(page, "attention_output", layer=result.layer, row=i, column=c)
    _products(page, result, found)


def _products(page: LessonPage, result: Result, found: Coordinate) -> None:
    """Every factor, made only when it is opened."""
    table = st.expander(page.t("all_products"), key="_all_products", on_change="rerun")
    if not table.open:
        return
    heads, d_k = found.products.shape
    columns = {
        page.t("head"): np.repeat(np.arange(heads), d_k),
        "d": np.tile(np.arange(d_k), heads),
        "z": result.z.ravel(), "W_O": result.factors.ravel(), "z · W_O": found.products.ravel(),
        "Σ": np.cumsum(found.products),
    }
    five = st.column_config.NumberColumn(format="%.5f")
    with table:
        st.dataframe(columns, hide_index=True, column_config=dict.fromkeys(list(columns)[2:], five))


def _shares(page: LessonPage, result: Result) -> None:
    found = shares(result)
    longest = int(found.lengths.argmax())
    st.markdown(page.t(
        "say_shares", piece=_piece(result), longest=longest,
        length=f"{found.lengths[longest]:.2f}", output=f"{found.output_length:.2f}",
    ))
    kind = page.control_choice("share", page.t("share_kind"), ["lengths", "along"], "lengths",
                               lambda code: page.t(f"share_{code}"))
    names = {"head": page.t("head_axis"), "bias": page.t("bias"), kind: page.t(f"axis_{kind}")}
    st.plotly_chart(
        figures.contributions(found, names, kind, page.theme), config=PLAIN, key="shares",
        alt=page.t("shares_alt"),
    )
    st.caption(page.t(f"{kind}_note"))
