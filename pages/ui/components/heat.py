"""A matrix as a picture: tokens x tokens, or vectors as bands. Exact float32 values on hover."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import streamlit as st

from lessons.theme import THEMES
from pages.ui.catalogue import translate
from pages.ui.components.packing import pack, source, style

_heat = st.components.v2.component("inside_bert_heat", js=source("heat"), css=style("heat"))


def heat(
    key: str,
    matrix: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str] = (),
    *,
    scale: Literal["sequential", "diverging"] = "sequential",
    domain: tuple[float, float] | None = None,
    selected: tuple[int, int] | None = None,
    selectable: bool = True,
    cell: int = 56,
    row_height: int | None = None,
    label: str = "",
    shown: np.ndarray | None = None,
) -> tuple[int, int] | None:
    """Draw float[r, c] and return the cell that was just clicked, if any.

    columns : names, or empty for an index axis; domain : ends of the colour scale, symmetric
    around 0 for "diverging" when not given; shown : bool[r, c], False cells are hatched.
    """
    theme = THEMES["dark" if st.context.theme.type == "dark" else "light"]
    values = np.asarray(matrix, dtype=np.float32)
    if domain is None:
        extent = float(np.abs(values).max(initial=0.0)) or 1.0
        low = -extent if scale == "diverging" else float(values.min(initial=0.0))
        domain = (low, extent if scale == "diverging" else float(values.max(initial=1e-9)))
    header: dict[str, object] = {
        "shape": values.shape,
        "rows": list(rows),
        "columns": list(columns),
        "palette": getattr(theme, scale),
        "domain": domain,
        "selected": selected,
        "selectable": selectable,
        "cell": cell,
        "rowHeight": row_height,
        "label": label,
        "masked": shown is not None,
        "tableLabel": translate(st.session_state.get("lang") or "en", "common", "as_table"),
        "theme": {"ink": theme.ink, "muted": theme.muted, "grid": theme.grid,
                  "paper": theme.paper, "accent": theme.accent},
    }
    data = pack(header, values)
    if shown is not None:
        data += np.ascontiguousarray(shown, dtype=np.uint8).tobytes()
    picked = _heat(data=data, key=key, on_cell_change=_nothing).cell
    return (int(picked[0]), int(picked[1])) if picked else None


def _nothing() -> None:
    """Streamlit wants a callback for a trigger; the rerun itself is what is needed."""
