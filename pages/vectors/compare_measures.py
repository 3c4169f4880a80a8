"""The stored table: the models measured on many words."""

import streamlit as st

from lessons.compare import figures
from lessons.compare.measures import LABELS, Alike, InContext, Measures, load
from lessons.theme import percent
from pages import ui
from pages.ui import LessonPage
from pages.vectors.compare_views import PLAIN


def measured(page: LessonPage) -> None:
    """Same meaning or not, similarity and analogies, for every model and layer."""
    found = load()
    if found is None or not found.in_context:
        return
    first = found.in_context[0]
    page.section("measures", pairs=first.pairs, words=first.words)
    st.plotly_chart(
        figures.accuracies(found, page.t("layer_axis"), page.t("chance"), page.theme),
        config=PLAIN, key="accuracies", alt=page.t("accuracy_alt"),
    )
    with st.expander(page.t("measures_all"), icon=":material/table:"):
        _in_context(page, found)
    with st.expander(page.t("measures_similarity"), icon=":material/table:"):
        _alone(page, found)
    st.caption(page.t("measures_made"))


def _name(page: LessonPage, row: InContext | Alike) -> str:
    if row.layer is None:
        return LABELS[row.model]
    return page.t("measures_layer", model=LABELS[row.model], layer=row.layer)


def _in_context(page: LessonPage, found: Measures) -> None:
    rows = [row for model in found.models for row in found.rows_of(model)]
    st.table({
        page.t("measures_model"): [_name(page, r) for r in rows],
        page.t("measures_accuracy"): [f"**{percent(r.accuracy)}**" for r in rows],
        page.t("measures_interval"): [f"{percent(r.low)} – {percent(r.high)}" for r in rows],
        page.t("measures_same"): [f"{r.same:.2f}" for r in rows],
        page.t("measures_different"): [f"{r.different:.2f}" for r in rows],
    })


def _alone(page: LessonPage, found: Measures) -> None:
    neutral = found.neutral.format("…")
    page.prose("alone", neutral=ui.escape_markdown(neutral))
    shares = {a.model: page.t("measures_covered", share=percent(a.share), correct=a.correct,
                              covered=a.covered) for a in found.analogies}
    st.table({
        page.t("measures_model"): [_name(page, r) for r in found.alike],
        page.t("measures_wordsim"): [f"{r.wordsim353:.2f}" for r in found.alike],
        page.t("measures_simlex"): [f"{r.simlex999:.2f}" for r in found.alike],
        page.t("measures_analogy"): [shares.get(r.model, "–") for r in found.alike],
    })
