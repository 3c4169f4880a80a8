"""Two block diagrams side by side: boxes, arrows, residual branches; a box can be clicked."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from lessons.theme import THEMES
from pages.ui.components.layer_block import WIRES
from pages.ui.components.packing import pack, source, style

_blocks = st.components.v2.component(
    "inside_bert_blocks", js=WIRES + source("blocks"), css=style("blocks")
)


@dataclass(frozen=True)
class Block:
    """A box. fate : a key of `fates`, or "differs", or ""; kind : "norm" or "";
    colour : a colour of the theme by its name."""

    id: str
    label: str
    colour: str
    fate: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Column:
    """Boxes in the order of the data.

    branches : (first, last) ids, a residual that leaves before `first` and enters `last`
    frame : ids between which the part lies that is repeated; times : how often
    """

    title: str
    boxes: tuple[Block, ...]
    branches: tuple[tuple[str, str], ...] = ()
    frame: tuple[str, str] | None = None
    times: str = ""


def blocks_data(
    columns: tuple[Column, Column],
    *,
    wires: Sequence[tuple[str, str]] = (),
    fates: Mapping[str, str] | None = None,
    signs: Mapping[str, str] | None = None,
    chosen: str | None = None,
    up: bool = False,
    label: str = "",
    theme_name: str = "light",
) -> bytes:
    """What travels to the browser."""
    theme = THEMES[theme_name]
    colours = {box.colour for column in columns for box in column.boxes}
    header: dict[str, object] = {
        "columns": [asdict(column) for column in columns],
        "wires": wires,
        "fates": fates,
        "signs": signs,
        "chosen": chosen,
        "clickable": chosen is not None,
        "up": up,
        "label": label,
        "theme": {name: getattr(theme, name)
                  for name in sorted(colours | {"ink", "muted", "grid", "accent"})},
    }
    return pack(header)


def blocks(
    key: str,
    columns: tuple[Column, Column],
    *,
    wires: Sequence[tuple[str, str]] = (),
    fates: Mapping[str, str] | None = None,
    signs: Mapping[str, str] | None = None,
    chosen: str | None = None,
    up: bool = False,
    label: str = "",
) -> str | None:
    """Draw two columns of boxes and return the id of the box that was just clicked, if any.

    wires : (from, to) ids across the columns; chosen : the marked box, None where none can be
    clicked; up : the data runs from bottom to top, as in the paper's figure
    """
    data = blocks_data(
        columns, wires=wires, fates=fates, signs=signs, chosen=chosen, up=up, label=label,
        theme_name="dark" if st.context.theme.type == "dark" else "light",
    )
    picked = _blocks(data=data, key=key, on_part_change=_nothing).part
    return str(picked) if picked else None


def _nothing() -> None:
    """Streamlit wants a callback for a trigger; the rerun itself is what is needed."""
