"""The labelled lines: a set to start from, the box to edit, a table to upload."""

from typing import cast

import streamlit as st

from core.live.csv_file import MAX_BYTES, lines_of
from core.live.lines import Kind
from lessons.theme import percent
from lessons.train.material import LENGTH, MANY_UNKNOWN, SETS, Material, Request, run, text_of
from pages import ui
from pages.ui import LessonPage, state

MOST = 200_000  # characters of all lines
SHOWN_CLASSES = 12
TYPES = ("csv", "tsv", "txt")


def material(page: LessonPage) -> Material | None:
    """What is in the box, None with a sentence that says what is wrong."""
    page.section("lines")
    chosen = page.control_choice("set", page.t("set"), list(SETS), "spam",
                                 lambda name: page.t(f"set_{name}"))
    if st.session_state.get("_train_set", chosen) != chosen:
        page.forget("lines")
        page.forget("kind")
    st.session_state["_train_set"] = chosen
    uploaded = st.session_state.pop("_train_uploaded", None)
    if uploaded is not None:
        page.put("lines", uploaded)
    kind = cast(Kind, page.control_choice(
        "kind", page.t("kind"), ["sentence", "tags"], SETS[chosen], lambda k: page.t(f"kind_{k}")
    ))
    text = state.paragraphs(
        "lines", page.t(f"box_{kind}"), text_of(chosen), limit=MOST
    )
    _upload(page)
    try:
        found = run(page.engine, Request(text, kind, page.model))
    except ui.InsideBertError as error:
        st.warning(page.sentence_for(error), icon=":material/edit:")
        return None
    _told(page, found)
    return found


def _upload(page: LessonPage) -> None:
    with st.expander(page.t("upload"), icon=":material/upload_file:"):
        st.caption(page.t("upload_how"))
        file = st.file_uploader(page.t("upload_file"), TYPES, key="_train_file",
                                label_visibility="collapsed", max_upload_size=MAX_BYTES // 2**20)
        if file is None:
            return
        try:
            lines = lines_of(file.getvalue())
        except ui.InsideBertError as error:
            st.warning(page.sentence_for(error), icon=":material/edit:")
            return
        if st.button(page.t("upload_use", count=lines.count("\n") + 1), type="primary"):
            st.session_state["_train_uploaded"] = lines
            st.rerun()


def _told(page: LessonPage, found: Material) -> None:
    """How many lines of which label, and what this model cannot read of them."""
    lines = found.lines
    counts = sorted(zip(lines.labels, lines.counts, strict=True), key=lambda pair: -pair[1])
    shown = " · ".join(
        f"{ui.escape_markdown(label)} **{count}**" for label, count in counts[:SHOWN_CLASSES]
    )
    more = " · …" if len(counts) > SHOWN_CLASSES else ""
    st.markdown(page.t(f"counted_{lines.kind}", lines=len(lines.items), labels=len(counts))
                + f" {shown}{more}")
    if lines.repeated:
        st.caption(page.t("repeated", count=lines.repeated))
    if found.cut:
        st.caption(page.t("cut_lines", count=found.cut, limit=LENGTH))
    if found.unknown_share > MANY_UNKNOWN:
        st.warning(
            page.t("unknown", share=percent(found.unknown_share), unknown=found.unknown,
                   pieces=found.pieces, model=ui.escape_markdown(page.info.label)),
            icon=":material/visibility_off:",
        )
