"""Which model the page uses: the offer, its loading with progress, and what if it cannot load."""

import os
from pathlib import Path

import streamlit as st

from core.engine import chosen_engine, is_remote
from core.errors import InsideBertError
from core.models.registry import EMBEDDED, OFFER_SETTING, RegistryEntry, offered
from pages.ui import state
from pages.ui.catalogue import Say
from pages.ui.failures import sentence_for
from pages.ui.markup import escape_markdown


def offer() -> dict[str, RegistryEntry]:
    """The models of this server by id; the first one is the default.

    A class server narrows them with `offer = [...]` in .streamlit/secrets.toml or with the
    environment setting, which wins.
    """
    allowed = None
    if OFFER_SETTING not in os.environ and any(p.exists() for p in _secrets_files()):
        allowed = [str(entry) for entry in st.secrets.get("offer", [])] or None
    return {entry.id: entry for entry in offered(allowed)}


def _secrets_files() -> tuple[Path, Path]:
    name = Path(".streamlit") / "secrets.toml"
    return Path.cwd() / name, Path.home() / name


def choose_model(say: Say) -> tuple[str, RegistryEntry | None]:
    """The drop-down; (model in use, one that must be loaded first or None)."""
    entries = offer()
    first = next(iter(entries))
    if back_to := st.session_state.pop("_model_back", None):
        state.put("model", back_to)

    def label(model: str) -> str:
        if model != EMBEDDED:
            return entries[model].label
        try:
            return say("embedded_name", layers=chosen_engine().info(EMBEDDED).layers)
        except InsideBertError:
            return say("embedded_unread")  # the lessons that need it say why; the others go on

    wanted = state.picked("model", say("model"), list(entries), first, label, shared=True)
    if is_remote():
        st.caption(say("served_by", address=escape_markdown(chosen_engine().backend)))
    in_use = st.session_state.get("_model", first)
    if in_use not in entries:
        in_use = first
    if wanted in (in_use, first) or chosen_engine().ready(wanted):
        return wanted, None
    return in_use, entries[wanted]


def load_model(entry: RegistryEntry, in_use: str, say: Say) -> str:
    """Load a model with its progress at the top of the page; go back to `in_use` if it fails."""
    bar = st.progress(0.0, say("loading", model=entry.label))

    def show(stage: str, share: float) -> None:
        bar.progress(share, say(f"loading_{stage}", model=entry.label))

    try:
        chosen_engine().warm(entry.id, show)
    except InsideBertError as error:
        kept = offer()[in_use].label
        language = st.session_state.get("lang") or "en"
        st.session_state["_refused"] = (
            sentence_for(error, language) + " " + say("model_kept", model=kept)
        )
        st.session_state["_model_back"] = in_use
        st.rerun()
    finally:
        bar.empty()
    return entry.id


def tell_refusal() -> None:
    """Say once, at the top of the page, that the chosen model could not be loaded."""
    if sentence := st.session_state.pop("_refused", None):
        st.warning(sentence, icon=":material/cloud_off:")
