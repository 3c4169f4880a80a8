"""Controls whose value is in the URL, survives a page change and is checked on arrival.

A control's value lives in the session. The address bar follows it (`address`) and is read
only when a visitor arrives or goes back or forward, so that a slow network can never undo what
was just typed. The URL holds codes, never translated labels.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal
from urllib.parse import quote

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.contract import MAX_CHARACTERS
from pages.ui import address
from pages.ui.catalogue import translate
from pages.ui.markup import escape_markdown

TEXT_KEYS = ("text", "text_b")
URL_TEXT_LIMIT = 1800  # bytes once encoded; servers and chat programs cut longer links
LINE_LIMIT = 400
PARAGRAPHS_LIMIT = 6000
_WHOLE_NUMBER = re.compile(r"-?\d{1,9}")

Reader = Callable[[Any], Any]  # a value from a URL, preset or widget -> checked value or None


def kept(key: str, default: Any = None) -> Any:
    """The last value of a control, also while it is not on screen."""
    return st.session_state.setdefault("_kept", {}).get(key, default)


def keep(key: str, value: object) -> None:
    st.session_state.setdefault("_kept", {})[key] = value


def enter(page: str) -> None:
    """Note which page this run draws: on another one than before, all widgets start anew."""
    st.session_state["_announced"] = False
    if st.session_state.get("_page") != page:
        st.session_state["_page"] = page
        st.session_state["_placed"] = set()


def forget(key: str) -> None:
    """Let a control start at its default again; before it is drawn."""
    st.session_state.setdefault("_kept", {}).pop(key, None)
    st.session_state.pop(key, None)


def _going_back() -> bool:
    context = get_script_run_ctx()
    return bool(context and context.is_history_navigation)


def _settle(key: str, label: str, read: Reader, default: Any, *, shared: bool = False) -> Any:
    """The value a control starts this run with; a note where the URL or model refused one.

    A missing URL value means the default, for `shared` ones what the session last had. Who
    draws the control also gives it this value as its default: a browser that is late may see
    only the second of two runs, which no longer says that the first has set a value.
    """
    arrived = st.session_state.setdefault("_arrived", set())
    back = _going_back()
    given = st.session_state.get(key)
    if back or (key not in arrived and given is None):
        given = st.query_params.get(key)
        if given is None and (shared or not back):
            given = kept(key)
    elif given is None:
        given = kept(key)
    arrived.add(key)
    value = None if given is None else read(given)
    if value is None:
        value = default
        if given is not None:
            _say_fallback(label, given)
    placed = st.session_state.setdefault("_placed", set())
    if key not in placed or st.session_state.get(key) != value:
        st.session_state[key] = value
        placed.add(key)
    return value


def _say_fallback(label: str, given: object) -> None:
    language = kept("lang", "en")
    shown = escape_markdown(str(given)[:40])
    st.caption(":material/info: " + translate(language, "common", "fell_back",
                                              name=escape_markdown(label), value=shown))


def _done(key: str, value: Any, default: Any, *, always: bool = False) -> Any:
    """Remember what a control says and put it into the address bar."""
    keep(key, value)
    code = str(value).lower() if isinstance(value, bool) else str(value)
    address.note(key, code if always or value != default else None)
    return value


def _text_reader(limit: int) -> Reader:
    return lambda given: str(given)[:limit]


def text_box(
    key: str, label: str, *, placeholder: str = "", default: str = "",
    height: int | Literal["content"] = 68,
) -> str:
    """A text of some lines; the shared sentences stay whatever happens to the page."""
    shared = key in TEXT_KEYS
    value = _settle(key, label, _text_reader(MAX_CHARACTERS), default, shared=shared)
    value = st.text_area(
        label, value, key=key, placeholder=placeholder, height=height, max_chars=MAX_CHARACTERS
    ) or ""
    keep(key, value)
    fits = len(quote(value)) <= URL_TEXT_LIMIT
    said = fits and (shared or value != default)
    address.note(key, value if said else None, too_long=not fits)
    return value


def line(key: str, label: str, default: str, limit: int = LINE_LIMIT) -> str:
    """A one-line text of a page's own."""
    value = _settle(key, label, _text_reader(limit), default)
    value = (st.text_input(label, value, key=key, max_chars=limit) or "")[:limit]
    return str(_done(key, value, default))


def paragraphs(key: str, label: str, default: str, limit: int = PARAGRAPHS_LIMIT) -> str:
    """A text of several lines of a page's own; in the URL where it fits and is not the default."""
    value = _settle(key, label, _text_reader(limit), default)
    value = (st.text_area(label, value, key=key, height=230, max_chars=limit) or "")[:limit]
    keep(key, value)
    changed, fits = value != default, len(quote(value)) <= URL_TEXT_LIMIT
    address.note(key, value if changed and fits else None, too_long=changed and not fits)
    return value


def set_texts(text: str, text_b: str | None = None) -> None:
    """Replace the shared sentences; only from a callback, before the boxes are drawn."""
    for key, value in zip(TEXT_KEYS, (text, text_b), strict=True):
        if value is not None:
            st.session_state[key] = value
            keep(key, value)


def ask_for_texts(text: str, text_b: str | None = None) -> None:
    """Replace the shared sentences from outside a callback: takes effect with the next run."""
    st.session_state["_asked_texts"] = (text, text_b)
    st.rerun()


def grant_texts() -> None:
    """Apply what `ask_for_texts` asked; before the boxes are drawn."""
    if asked := st.session_state.pop("_asked_texts", None):
        set_texts(*asked)


def integer(
    key: str, label: str, low: int, high: int, default: int, help: str | None = None
) -> int:
    """A slider whose range comes from the model in use; a value outside falls back."""
    value = settled_integer(key, label, low, high, default)
    if low < high:
        value = st.slider(label, low, high, value, key=key, help=help)
    return int(_done(key, value if low <= value <= high else default, default))


def settled_integer(key: str, label: str, low: int, high: int, default: int) -> int:
    """What `integer` will say, for a picture that stands above its slider."""

    def read(given: Any) -> int | None:
        if not _WHOLE_NUMBER.fullmatch(str(given)):
            return None
        return int(given) if low <= int(given) <= high else None

    return int(_settle(key, label, read, default))


def choice(
    key: str, label: str, options: Sequence[str], default: str,
    format: Callable[[str], str] = str, *, shared: bool = False,
) -> str:
    """A segmented control over codes; labels are translated, values are not."""
    return _one_of(key, label, options, default, format, shared, drop_down=False)


def picked(
    key: str, label: str, options: Sequence[str], default: str,
    format: Callable[[str], str] = str, *, shared: bool = False,
) -> str:
    """A drop-down over codes, for more options than fit in a row."""
    return _one_of(key, label, options, default, format, shared, drop_down=True)


def _one_of(
    key: str, label: str, options: Sequence[str], default: str,
    format: Callable[[str], str], shared: bool, drop_down: bool,
) -> str:
    def read(given: Any) -> str | None:
        return str(given) if str(given) in options else None

    value = _settle(key, label, read, default, shared=shared)
    labels = _distinct_labels(options, format)
    drawn = st.session_state.setdefault("_drawn", {})
    if drawn.get(key) != tuple(labels.values()):  # the browser knows options by their labels
        st.session_state[key] = value
        drawn[key] = tuple(labels.values())
    show = labels.__getitem__
    codes = list(options)
    if drop_down:
        value = st.selectbox(label, codes, codes.index(value), key=key, format_func=show)
    else:
        value = st.segmented_control(
            label, codes, default=value, key=key, format_func=show, required=True
        )
    return str(_done(key, value if value in codes else default, default, always=shared))


def _distinct_labels(options: Sequence[str], format: Callable[[str], str]) -> dict[str, str]:
    """A label for each code; repeated ones get a number, or the browser would mix them up."""
    labels: dict[str, str] = {}
    seen: dict[str, int] = {}
    for code in options:
        text = format(code)
        seen[text] = seen.get(text, 0) + 1
        labels[code] = text if seen[text] == 1 else f"{text} ({seen[text]})"
    return labels


def value(key: str, label: str, options: Sequence[str], default: str) -> str:
    """What a click on a picture sets, among `options`; in the URL like any control."""
    return str(_done(key, settled_choice(key, label, options, default), default))


def code(key: str, label: str, read: Callable[[str], str | None], default: str) -> str:
    """What a picture sets where options are too many to list; `read` accepts or refuses it."""
    return str(_done(key, _settle(key, label, lambda g: read(str(g)), default), default))


def settled_choice(key: str, label: str, options: Sequence[str], default: str) -> str:
    """What a choice will say, for a picture that stands above it."""
    codes = set(options)
    return str(_settle(key, label, lambda g: str(g) if str(g) in codes else None, default))


def put(key: str, value: object) -> None:
    """Set a control or click value; before it is drawn, or for the next run."""
    st.session_state[key] = value
    keep(key, value)


def carried() -> dict[str, str]:
    """What a link to another lesson takes along."""
    shared = {key: kept(key) for key in ("lang", "model", *TEXT_KEYS)}
    return {
        key: value for key, value in shared.items()
        if isinstance(value, str) and len(quote(value)) <= URL_TEXT_LIMIT
    }


def toggle(key: str, label: str, default: bool = False, help: str | None = None) -> bool:
    """A switch; "true" and "false" in the URL."""

    def read(given: Any) -> bool | None:
        return {"true": True, "false": False}.get(str(given).lower())

    value = bool(_settle(key, label, read, default))
    return bool(_done(key, st.toggle(label, value, key=key, help=help), default))
