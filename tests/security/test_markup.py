"""What a learner typed stays text inside Markdown and inside a figure's label."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bench.hostile_strings import ALL
from lessons.theme import plain
from pages.ui.markup import escape_markdown

MARKDOWN = MarkdownIt("gfm-like", {"html": True, "linkify": False})
MARKS = "\\`*_{}[]()#+-.!|~$:<>&='\"/ \t\r\n\x0b\u20280123abhtpswm@\u202e"


def text_of(source: str) -> list[str]:
    """The kinds of what CommonMark makes of it, and the text that is left."""
    kinds = {t.type for t in MARKDOWN.parse(source)} | {
        child.type for t in MARKDOWN.parse(source) for child in t.children or ()
    }
    return sorted(kinds - {"paragraph_open", "paragraph_close", "inline", "text", "text_special"})


@pytest.mark.parametrize("text", ALL)
def test_no_breaking_text_is_markup_once_escaped(text):
    assert text_of("a " + escape_markdown(text)) == []


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(alphabet=MARKS, max_size=40))
def test_no_mix_of_markdowns_signs_is_markup_once_escaped(text):
    assert text_of("a " + escape_markdown(text)) == []
    assert "\n" not in escape_markdown(text)


@pytest.mark.parametrize("text", [
    "https://evil.test/x", "HTTP://evil.test", "www.evil.test", "a@evil.test", ":streamlit:",
    ":material/home:", ":material_home:",
])
def test_what_is_read_after_the_escapes_is_taken_apart_without_a_visible_sign(text):
    shown = re.sub(r"\\(.)", r"\1", escape_markdown(text))
    assert shown.replace("\u2060", "") == text
    assert not re.search(r"https?://|www\.|@evil|:streamlit:|:material[/_]", shown, re.IGNORECASE)


@pytest.mark.parametrize("text", ALL)
def test_a_figures_label_holds_no_tag_and_no_entity_of_the_learners(text):
    assert not re.search(r"<|>|&(?!amp;|lt;|gt;)", plain(text))
