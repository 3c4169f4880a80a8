"""What yfinance is asked, in one place: plain JSON values out, `InsideBertError` otherwise.

yfinance is imported at the first request: it brings pandas with it.
"""

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from core.contract import MAX_CHARACTERS
from core.errors import (
    InsideBertError,
    QuotesEmpty,
    QuotesLimited,
    QuotesOffline,
    QuotesUnavailable,
    QuotesUnreadable,
    UnknownTicker,
)
from core.stocks.calendar import closes
from core.stocks.source import AT, DAY

TIMEOUT = 10.0  # seconds a request
SETTLED = timedelta(minutes=30)  # after the close, until the day's price is the final one
HEADLINES = 100
COLUMNS = {
    "open": "Open", "high": "High", "low": "Low", "close": "Close", "adj_close": "Adj Close",
    "volume": "Volume",
}


def fetch_prices(ticker: str, start: date, now: datetime, session: Any = None) -> dict[str, Any]:
    """Daily prices from `start` to the last day that is over at `now` (UTC).

    Returns zone, date (ISO), open, high, low, close (adjusted for splits), adj_close, volume:
    lists of equal length without NaN (None instead), and splits: [[date, ratio], ...].

    Raises `UnknownTicker`, `QuotesUnavailable` and its kinds.
    """
    def ask(yfinance: Any) -> dict[str, Any]:
        frame = yfinance.Ticker(ticker, session=session).history(
            start=start.isoformat(), interval="1d", auto_adjust=False, actions=True,
            timeout=TIMEOUT,
        )
        if not len(frame):
            raise QuotesEmpty(ticker)
        zone = str(frame.index.tz)
        days = np.array([stamp.date().isoformat() for stamp in frame.index], DAY)
        over = closes(days, zone) + np.timedelta64(SETTLED) <= np.datetime64(
            now.astimezone(UTC).replace(tzinfo=None), "s"
        )
        if not over.any():
            raise QuotesEmpty(ticker)
        ratio = frame["Stock Splits"].to_numpy(np.float64)
        split = over & (ratio > 0)
        return {
            "zone": zone,
            "date": days[over].astype(str).tolist(),
            **{name: _plain(frame[theirs].to_numpy(np.float64)[over])
               for name, theirs in COLUMNS.items()},
            "splits": [[str(days[i]), float(ratio[i])] for i in np.flatnonzero(split)],
        }

    return _asked(ticker, ask)


def fetch_headlines(ticker: str, session: Any = None) -> list[list[str]]:
    """[time (ISO, UTC), headline] of the newest news about a ticker, in no certain order.

    Raises `UnknownTicker`, `QuotesUnavailable` and its kinds.
    """
    def ask(yfinance: Any) -> list[list[str]]:
        stories = yfinance.Ticker(ticker, session=session).get_news(count=HEADLINES)
        return [found for story in stories if (found := _headline(story))]

    return _asked(ticker, ask)


def _asked(ticker: str, ask: Any) -> Any:
    import yfinance

    logging.getLogger("yfinance").setLevel(logging.CRITICAL)  # errors are raised, not logged
    yfinance.config.debug.hide_exceptions = False
    _keep_nothing(yfinance.cache)
    try:
        return ask(yfinance)
    except InsideBertError:
        raise
    except Exception as error:
        # yfinance keeps some answers in memory, useless ones too
        yfinance.data.YfData.cache_get.cache_clear()
        raise _translated(error, ticker) from error


def _keep_nothing(cache: Any) -> None:
    """yfinance's own files: our answers are kept already, and a full disk would cost them."""
    cache._TzCacheManager._tz_cache = cache._TzCacheDummy()
    cache._CookieCacheManager._Cookie_cache = cache._CookieCacheDummy()


def _translated(error: Exception, ticker: str) -> InsideBertError:
    """What yfinance raised, as one of ours. curl_cffi's errors are all OSErrors too."""
    names = {kind.__name__ for kind in type(error).__mro__}
    status = getattr(getattr(error, "response", None), "status_code", None) or None
    if "YFRateLimitError" in names or status == 429:
        return QuotesLimited()
    if "YFTzMissingError" in names or status == 404:
        return UnknownTicker(ticker, "Yahoo Finance")
    if "YFPricesMissingError" in names:
        delisted = "No data found" in str(error)
        return UnknownTicker(ticker, "Yahoo Finance") if delisted else QuotesEmpty(ticker)
    if status is not None or isinstance(error, (ValueError, KeyError)) or "YFException" in names:
        return QuotesUnreadable()
    if isinstance(error, OSError):
        return QuotesOffline()
    if isinstance(error, (TypeError, IndexError)):  # a result that is null or an empty list
        return QuotesEmpty(ticker)
    return QuotesUnavailable()


def _headline(story: dict[str, Any]) -> list[str] | None:
    """[time, headline] of a story in yfinance's present shape or its older one."""
    content = story.get("content") or story
    title = str(content.get("title") or "").strip()[:MAX_CHARACTERS]
    moment = content.get("pubDate") or content.get("displayTime")
    try:
        if moment:
            at = datetime.fromisoformat(str(moment))
        else:
            at = datetime.fromtimestamp(int(content["providerPublishTime"]), UTC)
    except (KeyError, ValueError, OSError):
        return None
    at = at.astimezone(UTC) if at.tzinfo else at
    return [str(np.datetime64(at.replace(tzinfo=None), "s").astype(AT)), title] if title else None


def _plain(column: np.ndarray) -> list[float | None]:
    return [float(x) if np.isfinite(x) else None for x in column]
