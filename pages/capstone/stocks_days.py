"""One ticker, one classifier: the days right and wrong, what it learned, and a tweet more."""

import numpy as np
import streamlit as st

from core.stocks.evaluation import Predicted
from lessons.stocks import figures_days
from lessons.theme import percent
from pages.capstone import stocks_learned, stocks_tweet
from pages.capstone.stocks_choose import companies
from pages.capstone.stocks_day import Day, row_in
from pages.capstone.stocks_table import name_of, window_of
from pages.capstone.stocks_work import Found
from pages.ui import LessonPage

PLAIN = {"displayModeBar": False}
FIRST = "AAPL"
SPANS = ("60", "125", "all")  # trading days drawn
CLASSIFIER = "logistic"


@st.fragment
def days(page: LessonPage, found: Found) -> None:
    """The chart, the day that was clicked, what the classifier holds, and the typed tweet."""
    page.section("days")
    report = found.result.report
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        ticker = _ticker(page, found)
        names = list(dict.fromkeys(r.classifier for r in report.rows))
        classifier = page.control_choice(
            "who", page.t("whose"), names, CLASSIFIER if CLASSIFIER in names else names[0],
            lambda n: name_of(page, n),
        )
        windows = [str(window) for window in report.settings.windows]
        window = windows[0]
        if len(windows) > 1:
            window = page.control_choice(
                "seen", page.t("input"), windows, windows[0], lambda w: window_of(page, int(w))
            )
        span = page.control_choice("span", page.t("span"), list(SPANS), "60",
                                   lambda s: page.t(f"span_{s}"))
    day = _chosen(page, found, report.said(classifier, int(window)), ticker)
    _chart(page, day, span)
    _said(page, day)
    stocks_learned.learned(page, day)
    with page.part():
        stocks_tweet.tweet(page, day)


def _ticker(page: LessonPage, found: Found) -> str:
    """Whose chart is drawn: of several tickers one is chosen."""
    known, names = list(found.result.tickers), companies(page)
    if len(known) == 1:
        return known[0]
    return page.control_choice(
        "chart", page.t("chart"), known, FIRST if FIRST in known else known[0],
        lambda t: f"{t} · {names[t]}" if t in names else t,
    )


def _chosen(page: LessonPage, found: Found, said: Predicted, ticker: str) -> Day:
    """The day of the link or the click; else the last fold's day with fewest texts."""
    table = found.result.table
    own = np.flatnonzero(table.ticker[said.rows] == ticker)
    if not len(own):  # nothing of this ticker was judged
        own = np.arange(len(said.rows))
        ticker = str(table.ticker[said.rows[0]])
    dates = [str(day) for day in table.date[said.rows[own]]]
    last = own[said.fold[own] == said.fold[own].max()]
    texts = table.tweets[said.rows[last]]
    first = int(last[np.where(texts > 0, texts, texts.max() + 1).argmin()])
    default = str(table.date[said.rows[first]])
    date = page.code("day", page.t("day"), lambda given: given if given in dates else default,
                     default)
    at = int(own[dates.index(date)])
    return Day(found, said, ticker, int(said.rows[at]), at)


def _chart(page: LessonPage, day: Day, span: str) -> None:
    table = day.found.result.table
    own = table.date[table.ticker == day.ticker]
    start = ""
    if span != "all":
        place = int(np.searchsorted(own, table.date[day.row]))
        start_at = max(0, min(place - 5, len(own) - int(span)))
        start = str(own[start_at])
        own = own[start_at : start_at + int(span)]
    words = figures_days.Words(
        page.t("close"), page.t("right"), page.t("wrong"), page.t("sentiment_axis"),
        "▲", "▼", page.t("texts_word"), day.date,
    )
    picked = st.plotly_chart(
        figures_days.days(table, day.said, day.ticker, day.row, words, page.theme, start,
                          str(own[-1])),
        config=PLAIN, key="days_chart", on_select="rerun", selection_mode="points",
        alt=page.t("days_alt"),
    )
    _take(page, day, picked)
    st.caption(page.t("days_hint"))


def _take(page: LessonPage, day: Day, picked: object) -> None:
    """A click on a mark chooses its day."""
    points = getattr(getattr(picked, "selection", None), "points", None) or []
    for point in points:
        row = point.get("customdata")
        date = str(point.get("x"))[:10]
        seen = (day.ticker, day.said.classifier, date)
        if isinstance(row, list | tuple) and st.session_state.get("_stocks_clicked") != seen:
            st.session_state["_stocks_clicked"] = seen
            page.put("day", date)
            st.rerun(scope="fragment")


def _said(page: LessonPage, day: Day) -> None:
    """The share right of this ticker, and the chosen day in a sentence."""
    table, said = day.found.result.table, day.said
    own = table.ticker[said.rows] == day.ticker
    right = int((said.said[own] == said.actual[own]).sum())
    ups = int(said.actual[own].sum())
    n = int(own.sum())
    st.markdown(page.t(
        "ticker_said", classifier=name_of(page, said.classifier), ticker=day.ticker, right=right,
        n=n, share=percent(right / n), majority=percent(max(ups, n - ups) / n),
    ))
    with st.container(border=True):
        was, told = int(said.actual[day.at]), int(said.said[day.at])
        move = float(table.next_return[day.row])
        st.markdown(page.t(
            "day_said", date=day.date, ticker=day.ticker, tweets=int(table.tweets[day.row]),
            mean=_signed(float(np.nan_to_num(table.mean[day.row]))),
            said="▲" if told else "▼", was="▲" if was else "▼",
            move=_signed(100 * move), verdict=page.t("right" if was == told else "wrong"),
            next=str(table.next_date[day.row]),
        ))
        for text in day.found.opened.texts(row_in(day.found, day.row), 3):
            st.code(text, language=None, wrap_lines=True)


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\u2212")
