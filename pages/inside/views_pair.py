"""Two sentences beside each other in the same head."""

import streamlit as st

from core.errors import InsideBertError
from lessons.theme import percent
from lessons.views import pair
from lessons.views.opened import Opening, opened
from pages import ui
from pages.ui import LessonPage
from pages.ui.components.attention_state import View
from pages.ui.components.attention_view import Block

OTHER = "The animal didn't cross the street because it was too wide."


@st.fragment
def two_sentences(page: LessonPage) -> None:
    """The learner's sentence and another one."""
    page.section("sentences")
    other = page.control_line("other", page.t("other"), OTHER)
    try:
        page.engine.tokenize(page.model, other)
    except InsideBertError as error:
        st.warning(page.sentence_for(error), icon=":material/edit:")
        return
    result: pair.Result = page.run(pair.run, pair.Request(page.text, other, page.model))
    layer, head = result.most
    page.prose(
        "sentences-result", where=page.t("layer_head", layer=layer, head=head),
        most=percent(float(result.moved.max())), average=percent(float(result.moved.mean())),
    )
    texts = (page.text, other)
    blocks = [
        Block(side.grid, side.encoded.tokens, side.encoded.segments, side.kinds, side.pool,
              title=text[:120], partner=result.partner if n == 0 else ())
        for n, (side, text) in enumerate(zip(result.sides, texts, strict=True))
    ]
    ui.attention_view(
        page, "views_pair", blocks,
        lambda pane: page.run(
            opened, Opening(texts[pane.block], "", page.model, pane.layer, pane.head)
        ),
        start=View("lines", layer, head), pair="texts", marks=result.moved, prefix="s_",
    )
