"""What is judged on the judges page, and by which ways: the controls, as a request."""

from dataclasses import replace

import streamlit as st

from core.contract import BASELINES
from core.engine.answers import mask_positions
from lessons.judges import looking
from lessons.judges.lesson import GRADIENTS, LEAVING, ORDERS, Request
from lessons.surgery import reading
from pages import ui
from pages.ui import LessonPage
from pages.ui.hiding import click_to_hide

STEPS = ("8", "16", "32", "64", "128")


def what(page: LessonPage, word: str) -> str:
    """How the judged probability is called in a sentence."""
    return f"P({ui.escape_markdown(word)})" if word else "P(IsNext)"


def watched(page: LessonPage) -> Request | None:
    """The sentence, with a word hidden by a click; what is judged, None where nothing can be."""
    page.section("question")
    click_to_hide(page)
    encoded = page.engine.tokenize(page.model, page.text, page.text_b or None)
    masks = mask_positions(encoded) if page.info.has_mlm else ()
    pair = 1 in encoded.segments and page.info.has_nsp
    page.tell_cut(encoded)
    page.guess_switch()
    options = [name for name, is_there in (("mlm", masks), ("nsp", pair)) if is_there]
    if not options:
        st.info(page.t("no_blank"), icon=":material/touch_app:")
        return None
    watch = options[0]
    if len(options) > 1:
        watch = page.control_choice(
            "watch", page.t("watch"), options, "mlm", lambda w: page.t(f"watch_{w}")
        )
    if watch == "nsp":
        return Request(page.text, page.text_b, page.model, watch)
    word = page.control_line("word", page.t("word"), "").strip()
    try:
        reading.id_of(page.engine, page.model, word)
    except ui.InsideBertError as error:
        st.warning(page.sentence_for(error), icon=":material/edit:")
        word = ""
    if len(masks) > 1:
        st.info(page.t("first_blank", blanks=len(masks), place=masks[0]), icon=":material/info:")
    return Request(page.text, page.text_b, page.model, watch, word)


def ways(page: LessonPage, request: Request) -> Request:
    """The same with the ways of judging that the learner has chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        attention = page.control_choice(
            "looks", page.t("looks"), list(looking.WAYS), "last", lambda w: page.t(f"looks_{w}")
        )
        gradient = page.control_choice(
            "grad", page.t("grad"), list(GRADIENTS), "gradient", lambda w: page.t(f"grad_{w}")
        )
        leaving = page.control_choice(
            "leave", page.t("leave"), list(LEAVING), "masked", lambda w: page.t(f"leave_{w}")
        )
        order = page.control_choice(
            "rank_by", page.t("rank_by"), list(ORDERS), "size", lambda w: page.t(f"rank_by_{w}")
        )
        specials = page.control_toggle("specials", page.t("specials"))
    request = replace(request, attention=attention, gradient=gradient, leaving=leaving,
                      order=order, pieces="all" if specials else "words")
    if attention == "head":
        request = _one_head(page, request)
    if gradient == "integrated":
        request = _path(page, request)
    return request


def _one_head(page: LessonPage, request: Request) -> Request:
    left, right = st.columns(2)
    with left:
        layer = page.control_integer("layer", page.t("layer"), 0, page.info.layers - 1, 0)
    with right:
        head = page.control_integer("head", page.t("head"), 0, page.info.heads - 1, 0)
    return replace(request, layer=layer, head=head)


def _path(page: LessonPage, request: Request) -> Request:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        base = page.control_choice(
            "base", page.t("base"), list(BASELINES), "masked", lambda w: page.t(f"base_{w}")
        )
        steps = page.control_choice("steps", page.t("steps"), list(STEPS), "32")
    return replace(request, baseline=base, steps=int(steps))
