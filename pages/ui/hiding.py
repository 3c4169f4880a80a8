"""The learner's sentence as pieces: a click hides a word behind [MASK] or brings it back."""

import streamlit as st

from core.contract import Encoded
from core.engine.answers import MASK
from core.errors import InsideBertError
from lessons.mlm import clicks
from pages.ui.components.tokens import tokens
from pages.ui.lesson_page import LessonPage

SHOWN = 120


def without_masks(page: LessonPage) -> str:
    """The learner's sentence before words of it were masked by clicking."""
    if MASK not in page.text:
        st.session_state["_unmasked"] = page.text
    original = str(st.session_state.get("_unmasked", ""))
    return page.text if clicks.hidden_words(page.text, original) is None else original


def click_to_hide(page: LessonPage) -> Encoded:
    """The pieces of the first sentence; a click replaces the text and runs the page again."""
    try:
        encoded = page.engine.tokenize(page.model, page.text)
    except InsideBertError as error:
        page.stop_with(error)
    original = without_masks(page)
    clicked = tokens("words", encoded.tokens[:SHOWN], label=page.t("click_label"))
    if clicked is not None:
        change = (
            clicks.unmasked_at(page.text, encoded, clicked, original)
            if encoded.tokens[clicked] == MASK
            else clicks.masked_at(page.text, encoded, clicked)
        )
        if change != page.text:
            page.set_text(change)
    return encoded
