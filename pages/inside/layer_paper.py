"""The full Transformer of 2017, part by part, beside what BERT made of it."""

import streamlit as st

from lessons.layer.paper import DECODER, ENCODER, PARTS, Part, shapes
from pages import ui
from pages.ui import LessonPage
from pages.ui.components.blocks import Block, Column, blocks

SIGNS = {"kept": "✓", "changed": "≈", "left_out": "✕"}
COLOURS = {"embedding": "token", "attention": "query", "masked": "query", "cross": "query",
           "ffn": "key", "softmax": "value", "loss": "segment"}


@st.fragment
def transformer(page: LessonPage) -> None:
    """Encoder and decoder as the paper draws them; a click explains a part."""
    page.section("paper")
    part = PARTS[page.value("part", page.t("part"), list(PARTS), "dec_cross")]
    clicked = blocks(
        "paper", (_column(page, "encoder", ENCODER), _column(page, "decoder", DECODER)),
        wires=(("enc_norm2", "dec_cross"),), signs=SIGNS, chosen=part.id, up=True,
        fates={fate: page.t(fate) for fate in SIGNS}, label=page.t("paper_label"),
    )
    if clicked and clicked != part.id:
        page.put("part", clicked)
        st.rerun(scope="fragment")
    info = page.info
    numbers = {"heads": info.heads, "d_k": info.d_k, "hidden": info.hidden, "inner": info.inner,
               "vocabulary": f"{info.vocabulary:,}"}
    with st.container(border=True):
        st.markdown(f"**{SIGNS[part.fate]} {page.t(part.id)}** · {page.t(part.fate)}")
        page.prose(f"part-{part.text}", **numbers)
    _sizes(page)
    page.section("order")


def _column(page: LessonPage, tower: str, parts: tuple[Part, ...]) -> Column:
    short = tower[:3]
    made = tuple(
        Block(p.id, page.t(p.id), _colour(p), p.fate, "norm" if "_norm" in p.id else "")
        for p in parts
    )
    works = ("attention", "ffn") if tower == "encoder" else ("masked", "cross", "ffn")
    branches = tuple((f"{short}_{w}", f"{short}_norm{n}") for n, w in enumerate(works, 1))
    return Column(page.t(tower), made, branches, (branches[0][0], branches[-1][1]), "N ×")


def _colour(part: Part) -> str:
    return COLOURS.get(part.id.split("_", 1)[1], "position")


def _sizes(page: LessonPage) -> None:
    """The published sizes beside the model in use."""
    found = shapes(page.engine, page.model)
    columns: dict[str, list[object]] = {
        page.t("model"): [
            ui.escape_markdown(s.name) + ("" if s.published else f" · {page.t('in_use')}")
            for s in found
        ],
        page.t("shape_layers"): [f"{s.layers} + {s.layers}" if s is found[0] else s.layers
                                 for s in found],
        "H": [s.hidden for s in found],
        "A": [s.heads for s in found],
        page.t("shape_inner"): [f"{s.inner:,}" for s in found],
        page.t("shape_activation"): [s.activation for s in found],
    }
    st.table(columns)
    st.caption(page.t("shape_source"))
