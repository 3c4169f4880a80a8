"""What is asked on the stock page: whose days, from where, seen how and judged how."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import streamlit as st

from core.errors import DataMissing
from core.stocks import splits
from core.stocks.align import UP
from core.stocks.evaluation import POOLS, SPLITS, Settings
from core.stocks.features import SETS
from core.stocks.table import DayTable
from lessons.stocks import sources
from lessons.stocks.lesson import ALL, EMBEDDED, RULES, Request, facts_of
from lessons.stocks.sources import Opened
from pages.capstone import stocks_source
from pages.ui import LessonPage, state

WINDOWS = ("1,3", "1", "3")
DEFAULT = Request()


@dataclass(frozen=True)
class Choice:
    """source : one of `sources.KINDS`; opened : None while it is not open; request : what to
    judge; name : of the opened data, "embedded" or what tells one upload from another"""

    source: str
    opened: Opened | None
    request: Request

    @property
    def key(self) -> tuple[str, Request]:
        """Of the judged result, over all sessions."""
        return "judged", self.request


def chosen(page: LessonPage) -> Choice:
    """The controls."""
    page.section("choose")
    with st.container(border=True):
        source = _source(page)
        opened, name = stocks_source.opened(page, source)
        if opened is None:
            return Choice(source, None, Request(source=name))
        split = page.control_choice(
            "split", page.t("split"), list(SPLITS), DEFAULT.split,
            lambda s: page.t(f"split_{s.replace('-', '_')}"),
        )
        st.caption(_split_says(page, split))
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            ticker = _ticker(page, opened.table)
            shuffled = page.control_toggle("shuffled", page.t("shuffled"))
            constant = page.control_toggle("constant", page.t("constant"))
        with st.expander(page.t("more"), icon=":material/tune:"):
            start, end = _period(page, opened.table)
            rest = _rest(page, source)
    return Choice(source, opened, Request(
        ticker=ticker, source=name, start=start, end=end, split=split, shuffled=shuffled,
        constant=constant, **rest,
    ))


def _split_says(page: LessonPage, split: str) -> str:
    def day(number: int) -> str:
        return str(np.datetime64(number, "D"))

    return page.t(
        f"split_says_{split.replace('-', '_')}", folds=Settings().folds, gap=splits.GAP,
        learn=day(splits.TRAIN_TO), choose=day(splits.VALID_TO), end=day(splits.TEST_TO - 1),
    )


def _source(page: LessonPage) -> str:
    kinds = [k for k in sources.KINDS if k != "stocknet" or sources.folder()]
    return page.control_choice(
        "source", page.t("source"), kinds, EMBEDDED, lambda k: page.t(f"source_{k}")
    )


def _ticker(page: LessonPage, table: DayTable) -> str:
    """One ticker, or all; several only from a link."""
    known = table.tickers()
    if len(known) == 1:
        return ALL
    linked = str(st.session_state.get("ticker") or st.query_params.get("ticker") or "")
    several = [linked] if "," in linked and set(linked.split(",")) <= set(known) else []
    names = companies(page)
    return page.control_choice(
        "ticker", page.t("ticker"), [ALL, *several, *known], ALL,
        lambda t: page.t("all_tickers", count=len(known)) if t == ALL else
        f"{t} · {names[t]}" if t in names else t,
    )


def companies(page: LessonPage) -> dict[str, str]:
    """The companies behind the tickers, as far as the shipped table names them."""
    try:
        return dict(facts_of().get("companies", {}))
    except DataMissing:
        return {}


def _day_reader(low: date, high: date) -> Callable[[str], str | None]:
    def read(given: str) -> str | None:
        if not given:
            return ""
        try:
            found = date.fromisoformat(given)
        except ValueError:
            return None
        return given if low <= found <= high else None

    return read


def _period(page: LessonPage, table: DayTable) -> tuple[str, str]:
    """A slider with two ends; "" where an end is the table's own."""
    low, high = table.date.min().item(), table.date.max().item()
    read = _day_reader(low, high)
    start = page.code("start", page.t("period"), read, "")
    end = page.code("end", page.t("period"), read, "")
    if low == high:
        return start, end
    ends = (date.fromisoformat(start or str(low)), date.fromisoformat(end or str(high)))
    first, last = sorted(ends)
    key = "_stocks_period"
    if st.session_state.get(key) != (first, last):
        st.session_state[key] = (first, last)

    def take() -> None:
        a, b = st.session_state[key]
        page.put("start", "" if a == low else str(a))
        page.put("end", "" if b == high else str(b))

    st.slider(page.t("period"), low, high, key=key, format="YYYY-MM-DD", on_change=take)
    return ("" if first == low else str(first)), ("" if last == high else str(last))


def _rest(page: LessonPage, source: str) -> dict[str, Any]:
    """Windows, features, labels, pool, days without texts."""
    left, right = st.columns(2)
    with left:
        windows = page.control_choice(
            "windows", page.t("windows"), list(WINDOWS), DEFAULT.windows,
            lambda w: page.t(f"windows_{w.replace(',', '_')}"),
        )
        labels = page.control_choice(
            "labels", page.t("labels"), list(RULES), DEFAULT.labels,
            lambda r: page.t(f"labels_{r}", up=percent_exact(UP)),
        )
    with right:
        pool = page.control_choice(
            "pool", page.t("pool"), list(POOLS), DEFAULT.pool, lambda p: page.t(f"pool_{p}")
        )
        every = page.control_toggle("every", page.t("every"), default=source == "live")
    features = _features(page)
    return {"windows": windows, "labels": labels, "pool": pool, "features": features,
            "every": every}


def _features(page: LessonPage) -> str:
    """Which feature sets; at least one."""

    def read(given: str) -> str | None:
        parts = given.split(",")
        return given if parts and set(parts) <= set(SETS) else None

    code = page.code("features", page.t("features"), read, DEFAULT.features)
    now = [s for s in SETS if s in code.split(",")]
    key = "_stocks_features"
    if st.session_state.get(key) != now:
        st.session_state[key] = now

    def take() -> None:
        given = [s for s in SETS if s in st.session_state[key]]
        if given:
            page.put("features", ",".join(given))

    st.pills(
        page.t("features"), list(SETS), selection_mode="multi", key=key, on_change=take,
        format_func=lambda s: page.t(f"features_{s}"),
    )
    return ",".join(now)


def percent_exact(share: float) -> str:
    """+0.55 %: a threshold with its sign, as it was published."""
    return f"{100 * share:+g} %".replace("-", "\u2212")


def put_all(values: dict[str, object]) -> None:
    """Set controls for the next run."""
    for name, value in values.items():
        state.put(name, value)
