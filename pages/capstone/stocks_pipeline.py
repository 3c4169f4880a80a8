"""The architecture as the pipeline it is, with what really flows along its arrows."""

from dataclasses import dataclass
from html import escape
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lessons.theme import percent
from pages import ui
from pages.capstone.stocks_choose import Choice
from pages.capstone.stocks_work import Found
from pages.ui import LessonPage

STYLE = Path(__file__).parents[2] / "assets" / "css" / "stocks.css"


@dataclass(frozen=True)
class _Stage:
    """A box: title, what it does, and the colour of its edge, a name of the theme."""

    title: str
    says: str
    hue: str = "muted"

    def html(self) -> str:
        return (
            f"<div class='ib-stage' style='--hue: var(--{self.hue})'><b>{escape(self.title)}</b>"
            f"<span>{escape(self.says)}</span></div>"
        )


def _arrow(*counts: str) -> str:
    """An arrow with what goes along it."""
    said = "".join(f"<span>{escape(count)}</span>" for count in counts if count)
    return f"<div class='ib-flow'>{said}<i aria-hidden='true'></i></div>"


def place(page: LessonPage) -> DeltaGenerator:
    """Where the picture will be, above the controls that its counts come from."""
    st.html(STYLE)
    return st.container()


def _bert(page: LessonPage) -> str:
    """The picture stands also where the model that has read the texts cannot be read now."""
    try:
        return page.t("box_bert_says", layers=page.engine.info("embedded").layers)
    except ui.InsideBertError:
        return page.t("box_bert_unread")


def draw(page: LessonPage, place: DeltaGenerator, choice: Choice, found: Found | None) -> None:
    """Only strings of our own and numbers stand in this HTML."""
    t, counts = page.t, found.result.counts if found else None
    shown = found.choice.source if found else choice.source
    said = {name: f"{value:,}" if value is not None else "" for name, value in {
        "texts": counts and counts.texts, "days": counts and counts.days,
        "with_texts": counts and counts.with_texts, "rows": counts and counts.rows,
    }.items()}
    texts = _Stage(t(f"box_texts_{shown}"), t("box_texts_says"), "token")
    bert = _Stage(t("box_bert"), _bert(page), "accent")
    prices = _Stage(t("box_prices"), t("box_prices_says"), "position")
    days = _Stage(t("box_days"), t("box_days_says"), "query")
    judges = _Stage(t("box_classifiers"), _classifiers(page, found), "key")
    answer = _Stage("▲ / ▼", t("box_answer_says"), "value")

    def flow(key: str, name: str) -> str:
        return t(key, count=said[name]) if said[name] else ""

    lanes = (
        "<div class='ib-lanes'><div class='ib-lane'>" + texts.html()
        + _arrow(flow("flow_texts", "texts")) + bert.html()
        + _arrow(flow("flow_with_texts", "with_texts")) + "</div><div class='ib-lane'>"
        + prices.html() + _arrow(flow("flow_days", "days")) + "</div></div>"
    )
    widths = [t("flow_features", days=w, count=n) for w, n in counts.features] if counts else []
    body = (
        lanes + days.html() + _arrow(flow("flow_rows", "rows"), *widths, *_last_fold(page, found))
        + judges.html()
        + _arrow(*_judged(page, found)) + answer.html()
    )
    theme = page.theme
    names = ("token", "accent", "position", "query", "key", "value", "muted", "ink", "paper")
    colours = "; ".join(f"--{name}: {getattr(theme, name)}" for name in names)
    with place:
        st.html(
            f"<div class='ib-pipeline-room'><div class='ib-pipeline' role='img' "
            f"aria-label='{escape(t('pipeline_alt'))}' style='{colours}'>{body}</div></div>"
        )


def _classifiers(page: LessonPage, found: Found | None) -> str:
    if found is None:
        return page.t("box_classifiers_says")
    settings = found.result.report.settings
    return page.t("box_classifiers_count", count=len(settings.classifiers),
                  windows=len(settings.windows))


def _last_fold(page: LessonPage, found: Found | None) -> tuple[str, ...]:
    """How many rows the last classifiers learned from, and how many they were judged on."""
    if found is None:
        return ()
    last = found.result.report.folds[-1]
    return (page.t("flow_learned", count=f"{last.n_train:,}"),
            page.t("flow_last", count=f"{last.n_test:,}"), page.t("flow_fold"))


def _judged(page: LessonPage, found: Found | None) -> tuple[str, ...]:
    if found is None:
        return ()
    report = found.result.report
    return (
        page.t("flow_judged", count=f"{report.rows[0].n:,}"),
        page.t("flow_up", share=percent(report.base_rate)),
    )
