"""The way of a word piece through the layers on a plane: played, or moved by hand, in the browser.

All layers are sent once; moving between them sends nothing. Only where the slider comes to rest
is told, so that a link can bring another there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from lessons.theme import THEMES
from pages.ui.components.packing import pack, source, style

_path = st.components.v2.component(
    "inside_bert_layer_path", js=source("layer_path"), css=style("layer_path")
)


@dataclass(frozen=True)
class Moved:
    """What was done just now: the layer come to rest at, the piece clicked; None otherwise."""

    layer: int | None = None
    piece: int | None = None


@dataclass(frozen=True)
class Words:
    """What is written around the picture, in the learner's language."""

    slider: str
    play: str
    pause: str
    whole: str
    near: str
    table: str


def layer_path_data(
    points: Sequence[np.ndarray],
    tokens: Sequence[Sequence[str]],
    followed: Sequence[int],
    told: Sequence[str],
    axes: tuple[str, str],
    words: Words,
    *,
    start: int = 0,
    label: str = "",
    theme_name: str = "light",
) -> bytes:
    """What travels to the browser: a header and, for each sentence, float32[L + 1, n, 2].

    Raises ValueError where sentences, names and points do not go together.
    """
    shapes = [p.shape for p in points]
    if [s[1:] for s in shapes] != [(len(t), 2) for t in tokens] or len(followed) != len(tokens):
        raise ValueError(f"points {shapes} do not fit {[len(t) for t in tokens]} tokens")
    theme = THEMES[theme_name]
    header: dict[str, object] = {
        "layers": shapes[0][0],
        "tokens": [[t.encode("utf-8", "replace").decode() for t in names] for names in tokens],
        "followed": list(followed),
        "told": list(told),
        "axes": axes,
        "words": vars(words),
        "start": start,
        "label": label,
        "theme": {"ink": theme.ink, "muted": theme.muted, "paper": theme.paper,
                  "accent": theme.accent, "first": theme.query, "second": theme.key},
    }
    return pack(header, *(np.asarray(p, np.float32) for p in points))


def layer_path(
    key: str,
    points: Sequence[np.ndarray],
    tokens: Sequence[Sequence[str]],
    followed: Sequence[int],
    told: Sequence[str],
    axes: tuple[str, str],
    words: Words,
    *,
    start: int = 0,
    label: str = "",
) -> Moved:
    """Draw the ways of the followed pieces, the first sentence's others faint around them.

    points : for each sentence float[L + 1, n, 2]; followed : a piece for each way drawn
    told : a line for each layer, shown while the picture is there
    """
    data = layer_path_data(
        points, tokens, followed, told, axes, words, start=start, label=label,
        theme_name="dark" if st.context.theme.type == "dark" else "light",
    )
    found = _path(data=data, key=key, on_layer_change=_nothing, on_piece_change=_nothing)
    layer, piece = found.layer, found.piece
    return Moved(None if layer is None else int(layer), None if piece is None else int(piece))


def _nothing() -> None:
    """Streamlit wants a callback for a trigger; the rerun itself is what is needed."""
