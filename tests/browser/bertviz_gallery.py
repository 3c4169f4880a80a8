"""BertViz's three views in the frame that a page gives them, with pieces that try to break out."""

import json
from dataclasses import replace

import streamlit as st

from core.engine import local_engine
from lessons.theme import THEMES
from lessons.views.bertviz import VIEWS, Request, inert, run
from lessons.views.bertviz_document import document
from pages.ui.components.sandbox import sandbox

TEXT = "The animal didn't cross the street."
SECOND = "It was too tired."
HOSTILE = (
    "</script><script>window.owned=1</script>",
    "<img src=x onerror=window.owned=1>",
    "<!--<script>",
    "\u2028window.owned=1//",
    "\");window.owned=1;//",
    "${window.owned=1}`",
    "</text><svg onload=window.owned=1>",
)

if __name__ == "__main__":
    view = st.query_params.get("view", VIEWS[0])
    mode = "dark" if st.context.theme.type == "dark" else "light"
    made = run(local_engine(), Request(TEXT, SECOND, view=view, layer=2, head=3))
    sent = json.loads(made.payload)
    sent["tokens"][1 : 1 + len(HOSTILE)] = HOSTILE
    made = replace(made, payload=inert(sent))
    sandbox("bertviz", document(made, THEMES[mode]), label=view,
            drawn="{elements} elements in {seconds} s")
    st.button("again")
