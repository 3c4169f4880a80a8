"""Examples to start from, and questions at the end."""


import streamlit as st

from lessons.text import Preset, presets, quiz
from pages.ui import state
from pages.ui.catalogue import Say


def preset_row(slug: str, lang: str, say: Say) -> None:
    """Examples to try: a click fills the sentences and sets the controls."""
    shown = {p.id: p for p in presets(slug) if lang in p.languages}

    def fill() -> None:
        chosen = st.session_state.get(f"_preset_{slug}")
        if chosen in shown:
            _apply(shown[chosen])

    st.pills(
        say("presets"), list(shown), key=f"_preset_{slug}", on_change=fill,
        format_func=lambda p: shown[p].label[lang],
    )


def _apply(preset: Preset) -> None:
    state.set_texts(preset.text, preset.text_b)
    for key, value in preset.controls.items():
        state.put(key, value)


@st.fragment
def quiz_of(slug: str, lang: str, say: Say) -> None:
    """Questions that reveal their answer, and why, once the learner has chosen."""
    st.subheader(say("quiz"), anchor="quiz", divider="gray")
    for index, item in enumerate(quiz(slug)):
        options = [option[lang] for option in item.options]
        mine = st.radio(
            item.question[lang], range(len(options)), index=None,
            format_func=options.__getitem__, key=f"_quiz_{slug}_{index}",
        )
        if mine is not None:
            right = mine == item.answer
            box = st.success if right else st.info
            start = say("quiz_right") if right else say(
                "quiz_wrong", answer=options[item.answer]
            )
            box(f"{start} {item.why[lang]}")
