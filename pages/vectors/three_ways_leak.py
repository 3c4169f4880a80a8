"""Why a bidirectional stack needs masking: three stacks trained in sight."""

import inspect

import streamlit as st

from core.engine.answers import MASK
from lessons.theme import number, percent
from lessons.three_ways import figures, leak
from pages.ui import InsideBertError, LessonPage
from pages.ui.progress import run_in_sight

PLAIN = {"displayModeBar": False}


@st.fragment
def why_masks(page: LessonPage, word: str) -> None:
    """The text, the controls, and the two curves of what is learned."""
    page.section("leak", share=percent(leak.CHOSEN_RATE), window=leak.WINDOW)
    layers = page.control_choice("tw_layers", page.t("layers"), [str(n) for n in leak.LAYERS],
                                 "2")
    if page.control_toggle("tw_train", page.t("train")):
        _trained(page, page.text.replace(MASK, word), int(layers))
    with st.expander(page.t("code"), icon=":material/code:"):
        st.code(inspect.getsource(leak.loss_of), language="python")


def _trained(page: LessonPage, text: str, layers: int) -> None:
    try:
        leak.words_of(text)
    except InsideBertError as error:
        st.warning(page.sentence_for(error), icon=":material/edit:")
        return
    result: leak.Leak = run_in_sight(page, leak.run, leak.Request(text, layers))
    names = {kind: page.t(f"kind_{kind}") for kind in leak.KINDS}
    for column, kind in zip(st.columns(3), leak.KINDS, strict=True):
        curve = result.of(kind)
        with column, st.container(border=True):
            st.markdown(f"**{names[kind]}**")
            st.metric(page.t("last_loss"), number(curve.loss[-1]))
            st.metric(page.t("right"), percent(curve.right[-1]))
    for what in ("loss", "right"):
        st.markdown(f"**{page.t(f'curve_{what}')}**")
        st.plotly_chart(
            figures.curves(result, what, names, (page.t("step"), page.t(f"axis_{what}"),
                                                 page.t("chance")), page.theme),
            config=PLAIN, key=f"leak_{what}", alt=page.t(f"curve_{what}"),
        )
    st.caption(page.t("leak_note", steps=result.steps[-1], words=len(result.words),
                      different=result.different, chance=percent(result.chance)))
    page.prose("leak-after")
