"""What every source of prices and tweets hands over: columns, sorted by ticker, then time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

AT, DAY = np.dtype("datetime64[s]"), np.dtype("datetime64[D]")
NUMBERS = ("open", "high", "low", "close", "adj_close", "volume")


@dataclass(frozen=True)
class Finding:
    """Something about the data that the learner should know, for the page to say.

    code : `stocks_found_<code>` is its sentence in the interface catalogue
    facts : the sentence's placeholders
    """

    code: str
    facts: tuple[tuple[str, object], ...] = ()

    @classmethod
    def of(cls, code: str, **facts: object) -> Self:
        return cls(code, tuple(facts.items()))


@dataclass(frozen=True)
class Tweets:
    """n texts about tickers: tweets, or headlines, which are treated alike.

    ticker : n names
    at : datetime64[s] (n,), when the text was public, UTC
    text : n texts as they were written
    """

    ticker: tuple[str, ...]
    at: np.ndarray
    text: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ticker)

    @classmethod
    def sorted(cls, ticker: Sequence[str], at: np.ndarray, text: Sequence[str]) -> Self:
        """The same texts in order of ticker and time; equal times keep their order."""
        at = np.asarray(at, AT)
        order = np.lexsort((at, ranks(ticker)))
        return cls(
            tuple(ticker[i] for i in order), frozen(at[order]), tuple(text[i] for i in order)
        )

    @classmethod
    def empty(cls) -> Self:
        return cls((), frozen(np.empty(0, AT)), ())

    def of(self, tickers: Sequence[str]) -> "Tweets":
        """Only the texts about these tickers."""
        wanted = set(tickers)
        keep = [i for i, ticker in enumerate(self.ticker) if ticker in wanted]
        return Tweets(
            tuple(self.ticker[i] for i in keep), frozen(self.at[keep]),
            tuple(self.text[i] for i in keep),
        )

    def blocks(self) -> dict[str, slice]:
        """Where each ticker's texts lie."""
        return _blocks(self.ticker)


@dataclass(frozen=True)
class Prices:
    """One row a ticker and trading day.

    ticker : n names
    date : datetime64[D] (n,), the trading day where the exchange is
    open, high, low, close : float64 (n,), as traded (live and StockNet: adjusted for splits)
    adj_close : float64 (n,), close adjusted for splits and dividends as well
    volume : float64 (n,), shares; NaN where the source has none
    zone : the exchange's time zone, which says when a day closes (core/stocks/calendar.py)
    """

    ticker: tuple[str, ...]
    date: np.ndarray
    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    adj_close: np.ndarray
    volume: np.ndarray
    zone: str = "America/New_York"

    def __len__(self) -> int:
        return len(self.ticker)

    @classmethod
    def sorted(
        cls, ticker: Sequence[str], date: np.ndarray, zone: str = "America/New_York",
        **numbers: np.ndarray,
    ) -> Self:
        """The same rows in order of ticker and day, equal days in the order given.

        A column left out is filled: adj_close from close, open, high and low from close,
        volume with NaN.
        """
        date = np.asarray(date, DAY)
        order = np.lexsort((date, ranks(ticker)))
        close = np.asarray(numbers["close"], np.float64)
        columns = {
            name: np.asarray(numbers.get(name, close), np.float64) for name in NUMBERS
        }
        if "volume" not in numbers:
            columns["volume"] = np.full(len(close), np.nan)
        return cls(
            tuple(ticker[i] for i in order), frozen(date[order]),
            **{name: frozen(column[order]) for name, column in columns.items()}, zone=zone,
        )

    @classmethod
    def empty(cls) -> Self:
        return cls.sorted((), np.empty(0, DAY), close=np.empty(0))

    def tickers(self) -> tuple[str, ...]:
        """Each ticker once, in order."""
        return tuple(self.blocks())

    def of(self, tickers: Sequence[str]) -> "Prices":
        """Only the rows of these tickers."""
        wanted = set(tickers)
        return self.rows(np.array([ticker in wanted for ticker in self.ticker], bool))

    def rows(self, keep: np.ndarray) -> "Prices":
        """The rows where `keep`, bool (n,), is set, or at these places, int (m,)."""
        places = np.flatnonzero(keep) if keep.dtype == bool else keep
        columns = {name: frozen(getattr(self, name)[places]) for name in ("date", *NUMBERS)}
        return Prices(tuple(self.ticker[i] for i in places), **columns, zone=self.zone)

    def blocks(self) -> dict[str, slice]:
        """Where each ticker's rows lie."""
        return _blocks(self.ticker)


class Source(Protocol):
    """Where prices and texts come from. All methods raise `InsideBertError` alone."""

    name: str

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was cleaned, or how old the answers are."""
        ...

    def tickers(self) -> tuple[str, ...]:
        """What can be asked for; empty where any ticker may be tried."""
        ...

    def prices(self, tickers: Sequence[str]) -> Prices:
        """One row a ticker and day, each with a close. Raises `UnknownTicker`."""
        ...

    def tweets(self, tickers: Sequence[str]) -> Tweets:
        """May be empty."""
        ...


def _blocks(ticker: tuple[str, ...]) -> dict[str, slice]:
    """Where each run of equal names lies."""
    starts = [i for i, name in enumerate(ticker) if not i or name != ticker[i - 1]]
    stops = [*starts, len(ticker)][1:]
    return {ticker[a]: slice(a, b) for a, b in zip(starts, stops, strict=True)}


def ranks(names: Sequence[str]) -> np.ndarray:
    """int64 (n,): each name's place among the names in order."""
    place = {name: rank for rank, name in enumerate(sorted(set(names)))}
    return np.fromiter((place[name] for name in names), np.int64, len(names))


def frozen(array: np.ndarray) -> np.ndarray:
    """The same array, read-only."""
    array.flags.writeable = False
    return array
