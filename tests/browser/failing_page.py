"""A page that fails with what was typed in the error's message: in the script, a part, a click."""

import streamlit as st

if __name__ == "__main__":
    text = st.text_input("text", key="text")

    def fail() -> None:
        raise ValueError(f"callback {st.session_state.text}")

    @st.fragment
    def part() -> None:
        if st.button("part", key="part"):
            raise KeyError(f"fragment {text}")

    st.button("click", key="click", on_click=fail)
    part()
    if text:
        raise RuntimeError(f"script {text}")
else:
    from core.observe import logs
    from pages.ui.failures import tell_failure

    logs.set_up()
    app = st.App(__file__, on_script_error=tell_failure)
