"""The logit lens on the stack's page: words as they form, the answer's climb, a guess before."""

import numpy as np
import streamlit as st

from lessons.mlm import clicks
from lessons.stack import figures, lens
from lessons.stack.lens import Lens, Request
from lessons.stack.lesson import Result, first_choice, same_piece
from lessons.theme import percent
from lessons.trace.lesson import id_of
from pages import ui
from pages.inside.stack_views import PLAIN
from pages.ui import LessonPage
from pages.ui.trace_link import trace_link


def read(page: LessonPage, result: Result, position: int) -> Lens | None:
    """The head read after every layer; None while the learner guesses or without a head."""
    page.section("lens")
    if not page.info.has_mlm:
        st.info(page.t("no_mlm"), icon=":material/info:")
        return None
    text, at = _where(page, result, position)
    found: Lens = page.run(lens.run, Request(text, at, page.model))
    answer = ui.escape_markdown(found.answer)
    layers = result.layers + 1
    guess = page.guess(
        f"lens {at}", page.t("guess_question", piece=ui.escape_markdown(found.encoded.tokens[at])),
        [page.t("guess_layer", layer=layer) for layer in range(layers)],
    )
    if guess is None:
        return None
    if guess:
        st.success(
            f"{page.t('guess_yours')}: **{guess}** · "
            f"{page.t('guess_models')}: **{page.t('guess_layer', layer=found.appears)}**",
            icon=":material/flag:",
        )
    _numbers(page, found)
    if (word := id_of(page.model, found.answer)) is not None:
        trace_link(page, "lens_probability", reads="a" if text == page.text else "b",
                   depth=found.appears, row=found.position, word=word)
    _offer_to_hide(page, found, text)
    page.prose("lens-how", answer=answer)
    st.plotly_chart(figures.words(found, page.t("layer_axis"), page.theme), config=PLAIN,
                    key="words", alt=page.t("words_alt"))
    st.markdown(f"**{page.t('climb_title')}: {answer}**")
    st.plotly_chart(
        figures.climb(found, (page.t("layer_axis"), page.t("climb_axis")), page.theme),
        config=PLAIN, key="climb", alt=page.t("climb_alt"),
    )
    vocabulary = f"{page.info.vocabulary:,}"
    page.prose(
        "lens-result", vocabulary=vocabulary, answer=answer, first_rank=f"{found.rank[0]:,}",
        appears=found.appears, stays=found.stays, first_entropy=f"{found.entropy[0]:.1f}",
        last_entropy=f"{found.entropy[-1]:.1f}",
        most_entropy=f"{np.log2(page.info.vocabulary):.1f}",
    )
    page.section("lens-caution", vocabulary=vocabulary)
    return found


def _where(page: LessonPage, result: Result, position: int) -> tuple[str, int]:
    """The sentence to read in, and the piece there."""
    if len(result.encoded) < 2:
        return page.text, position
    which = page.control_choice("lens_of", page.t("lens_of"), ["a", "b"], "a",
                                lambda name: page.t(f"lens_of_{name}"))
    if which == "a":
        return page.text, position
    there = same_piece(result, position)
    return page.text_b, first_choice(result.encoded[1]) if there is None else there


def _offer_to_hide(page: LessonPage, found: Lens, text: str) -> None:
    """A piece that is not hidden gives itself away; one click puts [MASK] in its place."""
    word = found.encoded.word_index[found.position]
    hidden = clicks.masked_at(text, found.encoded, found.position)
    if word is None or hidden == text:
        return
    st.info(page.t("sees_itself"), icon=":material/visibility:")
    if st.button(page.t("hide_it"), icon=":material/visibility_off:"):
        if text == page.text:
            st.session_state["_picked_token"] = str(found.encoded.word_index.index(word))
            page.set_text(hidden)
        else:
            page.set_text(page.text, hidden)


def _numbers(page: LessonPage, found: Lens) -> None:
    piece = found.encoded.tokens[found.position]
    st.caption(page.t("lens_at", position=found.position, piece=ui.escape_markdown(piece)))
    shown = (
        ("answer", found.answer), ("answer_p", percent(float(found.answer_p[-1]))),
        ("first_top", page.t("layer_n", layer=found.appears)),
        ("stays_top", page.t("layer_n", layer=found.stays)),
    )
    for column, (key, value) in zip(st.columns(4), shown, strict=True):
        column.metric(page.t(key), value, border=True)
