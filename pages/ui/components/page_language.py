"""Tells the browser the page's language, which Streamlit leaves at English."""

import streamlit as st

_set_language = st.components.v2.component(
    "inside_bert_page_language",
    js="""
export default function ({ data }) {
  document.documentElement.lang = data.language;
}
""",
)


def page_language(language: str) -> None:
    """Set <html lang>, so that fonts and screen readers choose well."""
    code = {"zh": "zh-CN"}.get(language, language)
    _set_language(data={"language": code}, key="page_language", height=1)
