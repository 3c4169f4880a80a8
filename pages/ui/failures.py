"""The last resort: what nobody caught becomes one sentence, never a traceback."""

import sys
import traceback

import streamlit as st

from core.errors import InsideBertError
from pages.ui.catalogue import translate
from pages.ui.markup import escape_markdown


def sentence_for(error: InsideBertError, language: str, lesson: str = "common") -> str:
    """An error a learner can cause or meet, in the learner's language.

    lesson : whose catalogue is asked before the common one
    """
    if error.key == "bad_input":
        return str(error)
    facts = {name: escape_markdown(str(fact)) for name, fact in error.facts.items()}
    if facts.get("why"):
        facts["reason"] = translate(language, lesson, f"why_{facts['why']}", **facts)
    return translate(language, lesson, f"errors_{error.key}", **facts)


def tell_failure(error: Exception) -> bool:
    """Show the sentence in place of Streamlit's box; True says that this has been done."""
    language = st.session_state.get("lang") or "en"
    if isinstance(error, InsideBertError):
        st.warning(sentence_for(error, language), icon=":material/edit:")
    else:
        log_failure(error)
        st.error(translate(language, "common", "errors_unknown"), icon=":material/error:")
    return True


def log_failure(error: BaseException) -> None:
    """One line on stderr: kind and place, without the message, which may hold learner text."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown place"
    print(f"inside-bert: {type(error).__name__} at {place}", file=sys.stderr)
