"""Every head of every layer as a thumbnail, one byte a weight, sent once.

Which head is chosen travels as a second, tiny component: Streamlit sends an element whose bytes
have not changed as a reference, so moving through layers and heads sends no weights at all.
"""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from lessons.theme import THEMES
from pages.ui.catalogue import translate
from pages.ui.components.packing import COMPONENTS, pack, source, style

_head_grid = st.components.v2.component(
    "inside_bert_head_grid", js=source("head_grid"), css=style("head_grid")
)
_head_choice = st.components.v2.component(
    "inside_bert_head_choice", js=(COMPONENTS / "head_choice.js").read_text(encoding="utf-8")
)


def head_grid_data(
    weights: np.ndarray,
    tokens: Sequence[str],
    *,
    key: str = "",
    theme_name: str = "light",
    marks: np.ndarray | None = None,
    label: str = "",
    head_label: str = "layer {layer}, head {head}",
) -> bytes:
    """What travels to the browser: a header and uint8[L, A, n, n].

    Raises ValueError for other weights.
    """
    if weights.dtype != np.uint8 or weights.ndim != 4:
        raise ValueError(f"weights must be uint8[L, A, n, n], not {weights.dtype}{weights.shape}")
    theme = THEMES[theme_name]
    header: dict[str, object] = {
        "grid": key,
        "shape": weights.shape[:3],
        "tokens": list(tokens),
        "palette": theme.sequential,
        "marks": None if marks is None else [float(m) for m in marks.ravel()],
        "markMax": None if marks is None else float(np.abs(marks).max(initial=1e-9)),
        "label": label,
        "headLabel": head_label,
        "theme": {"ink": theme.ink, "muted": theme.muted, "paper": theme.paper,
                  "accent": theme.accent, "up": theme.query, "down": theme.key},
    }
    return pack(header, weights)


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
        weights, tokens, key=key, marks=marks, label=label,
        theme_name="dark" if st.context.theme.type == "dark" else "light",
        head_label=translate(language, "common", "layer_head"),
    )
    with st.container(gap=None):
        picked = _head_grid(data=data, key=key, on_head_change=_nothing).head
        _head_choice(data={"grid": key, "head": selected}, key=f"{key}_choice", height=1)
    return (int(picked[0]), int(picked[1])) if picked else None


def _nothing() -> None:
    """Streamlit wants a callback for a trigger; the rerun itself is what is needed."""
