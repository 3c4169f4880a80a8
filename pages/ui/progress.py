"""Work that takes a second or two and tells how far it is."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import streamlit as st

from pages.ui.lesson_page import LessonPage


def run_in_sight(page: LessonPage, run: Callable[..., Any], request: Any) -> Any:
    """`page.run` for a `run(engine, request, progress)`, with a bar that fills while it works.

    progress : called with the share that is done, 0 to 1. A result that is already there
    appears at once.
    """
    place = st.empty()

    @wraps(run)
    def shown(engine: object, request: Any) -> Any:
        bar = place.progress(0.0)
        return run(engine, request, lambda done: bar.progress(min(1.0, max(0.0, done))))

    result = page.run(shown, request, needs_model=False)
    place.empty()
    return result
