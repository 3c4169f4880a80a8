"""An opened number: its two values, its factors as buttons, its sum with every term at hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from lessons.theme import Theme
from pages.ui.components.packing import pack, source, style

_card = st.components.v2.component(
    "inside_bert_derivation", js=source("derivation"), css=style("derivation")
)
_trail = st.components.v2.component(
    "inside_bert_trail", js=source("trail"), css=style("derivation")
)


def derivation_card(
    key: str, header: dict[str, Any], arrays: Sequence[np.ndarray], theme: Theme
) -> str | None:
    """Draw one opened number and return the step that was just clicked, if any.

    header : see `pages.inside.trace_data.card_header`; arrays : places int32[m] in the order
    shown, left float32[m], right float32[m] or empty, terms float32[m]
    """
    colours = {"up": theme.query, "down": theme.key, "good": theme.good, "bad": theme.bad}
    data = pack({**header, "theme": colours}, *arrays)
    step = _card(data=data, key=key, on_step_change=_nothing).step
    return str(step) if step is not None else None


def trail(key: str, crumbs: Sequence[dict[str, Any]], label: str, last: str) -> int | None:
    """The way down as a row of buttons; returns the place that was just clicked, if any."""
    data = {"crumbs": list(crumbs), "label": label, "last": last}
    place = _trail(data=data, key=key, on_place_change=_nothing).place
    return int(place) if place is not None else None


def _nothing() -> None:
    """Streamlit wants a callback for a trigger; the rerun itself is what is needed."""
