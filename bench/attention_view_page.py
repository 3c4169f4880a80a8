"""The attention view alone on a page, for its benchmark; says when the forward pass ended.

    python -m streamlit run bench/attention_view_page.py

In the URL: pieces, model (embedded or a folder), and what the view keeps there itself. The button
goes on to a text that was not traced before.
"""

import time

import streamlit as st

from bench.forward import text_of
from core.engine import local_engine
from lessons.theme import LIGHT
from lessons.views.lesson import Request, Result, run, traced
from lessons.views.opened import Opening, opened
from pages import ui
from pages.ui import LessonPage
from pages.ui.components.attention_view import Block


@st.fragment
def picture(page: LessonPage, result: Result) -> None:
    block = Block(result.grid, result.encoded.tokens, result.encoded.segments, result.kinds,
                  result.pool)
    ui.attention_view(
        page, "bench", [block],
        lambda pane: opened(
            page.engine, Opening(page.text, "", page.model, pane.layer, pane.head)
        ),
    )


def main() -> None:
    model, pieces = st.query_params["model"], int(st.query_params["pieces"])
    st.session_state["turn"] = turn = st.session_state.get("turn", 0) + st.button("next text")
    engine = local_engine("cpu")
    engine.warm(model)
    words = text_of(pieces).split()
    request = Request(" ".join(words[turn:] + words[:turn]), "", model)
    traced(engine, request)
    ended = time.time()
    page = LessonPage("views", "en", model, request.text, "", LIGHT, engine)
    picture(page, run(engine, request))
    st.text(f"pass {turn} ended {1000 * ended:.1f}")


if __name__ == "__main__":
    main()
