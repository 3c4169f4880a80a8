"""The strip that shows where on BERT's path a page stands."""

from html import escape
from urllib.parse import urlencode

import streamlit as st

from lessons.theme import Theme
from pages.ui import course, state
from pages.ui.catalogue import Say

STATIONS = ("text", "pieces", "embeddings", "attention", "mlm", "nsp")
HEADS = ("mlm", "nsp")  # the path forks here: two heads on one encoder


def path_strip(slug: str, layers: int | None, theme: Theme, say: Say) -> None:
    """text → pieces → embeddings → attention × L → masked LM or next sentence, one of them lit.

    layers : L, None where nobody knows

    Only strings of our own stand in this HTML.
    """
    here = course.stop_of(slug).station
    reached = STATIONS.index(here) if here in STATIONS else 0
    # a station of several lessons leads to its first
    pages = {stop.station: stop for stop in reversed(course.COURSE) if stop.station}
    query = urlencode(state.carried())
    cells = []
    for at, name in enumerate(STATIONS):
        label = escape(say(f"station_{name}"))
        if name == "attention" and layers is not None:
            label += f"<small>{escape(say('times_layers', layers=layers))}</small>"
        if name in pages and name != here:
            address = f"{pages[name].url_path}?{query}"
            label = f"<a class='ib-go' target='_self' href='{escape(address)}'>{label}</a>"
        else:
            label = f"<span>{label}</span>"
        kind = ["fork"] if name in HEADS else []
        kind += ["here"] if name == here else ["past"] if at < reached and name not in HEADS else []
        current = " aria-current='step'" if name == here else ""
        cells.append(f"<li class='{' '.join(kind)}'{current}>{label}</li>")
    title = escape(say("strip"))
    colours = f"--accent: {theme.accent}; --paper: {theme.paper}"
    st.html(
        f"<nav class='ib-strip' style='{colours}' aria-label='{title}'>"
        f"<ol>{''.join(cells)}</ol></nav>"
    )
