"""A text with marked stretches, as an answer in its paragraph or words with their tags."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from lessons.tasks.marking import Part
from lessons.theme import THEMES
from pages.ui.components.packing import pack, source, style

_marked = st.components.v2.component("inside_bert_marked", js=source("marked"), css=style("marked"))
COLOURS = ("ink", "muted", "accent", "query", "key", "value", "token")


@dataclass(frozen=True)
class Entry:
    """A line of the legend."""

    colour: str
    tag: str
    text: str


def marked(
    key: str,
    parts: Sequence[Part],
    *,
    chosen: int | None = None,
    legend: Sequence[Entry] = (),
    roomy: bool = False,
    label: str = "",
) -> int | None:
    """Draw the text and return the piece of the stretch that was just clicked, if any.

    chosen : the piece whose stretch is framed; roomy : leave room for a tag under each word
    """
    theme = THEMES["dark" if st.context.theme.type == "dark" else "light"]
    data = pack({
        "parts": [asdict(part) for part in parts],
        "chosen": chosen,
        "legend": [asdict(entry) for entry in legend],
        "roomy": roomy,
        "label": label,
        "theme": {name: getattr(theme, name) for name in COLOURS},
    })
    picked = _marked(data=data, key=key, on_piece_change=_nothing).piece
    return int(picked) if picked is not None else None


def _nothing() -> None:
    """Streamlit wants a callback for a trigger; the rerun itself is what is needed."""
