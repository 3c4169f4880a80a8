"""The parts of the self-attention page that show one head as a whole."""

import inspect

import numpy as np
import streamlit as st

from lessons.attention import figures
from lessons.attention.lesson import Result, attention_by_hand
from lessons.attention.story import entropy, row_softmax, sharpness
from lessons.text import presets
from lessons.theme import percent
from pages import ui
from pages.ui import LessonPage

PLAIN = {"displayModeBar": False}
STAGES = ("scores", "scaled", "weights")


def names_of(result: Result) -> list[str]:
    """Every piece with its place, so that no two are alike."""
    return [f"{i} {t}" for i, t in enumerate(result.encoded.tokens)]


def choose_head(page: LessonPage) -> tuple[int, int]:
    """The sliders, the URL or a click on the overview choose layer and head."""
    if picked := st.session_state.pop("_picked_head", None):
        page.put("layer", picked[0])
        page.put("head", picked[1])
    left, right = st.columns(2)
    with left:
        layer = page.control_integer("layer", page.t("layer"), 0, page.info.layers - 1, 0)
    with right:
        head = page.control_integer("head", page.t("head"), 0, page.info.heads - 1, 0)
    return layer, head


def all_heads(page: LessonPage, overview: np.ndarray, tokens: tuple[str, ...],
              chosen: tuple[int, int]) -> None:
    """Every head as a thumbnail, a click chooses one."""
    layers, heads = overview.shape[:2]
    st.caption(page.t("overview", layers=layers, heads=heads, all=layers * heads))
    clicked = ui.head_grid(
        "overview", overview, tokens, selected=chosen, label=page.t("overview_label")
    )
    if clicked and clicked != chosen:
        st.session_state["_picked_head"] = clicked
        st.rerun(scope="fragment")


def _cell_of_preset(page: LessonPage, last: int) -> tuple[str, str]:
    """Where to start: what the preset with this text points at, else the second row."""
    points = next((p.controls for p in presets("attention") if p.text == page.text), {})
    return points.get("q", str(min(2, last))), points.get("k", str(min(1, last)))


def settled_cell(page: LessonPage, result: Result) -> tuple[int, int]:
    """Query piece and key piece, for what stands above their controls."""
    places = [str(at) for at in range(len(result.encoded))]
    q, k = _cell_of_preset(page, len(places) - 1)
    return (
        int(page.peek_choice("q", page.t("query_piece"), places, q)),
        int(page.peek_choice("k", page.t("key_piece"), places, k)),
    )


def guessed(page: LessonPage, result: Result, start: int, stop: int) -> bool:
    """Ask where the query piece looks most, and compare; False until the learner commits."""
    names = names_of(result)
    i, _ = settled_cell(page, result)
    guess = page.guess(
        f"attention {result.layer} {result.head}",
        page.t("guess_question", piece=ui.escape_markdown(names[i])), names[start:stop],
    )
    if guess:
        top = int(result.weights[i].argmax())
        mine = names.index(guess)
        left, right = st.columns(2)
        left.metric(page.t("guess_yours"), guess, percent(float(result.weights[i, mine])),
                    delta_color="off", delta_arrow="off")
        right.metric(page.t("guess_models"), names[top], percent(float(result.weights[i, top])),
                     delta_color="off", delta_arrow="off")
    return guess is not None


def matrix(page: LessonPage, result: Result, start: int, stop: int) -> tuple[int, int]:
    """The n x n picture; returns query piece and key piece of the chosen cell."""
    if picked := st.session_state.pop("_picked_cell", None):
        page.put("q", picked[0])
        page.put("k", picked[1])
    names = names_of(result)
    i, j = settled_cell(page, result)
    stage = page.control_choice(
        "show", page.t("show"), list(STAGES), "weights", lambda s: page.t(f"show_{s}")
    )
    values = getattr(result, stage)[start:stop, start:stop]
    inside = start <= i < stop and start <= j < stop
    clicked = ui.heat(
        f"matrix_{stage}", values, names[start:stop], names[start:stop],
        scale="sequential" if stage == "weights" else "diverging",
        domain=(0.0, float(values.max())) if stage == "weights" else None,
        selected=(i - start, j - start) if inside else None,
        label=page.t("matrix_label"), shown=result.allowed[start:stop, start:stop], cell=62,
    )
    if clicked:
        st.session_state["_picked_cell"] = [str(c + start) for c in clicked]
        st.rerun(scope="fragment")
    return _cell_controls(page, names)


def _cell_controls(page: LessonPage, names: list[str]) -> tuple[int, int]:
    options = [str(at) for at in range(len(names))]
    defaults = _cell_of_preset(page, len(names) - 1)
    chosen = []
    for column, key, default in zip(st.columns(2), ("q", "k"), defaults, strict=True):
        label = page.t("query_piece" if key == "q" else "key_piece")
        with column:
            chosen.append(
                int(page.control_choice(key, label, options, default, lambda at: names[int(at)]))
            )
    return chosen[0], chosen[1]


def vectors(page: LessonPage, result: Result, start: int, stop: int) -> None:
    """q, k, v and z of the head as bands."""
    page.section("vectors", d_k=result.d_k, hidden=result.x.shape[1])
    names = names_of(result)[start:stop]
    for pair in (("q", "k"), ("v", "z")):
        for column, name in zip(st.columns(2), pair, strict=True):
            with column:
                st.markdown(f"**{page.t(f'vector_{name}')}**")
                ui.heat(
                    f"vector_{name}", getattr(result, name)[start:stop], names, scale="diverging",
                    row_height=18, cell=18, selectable=False, label=page.t(f"vector_{name}"),
                )


def why_root(page: LessonPage, result: Result, i: int) -> None:
    """The same row through softmax without and with the division."""
    facts = sharpness(result)
    page.section(
        "root", d_k=result.d_k,
        raw_variance=f"{facts.raw_variance:.1f}", scaled_variance=f"{facts.scaled_variance:.2f}",
        raw_peak=percent(facts.raw_peak), scaled_peak=percent(facts.scaled_peak),
        raw_entropy=f"{facts.raw_entropy:.2f}", scaled_entropy=f"{facts.scaled_entropy:.2f}",
    )
    before, after = row_softmax(result, i)
    st.markdown(page.t(
        "row_entropy", piece=ui.escape_markdown(names_of(result)[i]),
        raw=f"{entropy(before):.2f}", scaled=f"{entropy(after):.2f}",
        most=f"{np.log2(result.allowed[i].sum()):.2f}",
    ))
    st.plotly_chart(
        figures.two_softmaxes(before, after, names_of(result),
                              (page.t("without"), page.t("with")), page.theme),
        config=PLAIN, key="softmaxes", alt=page.t("root_alt"),
    )


def source_code(page: LessonPage) -> None:
    with st.expander(page.t("code"), icon=":material/code:"):
        st.code(inspect.getsource(attention_by_hand), language="python")
