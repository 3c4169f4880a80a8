"""A small link beside a number of any lesson: to where that very number is taken apart."""

from typing import TYPE_CHECKING

import streamlit as st

from core.derive.quantities import QUANTITIES
from pages.ui import state

if TYPE_CHECKING:
    from pages.ui.lesson_page import LessonPage

TARGET = "trace"
ADDRESS = "at"  # quantity.index.index ... in the order of the quantity's axes


def address_code(quantity: str, **indices: int) -> str:
    """A number's place as a URL code, as "weight.2.7.5.1". Raises KeyError for a missing index."""
    names = QUANTITIES[quantity].names
    return ".".join([quantity, *(str(indices[name]) for name in names)])


def read_address(code: str) -> tuple[str, dict[str, int]] | None:
    """Quantity and indices of a URL code, None for anything else."""
    quantity, *indices = code[:80].split(".")
    kind = QUANTITIES.get(quantity)
    if kind is None or len(indices) != len(kind.names):
        return None
    if not all(index.isascii() and index.isdecimal() for index in indices):
        return None
    return quantity, dict(zip(kind.names, map(int, indices), strict=True))


def trace_link(
    page: "LessonPage", quantity: str, *, mask: str = "bidirectional", reads: str = "pair",
    **indices: int,
) -> None:
    """"Where does this number come from?": its derivation, in the same language, text and model.

    indices : layer, head, row, column, depth, word (a place in the vocabulary), as the quantity
    has them, see `core.derive.quantities`; mask : "causal" where the number is of a causal pass;
    reads : "a" or "b" where the lesson's pass had one of the two sentences alone.
    """
    target = st.session_state.get("_pages", {}).get(TARGET)
    if target is None:
        return
    query = {**state.carried(), ADDRESS: address_code(quantity, **indices)}
    if mask != "bidirectional":
        query["mask"] = mask
    if reads != "pair" and state.kept("text_b"):
        query["reads"] = reads
    st.page_link(target, label=page.t("trace_link"), icon=":material/manage_search:",
                 query_params=query)
