"""Inside BERT: the frame around every page. Start it with `make run`."""

from pathlib import Path

import streamlit as st

from pages.ui.shell import draw_shell

st.set_page_config(
    page_title="Inside BERT",
    page_icon=Path(__file__).parent / "assets" / "images" / "icon.svg",
    layout="wide",
    initial_sidebar_state="auto",
)
draw_shell().run()
