"""Keeps the browser's address bar at the link that reproduces the screen.

Streamlit's own binding puts translated labels into the URL, leaves out what equals a default
that another visitor may not have, and adds a step to the browser's history for every value it
corrects. Here the address is replaced in place, by a part of the page that has no size.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_FILES = Path(__file__).parents[2] / "assets" / "components"


def _file(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8")


_follow = st.components.v2.component("inside_bert_address", js=_file("address.js"))
_copy = st.components.v2.component(
    "inside_bert_copy_link", js=_file("copy_link.js"), css=_file("copy_link.css")
)

# What the browser sorts by: later than what an earlier server said, and never put back.
_BEGAN = time.time_ns() - time.monotonic_ns()


def _noted() -> dict[str, str]:
    return st.session_state.setdefault("_address", {})


def begin() -> None:
    """Forget the controls of the page before."""
    st.session_state["_address"] = {}
    st.session_state["_address_page"] = None
    st.session_state["_address_told"] = None
    st.session_state["_too_long"] = False


def enter(page: str) -> None:
    """From here on controls belong to the page at this URL path; only there are they written."""
    st.session_state["_address_page"] = page


def note(key: str, code: str | None, *, too_long: bool = False) -> None:
    """What the URL shall say of one control; None leaves it out.

    A run of the whole page is told at its end, by `finish`. A fragment that runs again can
    change only what it drew, so each control has a place of its own, which stays empty until
    the control says something else than the page has told.
    """
    if code is None:
        _noted().pop(key, None)
    else:
        _noted()[key] = code
    if too_long:
        st.session_state["_too_long"] = True
    told: dict[str, str] | None = st.session_state.get("_address_told")
    speaks: set[str] = st.session_state.setdefault("_address_speaks", set())
    if _whole_run() or (told is not None and told.get(key) == code and key not in speaks):
        st.empty()
        return
    speaks.add(key)  # until the whole page runs again: a late browser may miss one of two runs
    _send({key: code}, whole=False, name=key)


def _whole_run() -> bool:
    context = get_script_run_ctx()
    return not (context and context.fragment_ids_this_run)


def finish() -> None:
    """Drop everything from the URL that no control of this page has set."""
    st.session_state["_address_told"] = dict(_noted())
    st.session_state["_address_speaks"] = set()
    _send(_noted(), whole=True, name="whole")


def copy_button(say: Callable[..., str]) -> None:
    """A button for the clipboard; says when a text is too long to be in the link."""
    warning = say("link_too_long") if st.session_state.get("_too_long") else ""
    texts = {name: say(f"link_{name}") for name in ("help", "done", "failed")}
    _copy(data={"label": say("link"), "warning": warning, **texts}, key="copy_link")


def _send(values: Mapping[str, str | None], whole: bool, name: str) -> None:
    stamp = (_BEGAN + time.monotonic_ns()) // 1000
    page = st.session_state.get("_address_page")
    data = {"stamp": stamp, "page": page, "whole": whole, "values": dict(values)}
    _follow(data=data, key=f"address_{name}", height=1)
