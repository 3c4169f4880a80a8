import streamlit as st

from lessons.embeddings import figures, lesson
from lessons.embeddings.lesson import PARTS, Request, run
from pages import ui
from pages.inside import embeddings_views as views

page = ui.open_lesson("embeddings", pair="optional")
request = Request(page.text, page.text_b, page.model)
result = page.run(run, request, needs_model=False)
page.tell_cut(result.encoded)
PIECES_SHOWN = 24


@st.fragment
def three_rows() -> None:
    page.section("three", hidden=page.info.hidden, places=page.info.max_positions)
    start, stop = page.window(len(result.encoded), PIECES_SHOWN)
    piece, dimension = views.chosen(page, result)
    views.bands(page, result, PARTS, start, stop, (piece, dimension))
    piece, dimension = views.one_number(page, result)
    page.section("lengths")
    st.plotly_chart(
        figures.lengths(result, start, stop, tuple(page.t(p) for p in PARTS[:3]), page.theme),
        config=views.PLAIN, key="lengths", alt=page.t("lengths_alt"),
    )
    views.neighbours(page, result, piece)


three_rows()
views.two_segments(page)
views.places(page)
page.prove(lesson.proof(page.engine, request, result))
page.finish()
