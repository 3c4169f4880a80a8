"""One encoder layer as a block: boxes, residual arrows, each station's vector and its size."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import streamlit as st

from lessons.theme import THEMES
from pages.ui.components.packing import COMPONENTS, pack, source, style

WIRES = (COMPONENTS / "wires.js").read_text(encoding="utf-8")
_block = st.components.v2.component(
    "inside_bert_layer_block", js=WIRES + source("layer_block"), css=style("layer_block")
)
WIDEST = 99.0  # percentile of the numbers' sizes at which the colour scale ends


@dataclass(frozen=True)
class Box:
    """A row of the block: what is written in its box, and the vector beside it.

    kind : vector, work, add or norm; colour : a colour of the theme by its name
    mark : the coordinate marked on the strip
    """

    name: str
    formula: str
    kind: str
    colour: str
    vector: np.ndarray
    norm: float
    mean: float
    variance: float
    mark: int


@dataclass(frozen=True)
class Words:
    """Column titles, in the learner's language."""

    norm: str
    mean: str
    variance: str
    coordinate: str


def layer_block_data(
    boxes: Sequence[Box],
    *,
    words: Words,
    selected: int,
    branches: Sequence[tuple[int, int]],
    frame: tuple[int, int],
    label: str = "",
    legend: str = "",
    leaves: str = "",
    theme_name: str = "light",
) -> bytes:
    """What travels to the browser: a header and each row's float32 vector, one after another.

    All rows of one width share a colour scale, so that they can be compared by eye.
    """
    theme = THEMES[theme_name]
    scales = {
        width: float(np.percentile(
            np.abs(np.concatenate([b.vector for b in boxes if len(b.vector) == width])), WIDEST
        ))
        for width in {len(b.vector) for b in boxes}
    }
    colours = {box.colour for box in boxes} | {"ink", "muted", "grid", "accent"}
    header: dict[str, object] = {
        "stations": [
            {"name": b.name, "formula": b.formula, "kind": b.kind, "colour": b.colour,
             "size": len(b.vector), "limit": scales[len(b.vector)], "norm": b.norm,
             "mean": b.mean, "variance": b.variance, "mark": b.mark}
            for b in boxes
        ],
        "words": asdict(words),
        "selected": selected,
        "branches": branches,
        "frame": frame,
        "label": label,
        "legend": legend,
        "leaves": leaves,
        "palette": theme.diverging,
        "theme": {name: getattr(theme, name) for name in sorted(colours)},
    }
    return pack(header, *(np.asarray(b.vector, dtype=np.float32) for b in boxes))


def layer_block(
    key: str,
    boxes: Sequence[Box],
    *,
    words: Words,
    selected: int,
    branches: Sequence[tuple[int, int]],
    frame: tuple[int, int],
    label: str = "",
    legend: str = "",
    leaves: str = "",
) -> tuple[int, int | None] | None:
    """Draw the block and return (row, coordinate) that was just clicked, if any.

    branches : (from, to) rows, a residual that leaves below `from` and enters `to`
    frame : first and last row of what is framed as one part; the coordinate is None where a
    box was clicked and not its strip
    """
    data = layer_block_data(
        boxes, words=words, selected=selected, branches=branches, frame=frame, label=label,
        legend=legend, leaves=leaves,
        theme_name="dark" if st.context.theme.type == "dark" else "light",
    )
    picked = _block(data=data, key=key, on_pick_change=_nothing).pick
    if not picked:
        return None
    row, coordinate = int(picked[0]), int(picked[1])
    return row, coordinate if coordinate >= 0 else None


def _nothing() -> None:
    """Streamlit wants a callback for a trigger; the rerun itself is what is needed."""
