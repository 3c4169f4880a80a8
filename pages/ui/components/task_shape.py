"""A head on the encoder, as in figure 4 of the BERT paper: pieces, encoder, outputs, head."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import streamlit as st

from lessons.theme import THEMES
from pages.ui.components.packing import pack, source, style

_shape = st.components.v2.component(
    "inside_bert_task_shape", js=source("task_shape"), css=style("task_shape")
)
COLOURS = ("ink", "muted", "grid", "accent", "token", "segment", "position", "query", "key",
           "value")
WIDEST = 99.0  # percentile of the numbers' sizes at which the colour scale ends


@dataclass(frozen=True)
class Output:
    """A piece and what the encoder makes of it. lit : the head reads it; up : a top is above it"""

    name: str
    token: str
    segment: int
    special: bool
    lit: bool
    up: bool = False


@dataclass(frozen=True)
class Top:
    """What the head says, above the outputs from .. to; wide : the whole answer, large."""

    at: tuple[int, int]
    title: str
    text: str
    colour: str
    wide: bool = False


@dataclass(frozen=True)
class Band:
    """A name for the outputs or pieces first .. last."""

    at: tuple[int, int]
    text: str
    second: bool = False


def task_shape_data(
    outputs: Sequence[Output],
    vectors: np.ndarray,
    *,
    tops: Sequence[Top],
    heads: Sequence[Band],
    bands: Sequence[Band],
    chosen: int,
    focus: int,
    encoder: str,
    adapter: str,
    read: str,
    label: str,
    theme_name: str = "light",
) -> bytes:
    """What travels to the browser: a header and uint8[n, H], each number's place on the scale."""
    theme = THEMES[theme_name]
    limit = float(np.percentile(np.abs(vectors), WIDEST)) or 1.0
    levels = np.clip(np.round((vectors / limit / 2 + 0.5) * 255), 0, 255).astype(np.uint8)
    header: dict[str, object] = {
        "outputs": [asdict(output) for output in outputs],
        "tops": [_placed(top) for top in tops],
        "heads": [_placed(band) for band in heads],
        "bands": [_placed(band) for band in bands],
        "chosen": chosen,
        "focus": focus,
        "encoder": encoder,
        "adapter": adapter,
        "read": read,
        "label": label,
        "head": "".join(band.text for band in heads),
        "size": int(vectors.shape[1]),
        "palette": theme.diverging,
        "theme": {name: getattr(theme, name) for name in COLOURS},
    }
    return pack(header, levels)


def _placed(part: Top | Band) -> dict[str, object]:
    first, last = part.at
    fields = asdict(part)
    del fields["at"]
    return {**fields, "from": first, "to": last}


def task_shape(
    key: str,
    outputs: Sequence[Output],
    vectors: np.ndarray,
    *,
    tops: Sequence[Top],
    heads: Sequence[Band],
    bands: Sequence[Band],
    chosen: int,
    focus: int = 0,
    encoder: str,
    adapter: str,
    read: str,
    label: str,
) -> int | None:
    """Draw it and return the output that was just clicked, if any.

    vectors : float32[n, H], one an output; heads : what stands above the outputs it reads
    focus : the output in view at first; read : says of an output that the head reads it
    """
    data = task_shape_data(
        outputs, vectors, tops=tops, heads=heads, bands=bands, chosen=chosen, focus=focus,
        encoder=encoder, adapter=adapter, read=read, label=label,
        theme_name="dark" if st.context.theme.type == "dark" else "light",
    )
    picked = _shape(data=data, key=key, on_output_change=_nothing).output
    return int(picked) if picked is not None else None


def _nothing() -> None:
    """Streamlit wants a callback for a trigger; the rerun itself is what is needed."""
