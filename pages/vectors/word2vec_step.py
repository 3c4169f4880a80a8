"""One update of the network, number by number."""

import numpy as np
import streamlit as st

from core.vectors.windows import Corpus
from lessons.theme import number, tex
from lessons.word2vec.lesson import Request, Result, run
from pages import ui
from pages.ui import LessonPage
from pages.vectors.word2vec_settings import network

ROWS = 16  # words of the output layer that a picture shows at a time
MOST_EARLIER = 200
IN_ROW = 3  # terms of a sum that a phone shows beside each other
FOUR = st.column_config.NumberColumn(format="%.4f")


@st.fragment
def one_update(page: LessonPage, corpus: Corpus) -> None:
    page.section("step", words=len(corpus.words))
    settings = network(page)
    earlier = page.control_integer("earlier", page.t("earlier"), 0, MOST_EARLIER, 0)
    request = Request(page.text, 0, settings.kind, settings.output, settings.size,
                      settings.window, settings.negatives, settings.rate, settings.seed, earlier)
    result: Result = page.run(run, request, needs_model=False)
    rows = result.names(tuple(result.step.rows.tolist()))
    steps = (("hidden", _hidden), ("scores", _scores), ("loss", _loss), ("gradients", _gradients),
             ("update", _update))
    for n, (key, draw) in enumerate(steps, 1):
        with st.container(border=True):
            st.markdown(f"**{n}. {page.t(f'step_{key}')}**")
            draw(page, result, rows)
    page.prove(result.proof)


def _names(result: Result, ids: tuple[int, ...]) -> str:
    return ", ".join(ui.escape_markdown(w) for w in result.names(ids))


def _target(result: Result) -> str:
    return ui.escape_markdown(result.corpus.words[result.step.target])


def _hidden(page: LessonPage, result: Result, rows: tuple[str, ...]) -> None:
    step = result.step
    st.markdown(page.t("say_hidden", inputs=_names(result, step.inputs), target=_target(result),
                       count=len(step.inputs)))
    st.latex(rf"h = \frac{{1}}{{C}}\sum_{{c=1}}^{{C}} v_{{w_c}}, \qquad C = {len(step.inputs)}")
    ui.heat(
        "hidden", np.vstack([result.inputs, step.hidden]),
        [*(f"v {w}" for w in result.names(step.inputs)), "h"], scale="diverging", row_height=34,
        selectable=False, label=page.t("hidden_label"),
    )


def _scores(page: LessonPage, result: Result, rows: tuple[str, ...]) -> None:
    step, negative = result.step, result.settings.output == "negative"
    if negative:
        st.markdown(page.t("say_negative", target=_target(result), count=len(rows) - 1))
        st.latex(r"u_j = v'_{w_j}\cdot h, \qquad y_j = \sigma(u_j) = \frac{1}{1+e^{-u_j}}")
    else:
        st.markdown(page.t("say_softmax", count=len(rows)))
        st.latex(r"u_j = v'_{w_j}\cdot h, \qquad "
                 r"y_j = \frac{e^{u_j}}{\sum_{j'} e^{u_{j'}}}")
    columns = {
        page.t("word"): list(rows), "t": step.labels.astype(int), "u": step.scores,
        "y": step.predictions, "e = y − t": step.errors,
    }
    st.dataframe(columns, hide_index=True,
                 column_config=dict.fromkeys(("u", "y", "e = y − t"), FOUR))


def _loss(page: LessonPage, result: Result, rows: tuple[str, ...]) -> None:
    step = result.step
    if result.settings.output == "negative":
        st.latex(r"E = -\log\sigma(u_O) - \sum_{k=1}^{K}\log\sigma(-u_k)")
        terms = [tex(float(t)) for t in step.terms]
        rows_of = [" + ".join(terms[at : at + IN_ROW]) for at in range(0, len(terms), IN_ROW)]
        sum_ = r" \\ &\quad + ".join(rows_of)
        st.latex(rf"\begin{{aligned}} E &= {sum_} \\ &= \mathbf{{{tex(step.loss)}}}"
                 r"\end{aligned}")
    else:
        probability = float(step.predictions[step.labels == 1][0])
        st.latex(rf"E = -\log y_O = -\log {tex(probability)} = \mathbf{{{tex(step.loss)}}}")
    st.caption(page.t("say_loss"))


def _gradients(page: LessonPage, result: Result, rows: tuple[str, ...]) -> None:
    step = result.step
    st.latex(r"\frac{\partial E}{\partial v'_{w_j}} = e_j\,h")
    st.latex(r"EH = \sum_j e_j\,v'_{w_j}, \qquad "
             r"\frac{\partial E}{\partial v_{w_c}} = \frac{EH}{C}")
    st.markdown(page.t("say_gradients"))
    start, stop = page.window(len(rows), ROWS, "from_row")
    ui.heat(
        "to_output", step.to_output[start:stop], [f"∂v′ {w}" for w in rows[start:stop]],
        scale="diverging", row_height=30, selectable=False, label=page.t("to_output_label"),
    )
    ui.heat(
        "to_input", np.stack([step.to_hidden, step.to_input]), ["EH", "∂v = EH / C"],
        scale="diverging", row_height=30, selectable=False, label=page.t("to_input_label"),
    )


def _update(page: LessonPage, result: Result, rows: tuple[str, ...]) -> None:
    step, rate = result.step, result.settings.rate
    st.latex(rf"v \leftarrow v - \eta\,\frac{{\partial E}}{{\partial v}}, \qquad \eta = {rate:g}")
    before, after = st.columns(2)
    before.metric(page.t("loss_before"), number(step.loss))
    after.metric(page.t("loss_after"), number(step.after), round(step.after - step.loss, 4),
                 delta_color="inverse")
    moved = len(set(step.rows.tolist()))
    st.markdown(page.t("say_update", moved=moved, all=len(result.corpus.words)))
