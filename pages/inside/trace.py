from dataclasses import replace

import streamlit as st

from core.derive.node import TOLERANCE
from lessons.trace.lesson import float32_gap, run
from pages import ui
from pages.inside import trace_choose as choose
from pages.inside import trace_tree as tree

EXAMPLE = 40  # a number for which the gap between float32 numbers is told

page = ui.open_lesson("trace", pair="optional")
choose.take_link(page)
read = choose.texts(page)
try:
    encoded = page.engine.tokenize(page.model, *read)
except ui.InsideBertError as error:
    page.stop_with(error)
page.tell_cut(encoded)


@st.fragment
def one_number() -> None:
    page.section("what", parameters=f"{page.info.parameters:,}")
    tree.take_click(page)
    with st.container(border=True):
        request = choose.chosen(page, read, encoded)
    result = page.run(run, request)
    request = replace(request, path=result.path)
    if not tree.guessed(page, result):
        return
    tree.tree(page, request, result)
    tree.reach(page, result)
    page.prove(result.proof)
    tree.export(page, request, result)


one_number()
page.section("read", limit=f"{TOLERANCE:.0e}", near=EXAMPLE, gap=f"{float32_gap(EXAMPLE):.0e}")
page.finish()
