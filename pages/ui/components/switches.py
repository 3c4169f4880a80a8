"""A board of switches, one for each head of each layer; a click says which was touched."""

from collections.abc import Iterable, Sequence

import streamlit as st

from pages.ui.components.packing import source, style

_switches = st.components.v2.component(
    "inside_bert_switches", js=source("switches"), css=style("switches")
)
WHOLE_ROW = -1


def switches(
    key: str,
    rows: Sequence[str],
    columns: int,
    off: Iterable[tuple[int, int]],
    *,
    label: str = "",
    states: tuple[str, str] = ("on", "off"),
) -> tuple[int, int] | None:
    """Draw the board and return the (row, column) just clicked, if any.

    A click on a row's name returns `WHOLE_ROW` as its column; states : what a screen reader
    says of a switch
    """
    data = {
        "rows": list(rows), "columns": columns, "off": [list(pair) for pair in off],
        "label": label, "states": list(states),
    }
    clicked = _switches(data=data, key=key, on_clicked_change=_nothing).clicked
    return (int(clicked[0]), int(clicked[1])) if clicked else None


def _nothing() -> None:
    """Streamlit wants a callback for a trigger; the rerun itself is what is needed."""
