import streamlit as st

from core.contract import AttentionMask
from lessons.attention.lesson import Request, all_heads, run
from pages import ui
from pages.inside import attention_more as more
from pages.inside import attention_views as views
from pages.inside.attention_story import one_number

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
    place_of_overview = st.container()
    layer, head = views.choose_head(page)
    result = page.run(run, Request(page.text, page.text_b, page.model, layer, head, direction))
    overview = page.run(all_heads, Request(page.text, page.text_b, page.model, mask=direction))
    page.tell_cut(result.encoded)
    page.section("matrix")
    start, stop = page.window(len(result.encoded), WINDOW)
    if not views.guessed(page, result, start, stop):
        return
    with place_of_overview:
        views.all_heads(page, overview[..., :WINDOW, :WINDOW],
                        result.encoded.tokens[:WINDOW], (layer, head))
    i, j = views.matrix(page, result, start, stop)
    views.vectors(page, result, start, stop)
    one_number(page, result, views.names_of(result), i, j)
    views.why_root(page, result, i)
    page.prove(result.proof)
    views.source_code(page)


one_head()
more.two_sentences(page)
more.textbook(page)
page.finish()
