"""The paper's other tables, its ablations, and apart from them what our own adapters score."""

import streamlit as st

from lessons.scores import figures_more, results
from lessons.tasks import facts
from lessons.theme import percent
from pages.ui import LessonPage
from pages.using.scores_try import PLAIN


def others(page: LessonPage) -> None:
    """SQuAD, SWAG and CoNLL as printed."""
    page.section("others")
    rows = results.others()
    st.dataframe(
        {
            page.t("set"): [row.set for row in rows],
            page.t("system"): [row.system for row in rows],
            page.t("measure"): [_measure(page, row.metric) for row in rows],
            page.t("dev"): [row.dev or "–" for row in rows],
            page.t("test"): [row.test or "–" for row in rows],
            page.t("table"): [row.table for row in rows],
        },
        hide_index=True, height="content",
    )
    st.caption(page.t("printed_from", paper=results.paper()))


def _measure(page: LessonPage, metric: str) -> str:
    return page.t("metric_accuracy") if metric == "accuracy" else metric


def ablations(page: LessonPage) -> None:
    """What was taken away, and what size does."""
    found = results.ablation()
    names = [page.t(f"variant_{variant.id}") for variant in found.variants]
    at = {variant.id: number for number, variant in enumerate(found.variants)}

    def most(variant: str) -> int:
        return max(range(len(found.columns)), key=lambda c: found.loss(at[variant], c))

    worst = most("ltr")
    lost = found.loss(at["ltr"], worst)
    page.section(
        "ablations", paper=results.paper(), table=found.table,
        nsp_most=found.columns[most("no_nsp")], ltr_squad=f"{lost:.1f}",
        ltr_most=found.columns[worst], back=f"{lost - found.loss(at['bilstm'], worst):.1f}",
    )
    st.plotly_chart(figures_more.losses(found, names, page.theme), config=PLAIN, key="losses",
                    alt=page.t("losses_alt"))
    sizes = results.sizes()
    page.section("sizes", paper=results.paper(), table=sizes.table, count=len(sizes.variants))
    st.plotly_chart(
        figures_more.growth(sizes, (page.t("perplexity_axis"), page.t("accuracy_axis")),
                            page.theme),
        config=PLAIN, key="growth", alt=page.t("growth_alt"),
    )


def ours(page: LessonPage) -> None:
    """Held-out figures of the adapters that are here."""
    page.section("ours")
    rows = facts.scores(facts.available())
    if not rows:
        st.info(page.t("none_yet"), icon=":material/info:")
        return
    st.dataframe(
        {
            page.t("task"): [row.task for row in rows],
            page.t("set"): [row.where[page.lang] for row in rows],
            page.t("figure"): [page.t(f"figure_{row.figure}") for row in rows],
            page.t("value"): [percent(row.value) for row in rows],
            page.t("examples"): [row.count for row in rows],
            page.t("published"): [_published(page, row) for row in rows],
        },
        hide_index=True, height="content",
    )
    st.caption(page.t("ours_from"))


def _published(page: LessonPage, row: facts.Score) -> str:
    said = row.published
    if said is None or not said.value:
        return "–"
    return f"{said.value} · {said.on[page.lang]} · {said.source}"
