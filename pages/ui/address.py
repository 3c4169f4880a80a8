"""Keeps the browser's address bar at the link that reproduces the screen.

Streamlit's own binding puts translated labels into the URL, leaves out what equals a default
that another visitor may not have, and adds a step to the browser's history for every value it
corrects. Here the address is replaced in place, by a part of the page that has no size.
"""

import time
from pathlib import Path

import streamlit as st

JS = Path(__file__).parents[2] / "assets" / "components" / "address.js"
_follow = st.components.v2.component("inside_bert_address", js=JS.read_text(encoding="utf-8"))


def _noted() -> dict[str, str]:
    return st.session_state.setdefault("_address", {})


def begin() -> None:
    """Forget the controls of the page before."""
    st.session_state["_address"] = {}
    st.session_state["_too_long"] = False


def note(key: str, code: str | None, *, too_long: bool = False) -> None:
    """What the URL shall say of one control; None leaves it out.

    Draws a part of its own, because a fragment that runs again can change only what it drew.
    """
    if code is None:
        _noted().pop(key, None)
    else:
        _noted()[key] = code
    if too_long:
        st.session_state["_too_long"] = True
    _send({key: code}, whole=False, name=key)


def finish() -> None:
    """Drop everything from the URL that no control of this page has set."""
    _send(dict(_noted()), whole=True, name="whole")


def _send(values: dict[str, str | None] | dict[str, str], whole: bool, name: str) -> None:
    stamp = time.time_ns() // 1000
    _follow(
        data={"stamp": stamp, "whole": whole, "values": values}, key=f"address_{name}", height=1
    )
