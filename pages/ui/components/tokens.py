"""A row of word pieces as chips; ## continuations join their word, a click returns the index."""

from collections.abc import Sequence

import streamlit as st

from pages.ui.components.packing import source, style

_tokens = st.components.v2.component("inside_bert_tokens", js=source("tokens"), css=style("tokens"))


def tokens(
    key: str,
    pieces: Sequence[str],
    *,
    selected: Sequence[int] = (),
    kinds: Sequence[str] | None = None,
    sublabels: Sequence[str] | None = None,
    values: Sequence[float] | None = None,
    clickable: bool = True,
    label: str = "",
) -> int | None:
    """Draw the pieces and return the index that was just clicked, if any.

    kinds : b, mask, random, keep, hidden, query, hit, miss or "" for each piece;
    sublabels : small text under each; values : 0..1, the depth of the background.
    """
    data = {
        "tokens": [_printable(p) for p in pieces],
        "selected": list(selected),
        "kinds": [k or "plain" for k in kinds] if kinds is not None else None,
        "sublabels": list(sublabels) if sublabels is not None else None,
        "values": [float(v) for v in values] if values is not None else None,
        "clickable": clickable,
        "label": label,
    }
    clicked = _tokens(data=data, key=key, on_clicked_change=_nothing).clicked
    return int(clicked) if clicked is not None else None


def _printable(piece: str) -> str:
    return piece.encode("utf-8", "replace").decode("utf-8")


def _nothing() -> None:
    """Streamlit wants a callback for a trigger; the rerun itself is what is needed."""
