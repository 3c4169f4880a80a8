"""A matrix as a picture: tokens x tokens, or vectors as bands. Exact float32 values on hover."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import streamlit as st

from lessons.theme import THEMES
from pages.ui.catalogue import translate
from pages.ui.components.packing import pack, source, style

_heat = st.components.v2.component("inside_bert_heat", js=source("heat"), css=style("heat"))
Scale = Literal["sequential", "diverging"]


def heat_data(
    matrix: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str] = (),
    *,
    scale: Scale = "sequential",
    domain: tuple[float, float] | None = None,
    selected: tuple[int, int] | None = None,
    selectable: bool = True,
    cell: int = 56,
    row_height: int | None = None,
    label: str = "",
    shown: np.ndarray | None = None,
    theme_name: str = "light",
    table_label: str = "",
) -> bytes:
    """What travels to the browser: a header, float32[r, c] and, with `shown`, uint8[r, c].

    Cells that are not shown travel as 0. Raises ValueError where a shown one is not finite.
    """
    theme = THEMES[theme_name]
    values = np.asarray(matrix, dtype=np.float32)
    if shown is not None:
        values = np.where(shown, values, np.float32(0))
    header: dict[str, object] = {
        "shape": values.shape,
        "rows": list(rows),
        "columns": list(columns),
        "palette": getattr(theme, scale),
        "selected": selected,
        "selectable": selectable,
        "cell": cell,
        "rowHeight": row_height,
        "label": label,
        "masked": shown is not None,
        "tableLabel": table_label,
        "theme": {"ink": theme.ink, "muted": theme.muted, "grid": theme.grid,
                  "paper": theme.paper, "accent": theme.accent},
    }
    arrays = [values] if shown is None else [values, np.asarray(shown, dtype=np.uint8)]
    if np.isfinite(values).all():  # else `pack` says what is wrong
        header["domain"] = domain or _domain(values, scale)
    return pack(header, *arrays)


def _domain(values: np.ndarray, scale: Scale) -> tuple[float, float]:
    """Ends of the colour scale: symmetric around 0, or from 0 to the largest."""
    if scale == "diverging":
        extent = float(np.abs(values).max(initial=0.0)) or 1.0
        return -extent, extent
    return float(values.min(initial=0.0)), float(values.max(initial=1e-9))


def heat(
    key: str,
    matrix: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str] = (),
    *,
    scale: Scale = "sequential",
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
    data = heat_data(
        matrix, rows, columns, scale=scale, domain=domain, selected=selected,
        selectable=selectable, cell=cell, row_height=row_height, label=label, shown=shown,
        theme_name="dark" if st.context.theme.type == "dark" else "light",
        table_label=translate(st.session_state.get("lang") or "en", "common", "as_table"),
    )
    picked = _heat(data=data, key=key, on_cell_change=_nothing).cell
    return (int(picked[0]), int(picked[1])) if picked else None


def _nothing() -> None:
    """Streamlit wants a callback for a trigger; the rerun itself is what is needed."""
