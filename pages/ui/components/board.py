"""A board of all heads: a row for each layer, a coloured cell with a mark and a number a head."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from pages.ui.components.packing import source, style

_board = st.components.v2.component("inside_bert_board", js=source("board"), css=style("board"))


@dataclass(frozen=True)
class Cell:
    """One cell: a mark, a number under it, and what a hover or a screen reader is told.

    color : "#rrggbb" or "" for none; strength : 0..1, how much of it; badge : "best" or ""
    """

    mark: str = ""
    value: str = ""
    about: str = ""
    color: str = ""
    strength: float = 1.0
    badge: str = ""


@dataclass(frozen=True)
class Legend:
    """What a colour and a mark stand for."""

    color: str
    mark: str
    text: str


def board(
    key: str,
    cells: Sequence[Sequence[Cell]],
    *,
    selected: tuple[int, int] | None = None,
    wide: bool = False,
    label: str = "",
    corner: str = "",
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
) -> tuple[int, int] | None:
    """Draw rows of cells, both counted from 0, and return the one just clicked, if any.

    wide : room for a word in each cell; label : the board's name for a screen reader
    rows, columns : their headings, numbers from 0 where not given
    """
    data = {
        "rows": list(rows or map(str, range(len(cells)))),
        "columns": list(columns or map(str, range(len(cells[0])))),
        "cells": [[asdict(cell) for cell in row] for row in cells],
        "selected": selected,
        "legend": [],
        "wide": wide,
        "label": label,
        "corner": corner,
    }
    picked = _board(data=data, key=key, on_cell_change=_nothing).cell
    return (int(picked[0]), int(picked[1])) if picked else None


def legend(key: str, items: Sequence[Legend]) -> None:
    """What the colours and marks of the boards below it stand for."""
    data = {
        "rows": [], "columns": [], "cells": [], "selected": None,
        "legend": [asdict(item) for item in items], "wide": False, "label": "", "corner": "",
    }
    _board(data=data, key=key, on_cell_change=_nothing)


def _nothing() -> None:
    """Streamlit wants a callback for a trigger; the rerun itself is what is needed."""
