"""Controls whose value is in the URL, survives a page change and is checked on arrival."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.contract import MAX_CHARACTERS

TEXT_KEYS = ("text", "text_b")
URL_TEXT_LIMIT = 1500  # longer texts stay in the session; a link to them would not be followed


def kept(key: str, default: object) -> object:
    """The last value of a control that is not on screen now."""
    return st.session_state.setdefault("_kept", {}).get(key, default)


def keep(key: str, value: object) -> None:
    st.session_state.setdefault("_kept", {})[key] = value


def _arrive(key: str, codes: Sequence[str] = ()) -> None:
    """Give a widget that comes back on screen the value it had when it left.

    Streamlit keeps the shown label of a choice in the URL; a link with the code works as well.
    """
    if key not in st.session_state and st.query_params.get(key) in codes:
        st.session_state[key] = st.query_params[key]
    if key not in st.session_state and key not in st.query_params:
        value = kept(key, None)
        if value is not None:
            st.session_state[key] = value


def text_box(key: str, label: str, *, placeholder: str = "", default: str = "") -> str:
    """A shared sentence box; what was typed stays whatever happens to the page."""
    _arrive(key)
    value = st.text_area(
        label, default, key=key, placeholder=placeholder, height=68,
        max_chars=MAX_CHARACTERS, bind="query-params",
    )
    keep(key, value)
    return value


def line(key: str, label: str, default: str, limit: int = 400) -> str:
    """A one-line text of a page's own."""
    _arrive(key)
    value = st.text_input(label, default, key=key, max_chars=limit, bind="query-params") or ""
    keep(key, value)
    return value[:limit]


def set_texts(text: str, text_b: str | None = None) -> None:
    """Replace the shared sentences; only from a callback, before the boxes are drawn."""
    for key, value in zip(TEXT_KEYS, (text, text_b), strict=True):
        if value is not None:
            st.session_state[key] = value
            keep(key, value)


def integer(key: str, label: str, low: int, high: int, default: int, help: str | None = None) -> int:
    """A slider whose range comes from the model in use; a value outside falls back."""
    _arrive(key)
    value = st.session_state.get(key)
    if value is not None and not (isinstance(value, int) and low <= value <= high):
        st.session_state[key] = default
    if low == high:
        return low
    chosen = st.slider(label, low, high, default, key=key, help=help, bind="query-params")
    chosen = chosen if low <= chosen <= high else default
    keep(key, chosen)
    return chosen


def choice(
    key: str, label: str, options: Sequence[str], default: str, format: Callable[[str], str] = str
) -> str:
    """A segmented control over codes; labels are translated, values are not."""
    _arrive(key, options)
    if st.session_state.get(key) not in (None, *options):
        st.session_state[key] = default
    chosen = st.segmented_control(
        label, list(options), default=default, key=key, format_func=format,
        required=True, bind="query-params",
    )
    chosen = chosen if chosen in options else default
    keep(key, chosen)
    return chosen


def picked(
    key: str, label: str, options: Sequence[str], default: str, format: Callable[[str], str] = str
) -> str:
    """A drop-down over codes, for more options than fit in a row."""
    _arrive(key, options)
    if st.session_state.get(key) not in (None, *options):
        st.session_state[key] = default
    chosen = st.selectbox(
        label, list(options), index=list(options).index(default), key=key, format_func=format,
        bind="query-params",
    )
    chosen = chosen if chosen in options else default
    keep(key, chosen)
    return chosen


def toggle(key: str, label: str, default: bool = False, help: str | None = None) -> bool:
    _arrive(key)
    value = st.toggle(label, default, key=key, help=help, bind="query-params")
    keep(key, value)
    return value
