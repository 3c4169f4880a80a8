"""Every head of every layer as a thumbnail, one byte a weight, sent once."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from lessons.theme import THEMES
from pages.ui.catalogue import translate
from pages.ui.components.packing import pack, source, style

_head_grid = st.components.v2.component(
    "inside_bert_head_grid", js=source("head_grid"), css=style("head_grid")
)


def head_grid_data(
    weights: np.ndarray,
    tokens: Sequence[str],
    *,
    theme_name: str = "light",
    selected: tuple[int, int] | None = None,
    marks: np.ndarray | None = None,
    label: str = "",
    head_label: str = "layer {layer}, head {head}",
) -> bytes:
    """What travels to the browser: a header and uint8[L, A, n, n]."""
    theme = THEMES[theme_name]
    header: dict[str, object] = {
        "shape": weights.shape[:3],
        "tokens": list(tokens),
        "palette": theme.sequential,
        "selected": selected,
        "marks": None if marks is None else [float(m) for m in marks.ravel()],
        "markMax": None if marks is None else float(np.abs(marks).max(initial=1e-9)),
        "label": label,
        "headLabel": head_label,
        "theme": {"ink": theme.ink, "muted": theme.muted, "paper": theme.paper,
                  "accent": theme.accent, "up": theme.query, "down": theme.key},
    }
    return pack(header, np.asarray(weights, dtype=np.uint8))


def head_grid(
    key: str,
    weights: np.ndarray,
    tokens: Sequence[str],
    *,
    selected: tuple[int, int] | None = None,
    marks: np.ndarray | None = None,
    label: str = "",
) -> tuple[int, int] | None:
    """Draw uint8[L, A, n, n] and return the (layer, head) that was just clicked, if any."""
    language = st.session_state.get("lang") or "en"
    data = head_grid_data(
        weights, tokens, selected=selected, marks=marks, label=label,
        theme_name="dark" if st.context.theme.type == "dark" else "light",
        head_label=translate(language, "common", "layer_head"),
    )
    picked = _head_grid(data=data, key=key, on_head_change=_nothing).head
    return (int(picked[0]), int(picked[1])) if picked else None


def _nothing() -> None:
    """Streamlit wants a callback for a trigger; the rerun itself is what is needed."""
