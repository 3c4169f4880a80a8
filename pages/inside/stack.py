from dataclasses import replace

import streamlit as st

from lessons.proof import Proof
from lessons.stack.lesson import Request, Result, run
from pages import ui
from pages.inside import stack_views as views
from pages.inside.stack_lens import read
from pages.inside.stack_sizes import sizes_of

page = ui.open_lesson("stack", pair="optional")


@st.fragment
def one_piece() -> None:
    result: Result = page.run(run, Request(page.text, page.text_b, page.model))
    for text, encoded in zip((page.text, page.text_b), result.encoded, strict=False):
        replace(page, text=text, text_b="").tell_cut(encoded)  # each was read by itself
    page.section("follow", layers=result.layers, hidden=page.info.hidden,
                 pieces=len(result.encoded[0]))
    position = views.chosen(page, result)
    views.path(page, result, position)
    found = read(page, result, position)
    views.alike(page, result, position)
    views.reach(page, result)
    page.prove(Proof((*(found.proof.checks if found else ()), *result.proof.checks)))


one_piece()
sizes_of(page)
page.finish()
