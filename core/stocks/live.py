"""Prices and headlines of today, from Yahoo Finance through yfinance."""

import re
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import (
    MixedExchanges,
    QuotesLimited,
    QuotesOffline,
    QuotesUnavailable,
    UnknownTicker,
)
from core.stocks import yahoo
from core.stocks.attempts import HEARTBEAT, PATIENCE, PAUSE, retried
from core.stocks.checks import clean
from core.stocks.disk import Shelf, cache_folder
from core.stocks.source import AT, DAY, NUMBERS, Finding, Prices, Tweets
from core.stocks.watch import Tell, Watch

YEARS = 5
FRESH = {"prices": 6 * 3600.0, "headlines": 15 * 60.0}  # seconds that a stored answer is used
MOST_HEADLINES = 5000  # kept of one ticker
SYMBOL = re.compile(r"\^?[A-Z0-9][A-Z0-9.\-=]{0,14}")

_flights: dict[str, threading.Lock] = {}
_failures: dict[str, tuple[float, QuotesUnavailable]] = {}  # when Yahoo last failed, and how


class Live:
    """Yahoo Finance. Each answer is kept on disk; when Yahoo fails, an older one is used and
    `findings` says how old it is.

    years : of prices, up to the last day that is over
    folder : of the stored answers, the user's cache folder by default
    tell : is told each step and may cancel
    session : curl_cffi or requests session for yfinance, its own by default
    pause, patience : seconds between two attempts, and for all of one answer; once Yahoo could
        not be reached in time, it is not asked for the rest

    Raises `UnknownTicker`, `QuotesUnavailable` and its kinds, `Cancelled`.
    """

    name = "live"

    def __init__(
        self, *, years: int = YEARS, folder: Path | None = None, tell: Tell | None = None,
        session: Any = None, now: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause: float = PAUSE, patience: float = PATIENCE,
    ) -> None:
        self._years, self._tell, self._session, self._now = years, tell, session, now
        self._pause, self._patience = pause, patience
        where = folder if folder is not None else cache_folder() / "quotes"
        self._shelf = Shelf(where, lambda: now().timestamp())
        self._findings: dict[tuple[str, str], Finding] = {}
        self._away: QuotesUnavailable | None = None  # why Yahoo was given up, for this request

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(self._findings.values())

    def tickers(self) -> tuple[str, ...]:
        return ()

    def prices(self, tickers: Sequence[str]) -> Prices:
        """Raises `MixedExchanges` besides."""
        symbols = _symbols(tickers)
        start = self._now().date() - timedelta(days=round(365.25 * self._years))
        watch = Watch("prices", len(symbols), self._tell)
        answers = {}
        for symbol in symbols:
            answers[symbol] = self._answer(
                "prices", symbol, watch,
                partial(yahoo.fetch_prices, symbol, start, self._now(), self._session),
            )
            for day, ratio in answers[symbol]["splits"][-1:]:
                self._findings["split_adjusted", symbol] = Finding.of(
                    "split_adjusted", ticker=symbol, date=day, ratio=ratio
                )
            watch.step()
        zones = sorted({answer["zone"] for answer in answers.values()})
        if len(zones) > 1:
            raise MixedExchanges(zones)
        prices, cleaned = clean(_prices(answers, zones[0] if zones else "America/New_York"))
        for found in cleaned:
            self._findings[found.code, ""] = found
        return prices

    def tweets(self, tickers: Sequence[str]) -> Tweets:
        """The newest headlines, with those of earlier days that are stored here; none, with a
        finding, when Yahoo gives none."""
        rows: list[tuple[str, str, str]] = []
        symbols = _symbols(tickers)
        watch = Watch("headlines", len(symbols), self._tell)
        for symbol in symbols:
            try:
                fetch = partial(self._headlines, symbol)
                stories = self._answer("headlines", symbol, watch, fetch)
            except (QuotesUnavailable, UnknownTicker):
                stories = []
            if not stories:
                self._findings["no_headlines", symbol] = Finding.of("no_headlines", ticker=symbol)
            rows += [(symbol, at, title) for at, title in stories]
            watch.step()
        at = np.array([moment for _, moment, _ in rows], AT)
        return Tweets.sorted([row[0] for row in rows], at, [row[2] for row in rows])

    def _headlines(self, symbol: str) -> list[list[str]]:
        """What Yahoo has now, joined with what is stored."""
        stored = self._shelf.get(self._key("headlines", symbol))
        known = {tuple(story) for story in (stored[0] if stored else [])}
        known |= {tuple(story) for story in yahoo.fetch_headlines(symbol, self._session)}
        return [list(story) for story in sorted(known)[-MOST_HEADLINES:]]

    def _key(self, kind: str, symbol: str) -> str:
        return f"{kind} {symbol} {self._years}" if kind == "prices" else f"{kind} {symbol}"

    def _answer(self, kind: str, symbol: str, watch: Watch, fetch: Callable[[], Any]) -> Any:
        """A stored answer that is fresh, else a new one, else a stored one that is old."""
        key, came = self._key(kind, symbol), time.monotonic()
        lock = _flights.setdefault(key, threading.Lock())
        while not lock.acquire(timeout=HEARTBEAT):  # somebody else is asking the same
            watch.step(0)
        try:
            stored = self._shelf.get(key)
            if stored and stored[1] < FRESH[kind]:
                return stored[0]
            try:
                if self._away is not None:  # a list of tickers does not wait for each of them
                    raise self._away
                failed = _failures.get(key)
                if failed is not None and failed[0] > came:  # while this one waited its turn
                    raise failed[1]
                found = retried(fetch, watch, self._pause, self._patience)
            except QuotesUnavailable as error:
                if isinstance(error, (QuotesLimited, QuotesOffline)):
                    self._away = error
                    _failures[key] = (time.monotonic(), error)
                if stored is None:
                    raise
                hours = max(1, round(stored[1] / 3600))
                self._findings[kind, symbol] = Finding.of(
                    f"old_{kind}", ticker=symbol, hours=hours
                )
                return stored[0]
            self._shelf.put(key, found)
            return found
        finally:
            lock.release()


def _symbols(tickers: Sequence[str]) -> tuple[str, ...]:
    """As Yahoo writes them, each once. Raises `UnknownTicker`."""
    found = []
    for ticker in tickers:
        symbol = ticker.strip().lstrip("$").upper()
        if not SYMBOL.fullmatch(symbol):
            raise UnknownTicker(ticker[:20], "Yahoo Finance")
        found.append(symbol)
    return tuple(dict.fromkeys(found))


def _prices(answers: dict[str, dict[str, Any]], zone: str) -> Prices:
    """The stored answers of one time zone as columns."""
    if not answers:
        return Prices.empty()
    ticker = [symbol for symbol, answer in answers.items() for _ in answer["date"]]
    date = [day for answer in answers.values() for day in answer["date"]]
    columns = {
        name: np.array([x for answer in answers.values() for x in answer[name]], np.float64)
        for name in NUMBERS
    }
    return Prices.sorted(ticker, np.array(date, DAY), zone, **columns)
