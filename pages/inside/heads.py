import streamlit as st

from pages import ui
from pages.inside.heads_hunt import hunt
from pages.inside.heads_roles import roles
from pages.inside.heads_split import one_piece

page = ui.open_lesson("heads", pair="optional")

one_piece(page)
st.divider()
roles(page)
st.divider()
hunt(page)
page.finish()
