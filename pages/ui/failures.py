"""The last resort: what nobody caught becomes one sentence, never a traceback."""

import traceback
from pathlib import Path

import streamlit as st

from core import shortage
from core.errors import InsideBertError
from core.observe import logs
from core.observe.recorder import recorder
from pages.ui.catalogue import translate
from pages.ui.markup import escape_markdown

ROOT = f"{Path(__file__).parents[2]}/"


def sentence_for(error: InsideBertError, language: str, lesson: str = "common") -> str:
    """An error a learner can cause or meet, in the learner's language.

    lesson : whose catalogue is asked before the common one
    """
    if error.key == "bad_input":
        return str(error)
    facts = {name: escape_markdown(str(fact)) for name, fact in error.facts.items()}
    if why := error.facts.get("why"):
        facts["reason"] = translate(language, lesson, f"why_{why}", **facts)
    return translate(language, lesson, f"errors_{error.key}", **facts)


def tell_failure(error: Exception) -> bool:
    """Show the sentence in place of Streamlit's box; True says that this has been done."""
    language = st.session_state.get("lang") or "en"
    error = shortage.named(error) or error
    if isinstance(error, InsideBertError):
        recorder().count(error.key)
        st.warning(sentence_for(error, language), icon=":material/edit:")
    else:
        log_failure(error)
        st.error(translate(language, "common", "errors_unknown"), icon=":material/error:")
    return True


def log_failure(error: BaseException) -> None:
    """One line on stderr: kind and place, without the message, which may hold learner text."""
    frames = traceback.extract_tb(error.__traceback__)
    place = "unknown"
    if frames:
        place = f"{frames[-1].filename.removeprefix(ROOT)}:{frames[-1].lineno}"
    recorder().count("failed")
    page = st.session_state.get("_page")  # our own name of it, "" for the first
    named = "home" if page == "" else page
    logs.error("failed", page=named, error=type(error).__name__, place=place)
