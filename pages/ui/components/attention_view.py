"""Attention as one sees it: every head as a thumbnail, opened ones as lines or as a matrix.

All weights travel once, one byte each. What is open, filtered or pinned changes in the browser
at once; when the fingers rest the server is told, keeps it for the URL, and answers with the
exact weights of the opened heads in a second, small message.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from lessons.theme import THEMES
from pages.ui.catalogue import strings, translate
from pages.ui.components.attention_state import Size, View, readers, view_from_browser, view_of
from pages.ui.components.packing import COMPONENTS, pack, style

if TYPE_CHECKING:
    from pages.ui.lesson_page import LessonPage

_PARTS = (
    "shared", "attention_filter", "attention_lines", "attention_matrix", "attention_grid",
    "attention_export", "attention_controls", "attention_pane", "attention_view",
)
WINDOW = 128  # pieces of an opened head drawn at a time


def _joined(*names: str) -> str:
    return "\n".join((COMPONENTS / f"{n}.js").read_text(encoding="utf-8") for n in names)


_view = st.components.v2.component(
    "inside_bert_attention", js=_joined(*_PARTS), css=style("attention_view")
)
_word = st.components.v2.component(
    "inside_bert_attention_word", js=_joined("shared", "attention_word")
)


@dataclass(frozen=True)
class Block:
    """The weights of one text: uint8[L, A, m, m] of n pieces, `pool` pieces a cell.

    kinds : a letter of "cspw" for each piece; start : first piece drawn of an opened head
    partner : for each piece its place in the other text, -1 without one
    """

    weights: np.ndarray
    tokens: Sequence[str]
    segments: Sequence[int]
    kinds: str
    pool: int = 1
    title: str = ""
    start: int = 0
    partner: Sequence[int] = ()

    @property
    def shown(self) -> int:
        """Pieces of an opened head that are drawn."""
        return min(WINDOW, len(self.tokens)) if self.pool > 1 else len(self.tokens)


@dataclass(frozen=True)
class Pane:
    """One opened head: block 0 or 1, its layer and its column."""

    block: int
    layer: int
    head: int


def panes_of(view: View, pair: str | None, columns: int) -> tuple[Pane, ...]:
    """Which heads a view has open; the browser part follows the same rule."""
    if view.show == "grid":
        return ()
    first = Pane(0, view.layer, view.head)
    if pair == "texts":
        return first, Pane(1, view.layer, view.head)
    if pair == "columns":
        return first, Pane(0, view.layer, view.second[1] if view.second else columns - 1)
    return (first, Pane(0, *view.second)) if view.second else (first,)


def attention_data(
    blocks: Sequence[Block],
    *,
    key: str = "",
    language: str = "en",
    theme_name: str = "light",
    columns: Sequence[str] = (),
    pair: str | None = None,
    marks: np.ndarray | None = None,
) -> bytes:
    """What travels once: a header and every block's bytes.

    Raises ValueError for weights that are not uint8[L, A, m, m].
    """
    for block in blocks:
        if block.weights.dtype != np.uint8 or block.weights.ndim != 4:
            shape = f"{block.weights.dtype}{block.weights.shape}"
            raise ValueError(f"weights must be uint8[L, A, m, m], not {shape}")
    layers, heads = blocks[0].weights.shape[:2]
    labels = {name: translate(language, "common", name) for name in ("layer", "head", "layer_head")}
    theme = THEMES[theme_name]
    header: dict[str, object] = {
        "view": key,
        "tag": _tag(blocks),
        "rows": [str(layer) for layer in range(layers)],
        "columns": list(columns) or [*(str(head) for head in range(heads)), "Ø"],
        "average": None if columns else True,
        "pair": pair,
        "blocks": [
            {"side": b.weights.shape[-1], "pool": b.pool, "tokens": list(b.tokens),
             "segments": list(b.segments), "kinds": b.kinds, "title": b.title,
             "partner": list(b.partner)}
            for b in blocks
        ],
        "palette": theme.sequential,
        "dark": theme_name == "dark",
        "theme": {name: getattr(theme, name) for name in (
            "ink", "muted", "paper", "accent", "query", "key", "token", "segment")},
        "labels": {**strings(language, "attention_view"), **labels},
    }
    if marks is not None:
        header["marks"] = _with_average(marks)
        header["markMax"] = float(marks.max(initial=1e-9))
    return pack(header, *(block.weights for block in blocks))


def _with_average(marks: np.ndarray) -> list[float]:
    """float[L, A] and each layer's mean, row by row."""
    return [float(m) for m in np.concatenate([marks, marks.mean(1, keepdims=True)], 1).ravel()]


def _tag(blocks: Sequence[Block]) -> int:
    """Tells which weights a later word belongs to."""
    tag = 0
    for block in blocks:
        names = "\0".join(block.tokens).encode("utf-8", "surrogatepass")
        tag = zlib.crc32(np.ascontiguousarray(block.weights).data, zlib.crc32(names, tag))
    return tag


def word_data(
    blocks: Sequence[Block], view: View, turn: int, panes: Sequence[Pane],
    exact: Callable[[Pane], np.ndarray], *, key: str = "",
) -> bytes:
    """What travels at every change: the view, and float32 weights of the opened heads."""
    arrays, told = [], []
    for pane in panes:
        block = blocks[pane.block]
        start = min(block.start, len(block.tokens) - block.shown)
        window = slice(start, start + block.shown)
        values = np.asarray(exact(pane)[window, window], np.float32)
        arrays.append(np.ascontiguousarray(values))
        told.append({**asdict(pane), "from": start, "n": values.shape[0]})
    header: dict[str, object] = {
        "view": key, "tag": _tag(blocks), "turn": turn, "state": asdict(view), "panes": told,
    }
    return pack(header, *arrays)


def attention_view(
    page: "LessonPage",
    key: str,
    blocks: Sequence[Block],
    exact: Callable[[Pane], np.ndarray],
    *,
    start: View | None = None,
    columns: Sequence[str] = (),
    pair: str | None = None,
    marks: np.ndarray | None = None,
    prefix: str = "",
) -> View:
    """Draw every head of `blocks`, with what the learner opened; returns the view on screen.

    exact : float32[n, n] for an opened head; head = A stands for the average of the layer's A
    start : the view where the URL says nothing
    columns : names, where the columns are no heads and have no average
    pair : "texts" for two blocks side by side, "columns" for two columns of one layer, None for
        one head or two of any layer
    marks : float[L, A], drawn as a bar under each thumbnail; prefix : of the URL's names

    Call it in a fragment: a choice runs that part of the page again.
    """
    data = attention_data(
        blocks, key=key, language=page.lang, theme_name=page.theme.name, columns=columns,
        pair=pair, marks=marks,
    )
    sent = _view(data=data, key=key, on_view_change=_nothing).view
    if sent:
        _take(page, key, prefix, sent)
    layers, heads = blocks[0].weights.shape[:2]
    size = Size(layers, heads if columns else heads + 1, len(blocks[0].tokens))
    view = _settled(page, prefix, size, start or View())
    turn = st.session_state.get(f"_turn_{key}", 0)
    panes = panes_of(view, pair, heads)
    _word(data=word_data(blocks, view, turn, panes, exact, key=key), key=f"{key}_word", height=1)
    return view


def _take(page: "LessonPage", key: str, prefix: str, sent: dict[str, Any]) -> None:
    """Keep what the browser part reports, for the URL and for this run."""
    st.session_state[f"_turn_{key}"] = int(sent["turn"])
    for name, code in view_from_browser(sent).codes().items():
        page.put(prefix + name, code)


def _settled(page: "LessonPage", prefix: str, size: Size, start: View) -> View:
    """The view that URL, presets and clicks ask for, each value checked."""
    defaults = start.codes()
    return view_of({
        name: page.code(prefix + name, name, read, defaults[name])
        for name, read in readers(size).items()
    })


def _nothing() -> None:
    """Streamlit wants a callback for a trigger; the rerun itself is what is needed."""
