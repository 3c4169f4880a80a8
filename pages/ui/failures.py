"""The last resort: what nobody caught becomes one sentence, never a traceback."""

import streamlit as st

from core import shortage
from core.errors import InsideBertError
from core.observe import logs
from core.observe.recorder import recorder
from pages.ui.catalogue import translate
from pages.ui.markup import escape_markdown


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
    """One line on stderr: page, kind and place, never the message, which may hold learner text."""
    recorder().count("failed")
    page = st.session_state.get("_page")  # our own name of it, "" for the first
    logs.failed(error, page="home" if page == "" else page)
