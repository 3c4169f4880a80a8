"""GloVe beside word2vec: all windows counted first, then vectors fitted to the counts."""

import numpy as np
import streamlit as st

from core.vectors.cooccurrence import ALPHA
from core.vectors.windows import Corpus
from lessons.theme import number, tex
from lessons.word2vec import figures
from lessons.word2vec.glove import PAPER, Request, Result, ratios, run
from pages import ui
from pages.ui import LessonPage

PLAIN = {"displayModeBar": False}
SHOWN = 24
SHARE = "%.4f"


@st.fragment
def glove(page: LessonPage, corpus: Corpus) -> None:
    page.section("glove", words=len(corpus.words))
    left, right = st.columns(2)
    with left:
        window = page.control_integer("gwin", page.t("window"), 1, 10, 5)
    with right:
        by_distance = page.control_toggle("near_more", page.t("by_distance"), True)
    x_max = float(page.peek_choice("xmax", "x_max", ["5", "10", "100"], "10"))
    result: Result = page.run(
        run, Request(page.text, window, by_distance, x_max), needs_model=False
    )
    i, j = _matrix(page, result)
    _cell(page, result, i, j)
    _weighting(page, result)
    _ratios(page, result)
    page.prove(result.proof)


def _matrix(page: LessonPage, result: Result) -> tuple[int, int]:
    """X as a picture; a click chooses the cell that is followed below."""
    words = result.corpus.words
    start, stop = page.window(len(words), SHOWN, "from_word")
    places = [str(n) for n in range(len(words))]
    top = np.unravel_index(result.counts.argmax(), result.counts.shape)
    i = int(page.value("gi", page.t("row_word"), places, str(top[0])))
    j = int(page.value("gj", page.t("column_word"), places, str(top[1])))
    inside = start <= i < stop and start <= j < stop
    clicked = ui.heat(
        "counts", result.counts[start:stop, start:stop], words[start:stop], words[start:stop],
        selected=(i - start, j - start) if inside else None, label=page.t("counts_label"),
    )
    if clicked:
        page.put("gi", str(start + clicked[0]))
        page.put("gj", str(start + clicked[1]))
        st.rerun(scope="fragment")
    st.caption(page.t("counts_note", filled=result.filled, all=result.counts.size))
    return i, j


def _cell(page: LessonPage, result: Result, i: int, j: int) -> None:
    """One term of the loss with its factors."""
    words = result.corpus.words
    with st.container(border=True):
        st.markdown(page.t("cell", i=ui.escape_markdown(words[i]), j=ui.escape_markdown(words[j])))
        if result.counts[i, j] == 0:
            st.markdown(page.t("cell_empty"))
            return
        count, f = float(result.counts[i, j]), float(result.weights[i, j])
        guess, log = result.prediction(i, j), float(result.logs[i, j])
        st.latex(
            rf"X_{{ij}} = {tex(count)}, \qquad f(X_{{ij}}) = {tex(f)}, \qquad "
            rf"\log X_{{ij}} = {tex(log)}"
        )
        st.latex(
            rf"f\,(w_i\cdot\tilde w_j + b_i + \tilde b_j - \log X_{{ij}})^2 = "
            rf"{tex(f)}\,({tex(guess)} - ({tex(log)}))^2 = "
            rf"\mathbf{{{tex(float(result.fitted[i, j]))}}}"
        )
        st.caption(page.t(
            "fit", turns=len(result.glove.losses) - 1, size=result.glove.w.shape[1],
            before=number(result.glove.losses[0]), after=number(result.glove.losses[-1]),
        ))


def _weighting(page: LessonPage, result: Result) -> None:
    page.section("weighting")
    page.control_choice("xmax", page.t("xmax"), ["5", "10", "100"], "10")
    axes = (page.t("count_axis"), "f(x)")
    st.plotly_chart(
        figures.weighting(result.counts[result.counts > 0], result.x_max, ALPHA, axes, page.theme),
        config=PLAIN, key="weighting", alt=page.t("weighting_alt"),
    )


def _ratios(page: LessonPage, result: Result) -> None:
    """P(k | i) / P(k | j), the idea from which GloVe starts, on the learner's text."""
    page.section("ratios")
    words = list(result.corpus.words)
    left, right = st.columns(2)
    defaults = [w if w in words else words[n] for n, w in enumerate(("ice", "steam"))]
    with left:
        first = page.control_choice("ratio_i", page.t("ratio_i"), words, defaults[0])
    with right:
        second = page.control_choice("ratio_j", page.t("ratio_j"), words, defaults[1])
    found = ratios(result, words.index(first), words.index(second))
    st.dataframe(
        {
            page.t("word_k"): [r.word for r in found],
            f"P(k | {first})": [r.of_i for r in found],
            f"P(k | {second})": [r.of_j for r in found],
            page.t("ratio"): ["∞" if np.isinf(r.ratio) else f"{r.ratio:.2f}" for r in found],
        },
        hide_index=True,
        column_config=dict.fromkeys(
            (f"P(k | {first})", f"P(k | {second})"), st.column_config.NumberColumn(format=SHARE)
        ),
    )
    with st.expander(page.t("paper_table"), icon=":material/menu_book:"):
        st.table({
            "k": [row[0] for row in PAPER],
            "P(k | ice)": [f"{row[1]:.1e}" for row in PAPER],
            "P(k | steam)": [f"{row[2]:.1e}" for row in PAPER],
            page.t("ratio"): [f"{row[3]:g}" for row in PAPER],
        })
        st.caption(page.t("paper_note"))
