"""All examples judged on demand, and what was measured beforehand on many sentences."""

from dataclasses import replace

import streamlit as st

from core.models.registry import EMBEDDED
from lessons.judges import figures, measured
from lessons.judges.gallery import requests, score
from lessons.judges.lesson import Request, Result, judged
from lessons.judges.measured import Survey
from lessons.text import presets
from lessons.theme import percent
from pages import ui
from pages.inside.judges_views import PLAIN, names, signed
from pages.ui import LessonPage


@st.fragment
def gallery(page: LessonPage) -> None:
    """Every example by the chosen ways, computed when asked for."""
    shown = [preset for preset in presets("judges") if page.lang in preset.languages]
    page.section("gallery", presets=len(shown))
    if not page.info.has_mlm or not page.info.has_nsp:
        return
    ways = _ways(page)
    if st.button(page.t("judge_all"), icon=":material/gavel:"):
        st.session_state["_judges_gallery"] = ways
    if st.session_state.get("_judges_gallery") != ways:
        return  # other ways of judging: only when asked again
    results: list[Result] = []
    progress = st.progress(0.0)
    for number, (preset, request) in enumerate(zip(shown, requests(shown, ways), strict=True)):
        label = preset.label[page.lang]
        progress.progress(number / len(shown), page.t("judging", label=label))
        results.append(page.run(judged, request))
    progress.empty()
    _rows(page, [preset.label[page.lang] for preset in shown], results)
    st.caption(page.t(
        "gallery_made", looks=_looks(page, ways), grad=page.t(f"grad_{ways.gradient}"),
        leave=page.t(f"leave_{ways.leaving}"), rank_by=page.t(f"rank_by_{ways.order}"),
    ))


def _ways(page: LessonPage) -> Request:
    """How the learner has chosen to judge, without what is judged."""
    chosen = st.session_state.get("_judges_ways")
    if not isinstance(chosen, Request) or chosen.model != page.model:
        return Request("", model=page.model)
    return replace(chosen, text="", text_b="", watch="mlm", word="")


def _looks(page: LessonPage, ways: Request) -> str:
    if ways.attention == "head":
        return page.t("layer_head", layer=ways.layer, head=ways.head)
    return page.t(f"looks_{ways.attention}")


def _rows(page: LessonPage, labels: list[str], results: list[Result]) -> None:
    columns: dict[str, list[str]] = {page.t("example"): labels}
    for at, name in enumerate(names(page)):
        columns[name] = [ui.escape_markdown(r.tokens[r.judges[at].favourite]) for r in results]
    for at in (0, 1):
        pair = page.t("pair", one=names(page)[at], other=names(page)[2])
        columns[f"τ {pair}"] = [_tau(r.agreement(at, 2).kendall) for r in results]
    st.table(columns)
    total = score(results)
    st.markdown(page.t(
        "gallery_said", all=total.count, attention=total.same_first[0],
        gradient=total.same_first[1], attention_tau=_tau(total.kendall[0]),
        gradient_tau=_tau(total.kendall[1]),
    ))


def _tau(value: float | None) -> str:
    return "–" if value is None else signed(value)


def _share(found: Survey, judge: str) -> str:
    low, high = found.interval(judge)
    return f"{percent(found.same_first[judge])} ({percent(low)} – {percent(high)})"


def survey(page: LessonPage) -> None:
    """Stored: many sentences of a corpus, the judges at their defaults."""
    found = measured.survey() if page.model == EMBEDDED else None
    if found is None:
        return
    page.section(
        "survey", sentences=found.sentences, source=found.source,
        attention_first=_share(found, "attention"), gradient_first=_share(found, "gradient"),
        chance_first=percent(found.chance_first),
        attention_tau=signed(found.mean("attention")), gradient_tau=signed(found.mean("gradient")),
    )
    st.plotly_chart(
        figures.spread(found, (page.t("attention"), page.t("gradient")), page.t("survey_axis"),
                       page.theme),
        config=PLAIN, key="survey", alt=page.t("survey_alt"),
    )
    st.caption(page.t("survey_made", date=found.date, command=found.command))
