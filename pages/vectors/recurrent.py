import streamlit as st

from pages import ui
from pages.vectors import recurrent_cells as cells
from pages.vectors import recurrent_race as race
from pages.vectors import recurrent_training as training

page = ui.open_lesson("recurrent")


@st.fragment
def networks() -> None:
    page.section("cell")
    opened = training.trained(page)
    cells.shown(page, opened)
    training.gradient(page, opened)


networks()
race.timed(page)
page.finish()
