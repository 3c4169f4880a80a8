"""The word of the layers page: chosen by clicking it in the sentence."""

import streamlit as st

from lessons.layers import places
from lessons.layers.lesson import Request
from lessons.text import presets
from pages import ui
from pages.ui import LessonPage

SHOWN, LONGEST = 120, 60


def asked(page: LessonPage) -> Request | None:
    """What to look at, None after saying why there is nothing."""
    page.section("word")
    try:
        encoded = page.engine.tokenize(page.model, page.text)
        if page.text_b.strip():
            page.tell_cut(page.engine.tokenize(page.model, page.text_b))
    except ui.InsideBertError as error:
        st.warning(page.sentence_for(error), icon=":material/edit:")
        return None
    page.tell_cut(encoded)
    text = page.text[: encoded.kept_a]
    spans = places.word_spans(encoded)
    if not spans:
        st.warning(page.t("no_words"), icon=":material/edit:")
        return None
    word = page.code("word", page.t("word"), lambda g: g.strip()[:LONGEST], "")
    nth = page.code("nth", page.t("nth"), _count, "1")
    found = places.occurrences(text, encoded, word)
    if not found:
        span = _default(text, spans, [places.place(text, encoded, w) for w in _meant(page, text)
                                      if places.occurrences(text, encoded, w)])
        if word:
            st.caption(page.t("word_gone", word=ui.escape_markdown(word),
                              other=ui.escape_markdown(text[slice(*span)])))
    else:
        span = found[min(int(nth), len(found)) - 1]
    _chips(page, text, spans, span)
    word = text[slice(*span)]
    at = places.occurrences(text, encoded, word).index(span) + 1
    return Request(page.text, word, page.text_b, at, page.model)


def _count(given: str) -> str | None:
    return given if given.isascii() and given.isdecimal() and 1 <= int(given) < 1000 else None


def _meant(page: LessonPage, text: str) -> list[str]:
    """The word that the example with this very sentence is about."""
    return [preset.controls["word"] for preset in presets("layers") if preset.text == text][:1]


def _default(
    text: str, spans: tuple[places.Span, ...], meant: list[places.Span]
) -> places.Span:
    """The example's word, else the longest of the sentence."""
    return meant[0] if meant else max(spans, key=lambda s: (text[s[0]].isalnum(), s[1] - s[0]))


def _chips(
    page: LessonPage, text: str, spans: tuple[places.Span, ...], span: places.Span
) -> None:
    shown = spans[:SHOWN]
    chosen = [i for i, (start, end) in enumerate(shown) if start < span[1] and end > span[0]]
    clicked = ui.tokens("words", [text[a:b] for a, b in shown], selected=chosen,
                        label=page.t("choose"))
    if clicked is not None and clicked not in chosen:
        look_at(page, text, shown[clicked])


def look_at(page: LessonPage, text: str, span: places.Span) -> None:
    """Choose the word at these characters and run the page again."""
    encoded = page.engine.tokenize(page.model, page.text)
    word = text[slice(*span)]
    found = places.occurrences(text, encoded, word)
    if span in found:
        page.put("word", word)
        page.put("nth", str(found.index(span) + 1))
        st.rerun()
