"""Which browser session a script runs for."""

from streamlit.runtime.scriptrunner import get_script_run_ctx


def visitor() -> str:
    """The session's id; "" where there is none, as in a script of its own."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""
