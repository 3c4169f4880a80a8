"""The arithmetic of the chosen station, with the real factors of the chosen coordinate."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from lessons.layer import figures
from lessons.layer.activation import compared, gelu_tanh, relu
from lessons.layer.arithmetic import Added, Norm
from lessons.layer.lesson import INNER, Result, stations
from lessons.theme import number, percent
from pages import ui
from pages.inside.layer_views import PICKED, View, piece
from pages.ui import LessonPage
from pages.ui.trace_link import trace_link

PLAIN = {"displayModeBar": False}
CLIPPED = 99.0  # percentile at which a strip's colours end
FIVE = st.column_config.NumberColumn(format="%.5f")


def arithmetic(
    page: LessonPage, result: Result, view: View, start: int, stop: int
) -> None:
    """One station, opened."""
    draw: dict[str, Callable[[], None]] = {
        "input": lambda: _input(page, result, view),
        "attention": lambda: _attention(page, result, view),
        "add_attention": lambda: _add(page, view, view.story.add_attention, ("x", "a")),
        "norm_attention": lambda: _norm(page, view, view.story.norm_attention, "y"),
        "up": lambda: _up(page, result, view, start, stop),
        "gelu": lambda: _gelu(page, result, view),
        "down": lambda: _down(page, view),
        "add_ffn": lambda: _add(page, view, view.story.add_ffn, ("y", "f")),
        "norm_ffn": lambda: _norm(page, view, view.story.norm_ffn, "o"),
    }
    with st.container(border=True):
        which = page.t("neuron_at", neuron=view.neuron) if view.station in INNER else page.t(
            "coordinate_at", coordinate=view.coordinate
        )
        st.markdown(
            f"### {page.t(f'box_{view.station}')} · {piece(page, result, view.token)} · {which}"
        )
        if view.station not in INNER:
            page.control_integer("coord", page.t("coordinate"), 0, page.info.hidden - 1, 0)
        draw[view.station]()
        _source(page, result, view)


# The number each station ends in, by its name in a derivation.
TRACED = {
    "attention": "attention_output", "add_attention": "attention_residual",
    "norm_attention": "after_attention", "up": "ffn_inner", "gelu": "ffn_activation",
    "down": "ffn_output", "add_ffn": "ffn_residual", "norm_ffn": "after_ffn",
}


def _source(page: LessonPage, result: Result, view: View) -> None:
    """The way to where the followed number is taken apart."""
    column = view.neuron if view.station in INNER else view.coordinate
    if view.station != "input":
        trace_link(page, TRACED[view.station], layer=result.layer, row=view.token, column=column)
    elif result.layer:
        trace_link(page, "after_ffn", layer=result.layer - 1, row=view.token, column=column)
    else:
        trace_link(page, "normalized", row=view.token, column=column)


def _input(page: LessonPage, result: Result, view: View) -> None:
    one = stations(result, view.token)[0]
    source = page.t("from_layer", layer=result.layer - 1) if result.layer else page.t(
        "from_embeddings"
    )
    page.prose("station-input", hidden=len(one.vector), piece=piece(page, result, view.token),
               source=source)
    st.latex(
        rf"\begin{{aligned}} \lVert x\rVert &= \textstyle\sqrt{{\sum_d x_d^2}}"
        rf" = \mathbf{{{number(one.norm)}}} \\ \mu &= \tfrac1{{{len(one.vector)}}}"
        rf"\textstyle\sum_d x_d = {number(one.mean)} \\ \sigma^2 &= \tfrac1{{{len(one.vector)}}}"
        rf"\textstyle\sum_d (x_d-\mu)^2 = {number(one.variance)} \\"
        rf" x_{{{view.coordinate}}} &= {number(float(one.vector[view.coordinate]))}"
        rf"\end{{aligned}}"
    )
    order = np.argsort(-np.abs(one.vector), kind="stable")[: figures.LARGEST]
    st.markdown(f"**{page.t('largest')}**")
    st.plotly_chart(
        figures.bars([float(one.vector[d]) for d in order], [f"[{d}]" for d in order], "x",
                     page.theme.token, page.theme),
        config=PLAIN, key="step_input", alt=page.t("largest"),
    )


def _attention(page: LessonPage, result: Result, view: View) -> None:
    heads, c = view.story.heads, view.coordinate
    page.prose("station-attention", heads=len(heads.parts), hidden=page.info.hidden)
    st.plotly_chart(
        figures.adding_up(heads.parts, [str(h) for h in range(len(heads.parts))], heads.bias,
                          f"a[{c}]", page.theme),
        config=PLAIN, key="step_attention", alt=page.t("heads_alt"),
    )
    st.latex(
        rf"a_{{{c}}} = {number(float(heads.parts.sum()))} + ({number(heads.bias)})"
        rf" = \mathbf{{{number(heads.total)}}}"
    )
    names = result.encoded.tokens
    _table(page, "heads", lambda: {
        page.t("head"): np.arange(len(heads.parts)),
        page.t("looks_at"): [f"{j} {names[j]}" for j in heads.looks_at],
        page.t("weight"): [percent(float(w)) for w in heads.weights],
        page.t("writes", coordinate=c): heads.parts,
        page.t("length_written"): heads.norms,
    })


def _add(page: LessonPage, view: View, added: Added, names: tuple[str, str]) -> None:
    before, delta = names
    page.prose("station-add", ratio=f"{added.ratio:.2f}", cosine=f"{added.cosine:.2f}")
    c = view.coordinate
    st.latex(
        rf"{before}_{{{c}}} + {delta}_{{{c}}} = {number(float(added.before[c]))}"
        rf" + ({number(float(added.delta[c]))}) = \mathbf{{{number(added.total)}}}"
    )
    rows = np.stack([added.before, added.delta, added.before + added.delta])
    _strips(page, view, rows, [before, delta, f"{before} + {delta}"])
    _table(page, "add", lambda: {
        "c": np.arange(rows.shape[1]), before: rows[0], delta: rows[1],
        f"{before} + {delta}": rows[2],
    })


def _norm(page: LessonPage, view: View, norm: Norm, out: str) -> None:
    page.prose("station-norm", hidden=len(norm.s))
    c = view.coordinate
    gamma, beta = float(norm.gamma[c]), float(norm.beta[c])
    centred = float(norm.normalized[c])
    st.latex(
        rf"\begin{{aligned}} \mu &= \tfrac1{{{len(norm.s)}}}\textstyle\sum_d s_d"
        rf" = {number(norm.mean)} \\ \textstyle\sqrt{{\sigma^2+\varepsilon}} &"
        rf"= \sqrt{{{number(norm.variance)}+\varepsilon}} = {number(norm.deviation)} \\"
        rf" \hat s_{{{c}}} &= \frac{{{number(float(norm.s[c]))} - ({number(norm.mean)})}}"
        rf"{{{number(norm.deviation)}}} = {number(centred)} \\"
        rf" {out}_{{{c}}} &= \gamma_{{{c}}}\,\hat s_{{{c}}} + \beta_{{{c}}} \\"
        rf" &= {number(gamma)}\cdot ({number(centred)}) + ({number(beta)}) \\"
        rf" &= \mathbf{{{number(norm.out)}}} \end{{aligned}}"
    )
    rows = np.stack([norm.s, norm.normalized, norm.normalized * norm.gamma, norm.all_out])
    _strips(page, view, rows, ["s", "ŝ", "γ ŝ", "γ ŝ + β"])
    _table(page, "norm", lambda: {
        "c": np.arange(len(norm.s)), "s": norm.s, "ŝ": norm.normalized, "γ": norm.gamma,
        "β": norm.beta, "γ ŝ + β": norm.all_out,
    })


def _up(page: LessonPage, result: Result, view: View, start: int, stop: int) -> None:
    neuron = view.story.neuron
    u = result.ffn_inner[view.token]
    page.prose("station-up", inner=f"{len(u):,}", hidden=page.info.hidden,
               positive=f"{int((u > 0).sum()):,}")
    st.markdown(f"**{page.t('fire_most')}**")
    _choose_neuron(page, view)
    st.latex(
        rf"u_{{{neuron.index}}} = \textstyle\sum_d y_d\,W_{{1,\,{neuron.index},d}} + b"
        rf" = {number(neuron.u - neuron.bias)} + ({number(neuron.bias)})"
        rf" = \mathbf{{{number(neuron.u)}}}"
    )
    st.plotly_chart(
        figures.largest(neuron.products, neuron.bias, "y", f"u[{neuron.index}]", page.theme),
        config=PLAIN, key="step_up", alt=page.t("up_alt"),
    )
    along = neuron.along[start:stop]
    top = max(float(along.max()), 1e-9)
    st.markdown(f"**{page.t('fires_where', neuron=neuron.index)}**")
    ui.tokens(
        "fires", result.encoded.tokens[start:stop], clickable=False, selected=(),
        values=[max(0.0, float(g)) / top for g in along],
        sublabels=[f"{float(g):.2f}".replace("-", "−") for g in along],
        label=page.t("fires_where", neuron=neuron.index),
    )


def _choose_neuron(page: LessonPage, view: View) -> None:
    """The most active neurons of this piece; a click opens one."""
    neuron = view.story.neuron
    names = [str(j) for j in neuron.top]
    at = (0, names.index(str(neuron.index))) if str(neuron.index) in names else None
    clicked = ui.heat(
        f"fired_{view.station}", neuron.fired[None], ["g"], names,
        domain=(0.0, max(1e-9, float(neuron.fired.max()))), selected=at, cell=80, row_height=40,
        label=page.t("fire_most"),
    )
    if clicked:
        page.put("neuron", names[clicked[1]])
        st.rerun(scope="fragment")


def _gelu(page: LessonPage, result: Result, view: View) -> None:
    neuron = view.story.neuron
    found = compared(result.ffn_inner[view.token])
    page.prose("station-gelu", inner=f"{len(found.u):,}", piece=piece(page, result, view.token),
               from_tanh=f"{found.from_tanh:.1g}", from_relu=f"{found.from_relu:.2g}")
    _choose_neuron(page, view)
    u = np.array(neuron.u)
    st.latex(
        rf"g_{{{neuron.index}}} = u\cdot\Phi(u) = {number(neuron.u)}\cdot"
        rf"{number(neuron.g / neuron.u if neuron.u else 0.5)} = \mathbf{{{number(neuron.g)}}}"
    )
    names = [page.t(f"curve_{name}") for name in ("exact", "tanh", "relu", "own")]
    st.plotly_chart(
        figures.curves(found, neuron.u, names, "u", page.theme), config=PLAIN, key="step_gelu",
        alt=page.t("gelu_alt"),
    )
    st.caption(page.t("gelu_note", positive=f"{found.positive:,}", inner=f"{len(found.u):,}",
                      piece=piece(page, result, view.token)))
    st.table({
        "": names[:3],
        f"u = {number(neuron.u)}": [
            number(v) for v in (neuron.g, float(gelu_tanh(u)), float(relu(u)))
        ],
    })


def _down(page: LessonPage, view: View) -> None:
    down, c = view.story.down, view.coordinate
    page.prose("station-down", coordinate=c, inner=f"{len(down.products):,}",
               half=f"{down.half:,}")
    st.plotly_chart(
        figures.largest(down.products, down.bias, "g", f"f[{c}]", page.theme), config=PLAIN,
        key="step_down", alt=page.t("down_alt"),
    )
    st.latex(
        rf"f_{{{c}}} = \textstyle\sum_j g_j\,W_{{2,\,{c},j}} + b"
        rf" = {number(down.total - down.bias)} + ({number(down.bias)})"
        rf" = \mathbf{{{number(down.total)}}}"
    )

    def factors() -> dict[str, object]:
        order = np.argsort(-np.abs(down.products), kind="stable")
        return {"j": order, "g · W₂": down.products[order],
                "Σ": np.cumsum(down.products[order])}

    _table(page, "down", factors)


def _strips(page: LessonPage, view: View, rows: np.ndarray, names: list[str]) -> None:
    """Vectors under each other; a click chooses the coordinate."""
    end = float(np.percentile(np.abs(rows), CLIPPED)) or 1.0
    clicked = ui.heat(
        f"step_{view.station}", rows, names, scale="diverging", domain=(-end, end),
        selected=(len(rows) - 1, view.coordinate), row_height=30, label=page.t("strips_label"),
    )
    if clicked and clicked[1] != view.coordinate:
        st.session_state[PICKED] = clicked[1]
        st.rerun(scope="fragment")


def _table(page: LessonPage, step: str, columns: Callable[[], dict[str, object]]) -> None:
    """Every factor, made only when it is opened."""
    table = st.expander(page.t(f"all_{step}"), key=f"_all_{step}", on_change="rerun")
    if table.open:
        rows = columns()
        real = {n: FIVE for n, v in rows.items()
                if isinstance(v, np.ndarray) and v.dtype.kind == "f"}
        with table:
            st.dataframe(rows, hide_index=True, column_config=real)
