"""What came after BERT: a picture of the years, one idea a model, and some ideas tried."""

import streamlit as st

from lessons.scores import figures_more, results
from lessons.scores.results import Later
from pages.ui import LessonPage
from pages.using import scores_ideas
from pages.using.scores_try import PLAIN

IDEAS = ("roberta", "xlnet", "spanbert", "albert", "distilbert", "electra", "deberta",
         "modernbert")
DEMOS = {
    "roberta": scores_ideas.masks, "albert": scores_ideas.sharing,
    "distilbert": scores_ideas.halving, "electra": scores_ideas.replaced,
}


@st.fragment
def later(page: LessonPage) -> None:
    """The years, one model's idea, its figures, and the idea tried where our engine can."""
    page.section("later")
    place_of_picture = st.container()
    found = results.model(page.control_choice(
        "later", page.t("later"), list(IDEAS), "roberta", lambda code: results.model(code).name
    ))
    with place_of_picture:
        st.plotly_chart(
            figures_more.years(results.models(), found.id, page.t("mean_axis"), page.theme),
            config=PLAIN, key="years", alt=page.t("years_alt"),
        )
    with st.container(border=True):
        page.section(f"idea-{found.id}", **_claims(found))
        _facts(page, found)
        if found.id in DEMOS:
            with page.part():
                DEMOS[found.id](page)
    page.section("compare")
    _all(page)


def _claims(found: Later) -> dict[str, object]:
    said = results.claims(found.id)
    return {key: f"{value:,}" if isinstance(value, int) else value for key, value in said.items()}


def _facts(page: LessonPage, found: Later) -> None:
    mean = "–" if found.mean is None else f"{found.mean:.1f}"
    with st.container(horizontal=True, gap="large"):
        st.metric(page.t("since"), f"{found.year}-{found.month:02}", width="content")
        st.metric(page.t("parameters"), page.t("million", count=f"{found.million:g}"),
                  help=page.t("body") if found.body else None, width="content")
        st.metric(page.t("glue_mean"), mean, width="content",
                  help=page.t("no_figure") if found.mean is None else None)
    st.caption(page.t("read_from", paper=found.paper, source=found.source))


def _all(page: LessonPage) -> None:
    rows = results.models()
    first = next(m for m in rows if m.scores)
    names = {"cola": "CoLA", "sst2": "SST-2", "mrpc": "MRPC", "stsb": "STS-B", "qqp": "QQP",
             "mnli": "MNLI", "qnli": "QNLI", "rte": "RTE"}
    columns: dict[str, list[object]] = {
        page.t("later"): [m.name for m in rows],
        page.t("year"): [str(m.year) for m in rows],
        page.t("parameters"): [
            page.t("million", count=f"{m.million:g}") + (" *" if m.body else "") for m in rows
        ],
        page.t("mean_here"): [m.mean for m in rows],
        page.t("mean_printed"): [m.published for m in rows],
    }
    for column in first.scores:
        columns[names[column]] = [m.scores.get(column) for m in rows]
    columns[page.t("source")] = [m.source for m in rows]
    one = st.column_config.NumberColumn(format="%.1f")
    texts = (page.t("later"), page.t("year"), page.t("parameters"), page.t("source"))
    with st.expander(page.t("as_table_later"), icon=":material/table:"):
        st.dataframe(columns, hide_index=True, height="content", column_config={
            name: one for name in columns if name not in texts
        })
        st.caption(f"\\* {page.t('body')}")
