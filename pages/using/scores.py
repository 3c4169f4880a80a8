import streamlit as st

from pages import ui
from pages.using import scores_later, scores_other, scores_table, scores_try

page = ui.open_lesson("scores", pair="optional")
place_of_tasks = st.container()
scores_table.table(page)
scores_other.others(page)
scores_other.ablations(page)
scores_other.ours(page)
scores_later.later(page)
page.finish()
with place_of_tasks:  # last: it waits for the model, the published figures need not
    scores_try.eight(page)
