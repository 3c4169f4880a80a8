import streamlit as st

from lessons.layer import masks, moves
from lessons.layer.lesson import Request, run
from lessons.proof import Proof
from pages import ui
from pages.inside import layer_moves, layer_paper
from pages.inside import layer_views as views
from pages.inside.layer_steps import arithmetic

page = ui.open_lesson("layer", pair="optional")
WINDOW = 48


@st.fragment
def one_layer() -> None:
    page.section("block", layers=page.info.layers)
    layer = page.control_integer("layer", page.t("layer"), 0, page.info.layers - 1, 0)
    asked = Request(page.text, page.text_b, page.model, layer)
    result = page.run(run, asked)
    page.tell_cut(result.encoded)
    start, stop = page.window(len(result.encoded), WINDOW)
    token = views.choose_token(page, result, start, stop)
    moved = page.run(moves.run, Request(page.text, page.text_b, page.model))
    if not views.guessed(page, moved, layer, token):
        return
    view = views.block(page, result, token)
    arithmetic(page, result, view, start, stop)
    layer_moves.residual_stream(page, moved, token)
    both = page.run(masks.run, asked)
    layer_moves.two_masks(page, both, start, stop)
    page.prove(Proof((*result.proof.checks, *moved.proof.checks, *both.proof.checks)))


one_layer()
layer_paper.transformer(page)
page.finish()
