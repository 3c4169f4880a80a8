"""What to take home: figures handed down and published, why they look so, and what not to do."""

from dataclasses import asdict

import streamlit as st

from core.stocks.align import DOWN, UP
from core.stocks.evaluation import Settings
from core.stocks.reference import EXERCISE, EXERCISE_N, STOCKNET, STOCKNET_SOURCE, fraction
from lessons.stocks.lesson import END_TO_END_COMMAND, end_to_end
from lessons.stocks.reading import ALPHA, BASELINES
from lessons.stocks.sources import embedded
from lessons.theme import percent
from pages import ui
from pages.capstone.stocks_choose import percent_exact
from pages.capstone.stocks_table import name_of
from pages.capstone.stocks_work import Found
from pages.ui import LessonPage


def lessons(page: LessonPage, found: Found | None) -> None:
    """The reading matter behind the page."""
    spans = _spans(found)
    page.section("look-ahead", tickers=spans["tickers"])
    page.section("base-rate")
    _exercise(page)
    page.section("mcc")
    _many(page, found)
    _published(page, found)
    page.section("box-title")
    with st.container(border=True):
        page.prose("box", **spans)
    page.section("data")


def _spans(found: Found | None) -> dict[str, object]:
    """How many tickers the data have, and of which days."""
    try:
        table = found.opened.table if found else embedded().table
    except ui.InsideBertError:
        return dict.fromkeys(("tickers", "start", "end"), "–")
    return {"tickers": len(table.tickers()), "start": table.date.min(), "end": table.date.max()}


def _many(page: LessonPage, found: Found | None) -> None:
    """How many rows were tried, and what luck alone does with them."""
    settings = found.result.report.settings if found else Settings()
    tried = len(settings.windows) * sum(c not in BASELINES for c in settings.classifiers)
    page.section(
        "many", classifiers=len(settings.classifiers), windows=len(settings.windows),
        alpha=f"{ALPHA:g}", tried=tried, any=percent(1 - (1 - ALPHA) ** tried),
    )


def _exercise(page: LessonPage) -> None:
    twice = next(r for r in EXERCISE if r.classifier == "logistic")
    part = fraction(twice.one, EXERCISE_N)
    whole = round(twice.one * EXERCISE_N)
    knn = next(r for r in EXERCISE if r.classifier == "knn")
    page.section(
        "exercise", accuracy=f"{twice.one:.6f}", n=f"{EXERCISE_N:,}", right=f"{whole:,}",
        numerator=f"{part.numerator:,}", denominator=f"{part.denominator:,}",
        share=percent(twice.one), knn=percent(knn.three),
    )
    st.table({
        page.t("classifier"): [name_of(page, r.classifier) for r in EXERCISE],
        page.t("one_day"): [f"{r.one:.6f}" for r in EXERCISE],
        page.t("days_of_input", days=3): [f"{r.three:.6f}" for r in EXERCISE],
    })


def _published(page: LessonPage, found: Found | None) -> None:
    """Others' figures on StockNet's split, and ours beside them where they are on the page."""
    page.section("published", source=STOCKNET_SOURCE, up=percent_exact(UP),
                 down=percent_exact(DOWN))
    rows = [(page.t("published_row", name=p.model), percent(p.accuracy), f"{p.mcc:+.4f}")
            for p in STOCKNET]
    trained = end_to_end()
    if trained:
        rows.append((page.t("end_to_end_row"), _interval(**trained), f"{trained['mcc']:+.4f}"))
    report = found.result.report if found else None
    comparable = bool(
        report and report.settings.split == "stocknet" and report.settings.rule == "stocknet"
        and not report.settings.shuffled and not report.settings.constant
        and found and found.choice.request.ticker == "all"
    )
    if report and comparable:
        for row in sorted(report.rows, key=lambda r: -r.scores.accuracy):
            rows.append((
                page.t("our_row", name=name_of(page, row.classifier), window=row.window),
                _interval(**asdict(row.scores)), f"{row.scores.mcc:+.4f}",
            ))
    st.table({
        page.t("model_column"): [row[0] for row in rows],
        page.t("measure_accuracy"): [row[1] for row in rows],
        page.t("measure_mcc"): [row[2].replace("-", "\u2212") for row in rows],
    })
    if trained:
        st.caption(page.t("end_to_end_how", command=END_TO_END_COMMAND,
                          up=percent(trained["up_said"])))
    if not comparable:
        st.caption(page.t("compare_how"))


def _interval(accuracy: float, low: float, high: float, **_: float) -> str:
    return f"{percent(accuracy)} ({percent(low)} – {percent(high)})"
