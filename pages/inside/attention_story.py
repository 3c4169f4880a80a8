"""One number of the self-attention page, followed through every step with its real factors."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from lessons.attention import figures
from lessons.attention.lesson import Result
from lessons.attention.story import Story, follow
from lessons.theme import number
from pages import ui
from pages.ui import LessonPage
from pages.ui.trace_link import trace_link

PLAIN = {"displayModeBar": False}
# What each step ends in, and whether its column is the piece looked at or the coordinate.
TRACED = {"q": ("q", "coordinate"), "score": ("scaled", "piece"), "softmax": ("weight", "piece"),
          "z": ("z", "coordinate")}
FIVE = st.column_config.NumberColumn(format="%.5f")


def one_number(page: LessonPage, result: Result, names: list[str], i: int, j: int) -> None:
    """From x to q, from q and k to the score, to the weight, to one coordinate of z."""
    page.section("story")
    c = page.control_integer("dim", page.t("dimension"), 0, result.d_k - 1, 0)
    story = follow(result, i, j, c)
    steps: tuple[tuple[str, Callable[[], None]], ...] = (
        ("q", lambda: _query(page, result, story)),
        ("score", lambda: _score(page, result, story)),
        ("softmax", lambda: _softmax(page, result, story, names)),
        ("z", lambda: _mixture(page, result, story, names)),
    )
    for n, (key, draw) in enumerate(steps, 1):
        with st.container(border=True):
            st.markdown(f"**{n}. {page.t(f'step_{key}')}**")
            draw()
            quantity, column = TRACED[key]
            trace_link(page, quantity, layer=result.layer, head=result.head, row=i,
                       column=j if column == "piece" else c,
                       mask="bidirectional" if result.allowed.all() else "causal")


def _piece(result: Result, at: int) -> str:
    return ui.escape_markdown(result.encoded.tokens[at])


def _all_factors(page: LessonPage, step: str, columns: Callable[[], dict[str, object]]) -> None:
    """A table of every factor, made only when it is opened."""
    table = st.expander(page.t(f"all_{step}"), key=f"_all_{step}", on_change="rerun")
    if table.open:
        rows = columns()
        with table:
            st.dataframe(
                rows, hide_index=True,
                column_config={n: FIVE for n, v in rows.items() if _is_real(v)},
            )


def _is_real(column: object) -> bool:
    return isinstance(column, np.ndarray) and column.dtype.kind == "f"


def _query(page: LessonPage, result: Result, story: Story) -> None:
    st.markdown(
        page.t("say_q", piece=_piece(result, story.i), c=story.c, size=len(story.inputs))
    )
    st.latex(
        rf"\begin{{aligned}} q_{{{story.i},{story.c}}} &= \textstyle\sum_d x_{{{story.i},d}}\,"
        rf"W^Q_{{{story.c},d}} + b \\"
        rf"&= {number(story.q - story.bias)} + ({number(story.bias)})"
        rf" = \mathbf{{{number(story.q)}}} \end{{aligned}}"
    )
    st.plotly_chart(figures.largest_inputs(story, page.theme), config=PLAIN, key="inputs",
                    alt=page.t("step_q"))

    def factors() -> dict[str, object]:
        order = np.argsort(-np.abs(story.inputs))
        return {
            "d": order,
            "x": result.x[story.i][order],
            "W_Q": result.query.weight[story.c][order],
            "x · W_Q": story.inputs[order],
            "Σ": np.cumsum(story.inputs[order]),
        }

    _all_factors(page, "q", factors)


def _score(page: LessonPage, result: Result, story: Story) -> None:
    q, k = result.q[story.i], result.k[story.j]
    st.markdown(page.t("say_score", query=_piece(result, story.i), key=_piece(result, story.j),
                       d_k=result.d_k))
    ui.heat(
        "pair", np.stack([q, k, story.products]),
        [f"q{story.i}", f"k{story.j}", "q × k"], scale="diverging", row_height=26, cell=34,
        selectable=False, label=page.t("pair_label"),
    )
    st.plotly_chart(figures.products(story, page.t("dimension_axis"), page.theme), config=PLAIN,
                    key="products", alt=page.t("step_score"))
    st.latex(
        rf"\frac{{q_{{{story.i}}}\cdot k_{{{story.j}}}}}{{\sqrt{{{result.d_k}}}}} ="
        rf"\frac{{{number(story.score)}}}{{{number(float(np.sqrt(result.d_k)))}}}"
        rf" = \mathbf{{{number(story.scaled)}}}"
    )
    _all_factors(page, "score", lambda: {
        "c": np.arange(result.d_k), "q": q, "k": k, "q · k": story.products,
        "Σ": np.cumsum(story.products),
    })


def _softmax(page: LessonPage, result: Result, story: Story, names: list[str]) -> None:
    query, key = _piece(result, story.i), _piece(result, story.j)
    if not result.allowed[story.i, story.j]:
        st.markdown(page.t("say_masked", query=query, key=key))
        return
    top = number(float(result.scaled[story.i][result.allowed[story.i]].max()))
    st.markdown(page.t("say_softmax", query=query, key=key, top=top))
    st.latex(
        rf"\frac{{e^{{{number(story.scaled)} - ({top})}}}}"
        rf"{{\sum_m e^{{s_m - ({top})}}}} ="
        rf"\frac{{{number(float(story.exponentials[story.j]))}}}{{{number(story.total)}}}"
        rf" = \mathbf{{{number(story.weight)}}}"
    )
    _all_factors(page, "softmax", lambda: {
        page.t("piece"): names,
        "q · k": result.scores[story.i],
        page.t("show_scaled"): result.scaled[story.i],
        page.t("allowed"): result.allowed[story.i],
        "exp": story.exponentials,
        page.t("show_weights"): story.exponentials / story.total,
    })


def _mixture(page: LessonPage, result: Result, story: Story, names: list[str]) -> None:
    st.markdown(page.t("say_z", c=story.c))
    st.plotly_chart(figures.terms(story, names, page.theme), config=PLAIN, key="terms",
                    alt=page.t("step_z"))
    st.latex(
        rf"z_{{{story.i},{story.c}}} = \sum_j w_{{{story.i},j}}\,v_{{j,{story.c}}}"
        rf" = \mathbf{{{number(story.z)}}}"
    )
    _all_factors(page, "z", lambda: {
        page.t("piece"): names,
        page.t("show_weights"): story.exponentials / story.total,
        f"v[{story.c}]": result.v[:, story.c],
        "w · v": story.terms,
        "Σ": np.cumsum(story.terms),
    })
