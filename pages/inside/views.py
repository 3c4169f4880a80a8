import streamlit as st

from lessons.views.lesson import Request, run
from pages import ui
from pages.inside import views_grid as grid
from pages.inside.views_bertviz import bertviz_section
from pages.inside.views_flow import averages
from pages.inside.views_pair import two_sentences

page = ui.open_lesson("views", pair="optional")


@st.fragment
def every_head() -> None:
    info = page.info
    page.section("whole", layers=info.layers, heads=info.heads, all=info.layers * info.heads)
    result = page.run(run, Request(page.text, page.text_b, page.model))
    page.tell_cut(result.encoded)
    grid.jumps(page, result)
    view = grid.all_heads(page, result)
    grid.beside(page, result, view)
    page.section("read")
    if grid.guessed(page, result):
        grid.landing(page, result)
    page.prove(result.proof)


every_head()
two_sentences(page)
averages(page)
bertviz_section(page)
page.finish()
