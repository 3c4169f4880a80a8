import streamlit as st

from core.contract import AttentionMask
from lessons.attention.lesson import Request, all_heads, run
from pages import ui
from pages.inside import attention_views as views

page = ui.open_lesson("attention", pair="optional")
WINDOW = 48


@st.fragment
def one_head() -> None:
    page.section("formula", d_k=page.info.d_k, heads=page.info.heads, layers=page.info.layers)
    mask = page.control_choice(
        "mask", page.t("mask"), ["bidirectional", "causal"], "bidirectional",
        lambda m: page.t(f"mask_{m}"),
    )
    if mask == "causal":
        st.info(page.t("causal_note"), icon=":material/info:")
    direction: AttentionMask = "causal" if mask == "causal" else "bidirectional"
    overview = page.run(all_heads, Request(page.text, page.text_b, page.model, mask=direction))
    layer, head = views.choose_head(page, overview, WINDOW)
    request = Request(page.text, page.text_b, page.model, layer, head, direction)
    result = page.run(run, request)
    page.tell_cut(result.encoded)
    start, stop = page.window(len(result.encoded), WINDOW)
    i, j = views.matrix(page, result, start, stop)
    if i is None:
        return
    views.vectors(page, result, start, stop)
    views.one_number(page, result, i, j)
    views.why_root(page, result, i)
    page.prove(result.proof)
    views.source_code(page)


one_head()
views.two_sentences(page)
views.textbook(page)
page.finish()
