"""Which number is to be traced: what a link names, or quantity, layer, head, piece, coordinate."""

import re
from dataclasses import replace

import streamlit as st

from core.contract import AttentionMask, Encoded
from core.derive import QUANTITIES
from core.engine.answers import mask_positions
from lessons.trace.lesson import OFFERED, Request, word_of
from pages import ui
from pages.ui import LessonPage
from pages.ui.trace_link import ADDRESS, read_address

SHOWN = 120  # pieces drawn as chips
LONGEST = 1200
_PATH = re.compile(r"([a-e]|\d{1,6}r?)(\.([a-e]|\d{1,6}r?))*")
MASKS = ("bidirectional", "causal")
READS = ("pair", "a", "b")
COLUMNS = {"pieces": "to", "outcomes": "outcome"}  # other columns are coordinates: "col"


def column_key(quantity: str) -> str:
    """The URL name of a quantity's column: a piece, an outcome and a coordinate differ."""
    return COLUMNS.get(dict(QUANTITIES[quantity].axes).get("column", ""), "col")


def take_link(page: LessonPage) -> None:
    """What the link that led here names, once: the controls then say it."""
    code = st.query_params.get(ADDRESS)
    placed = st.session_state.setdefault("_placed", set())
    if code is None or ADDRESS in placed:
        return
    placed.add(ADDRESS)
    found = read_address(code)
    if found is None or found[0] not in OFFERED:
        return
    quantity, indices = found
    arrived = st.session_state.setdefault("_arrived", set())
    for key, options in (("mask", MASKS), ("reads", READS)):
        given = st.query_params.get(key)
        page.put(key, given if given in options else options[0])
        arrived.add(key)
    page.put("quantity", quantity)
    page.put("path", "")
    for name, index in indices.items():
        key = column_key(quantity) if name == "column" else name
        value: object = index
        if name == "word":
            value = word_of(page.model, index)
        elif key in ("row", "to", "outcome"):
            value = str(index)
        page.put(key, value)
        arrived.add(key)
    arrived.update(("quantity", "path"))


def texts(page: LessonPage) -> tuple[str, str]:
    """What the pass reads: the pair, or one of the two sentences alone, as some lessons do."""
    if not page.text_b.strip():
        return page.text, ""
    reads = page.control_choice("reads", page.t("reads"), list(READS), READS[0],
                                lambda code: page.t(f"reads_{code}"))
    return {"pair": (page.text, page.text_b), "a": (page.text, "")}.get(reads, (page.text_b, ""))


def chosen(page: LessonPage, read: tuple[str, str], encoded: Encoded) -> Request:
    """The controls of the number; what the quantity has not is not asked."""
    quantity = page.control_choice(
        "quantity", page.t("quantity"), list(OFFERED), "weight", lambda q: page.t(f"name_{q}")
    )
    _fresh_start(page, quantity)
    request = Request(*read, page.model, quantity)
    axes = dict(QUANTITIES[quantity].axes)
    info = page.info
    left, right = st.columns(2)
    with left:
        if "layer" in axes:
            layer = page.control_integer("layer", page.t("layer"), 0, info.layers - 1, 0)
            request = replace(request, layer=layer)
        if "depth" in axes:
            depth = page.control_integer("depth", page.t("depth"), 0, info.layers, 0,
                                         page.t("depth_help"))
            request = replace(request, depth=depth)
    with right:
        if "head" in axes:
            head = page.control_integer("head", page.t("head"), 0, info.heads - 1, 0)
            request = replace(request, head=head)
    if "row" in axes:
        row = _piece(page, "row", encoded, _own_piece(quantity, encoded))
        request = replace(request, row=row)
    if "column" in axes:
        request = replace(request, column=_column(page, quantity, encoded))
    if "word" in axes:
        word = page.control_line("word", page.t("word"), "")
        request = replace(request, word=word)
    return replace(request, mask=_mask(page), path=_path(page))


def _fresh_start(page: LessonPage, quantity: str) -> None:
    """Another quantity has other factors and other ranges."""
    if st.session_state.get("_traced", quantity) != quantity:
        page.put("path", "")
        page.forget("col")
    st.session_state["_traced"] = quantity


def _own_piece(quantity: str, encoded: Encoded) -> int:
    masks = mask_positions(encoded)
    if masks and quantity.startswith(("mlm", "lens")):
        return masks[0]
    return next((i for i, word in enumerate(encoded.word_index) if word is not None), 0)


def _piece(page: LessonPage, key: str, encoded: Encoded, default: int) -> int:
    """A row of pieces; a click chooses one."""
    if (picked := st.session_state.pop(f"_picked_{key}", None)) is not None:
        page.put(key, picked)
    label = page.t(f"choose_{key}")
    places = [str(at) for at in range(len(encoded))]
    at = int(page.value(key, label, places, str(default)))
    st.markdown(f"{label}: **{at} {ui.escape_markdown(encoded.tokens[at])}**")
    start = 0
    if len(encoded) > SHOWN:
        start = min(max(0, at - SHOWN // 2), len(encoded) - SHOWN)
        st.caption(page.t("pieces_window", first=start, last=start + SHOWN - 1, n=len(encoded)))
    shown = encoded.tokens[start : start + SHOWN]
    clicked = ui.tokens(f"pieces_{key}", shown, selected=[at - start], label=label,
                        sublabels=places[start : start + SHOWN])
    if clicked is not None and clicked + start != at:
        st.session_state[f"_picked_{key}"] = str(clicked + start)
        st.rerun(scope="fragment")
    return at


def _column(page: LessonPage, quantity: str, encoded: Encoded) -> int:
    key, size = column_key(quantity), 0
    if key == "to":
        return _piece(page, key, encoded, 0)
    if key == "outcome":
        return int(page.control_choice("outcome", page.t("outcome"), ["0", "1"], "0",
                                       lambda k: page.t(f"outcome_{k}")))
    size = QUANTITIES[quantity].sizes(page.info, len(encoded))[-1]
    return page.control_integer("col", page.t("coordinate"), 0, size - 1, 0)


def _mask(page: LessonPage) -> AttentionMask:
    """The same switch as in the self-attention lesson, shown where it is not the standard."""
    mask = page.value("mask", page.t("causal"), list(MASKS), MASKS[0])
    if mask != "causal":
        return "bidirectional"
    st.info(page.t("causal_note"), icon=":material/info:")
    if st.button(page.t("causal_off"), icon=":material/sync_alt:"):
        page.put("mask", "bidirectional")
        st.rerun()
    return "causal"


def _path(page: LessonPage) -> str:
    def read(given: object) -> str | None:
        text = str(given)
        fits = len(text) <= LONGEST and _PATH.fullmatch(text)
        return text if not text or fits else None

    return page.code("path", page.t("path"), read, "")
