"""The strip that shows where on BERT's path a page stands."""

from collections.abc import Callable
from html import escape

import streamlit as st

from pages.ui import course

STATIONS = ("text", "pieces", "embeddings", "attention", "mlm", "nsp")


def path_strip(slug: str, say: Callable[..., str]) -> None:
    """text → pieces → embeddings → attention × L → MLM, NSP, the current one lit."""
    here = course.stop_of(slug).station
    cells = []
    for name in STATIONS:
        state = " aria-current='step' class='here'" if name == here else ""
        cells.append(f"<li{state}>{escape(say(f'station_{name}'))}</li>")
    st.html(
        f"<nav class='ib-strip' aria-label='{escape(say('strip'))}'><ol>{''.join(cells)}</ol></nav>"
    )
