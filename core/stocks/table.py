"""The table of days: one row a ticker and trading day, with all that was known at its close."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np

from core.models.registry import ASSETS
from core.stocks.source import DAY, frozen

FOLDER = ASSETS / "stocks"
TABLE, PROJECTION, FACTS, SEARCH = "days.npz", "projection.npz", "days.json", "search.json"
CARD, END_TO_END = "README.md", "end_to_end.json"
WIDTH = 16
NUMBERS = (
    "close", "mean", "spread", "positive", "negative", "change",
    "return_1", "return_5", "return_20", "volatility", "volume_change", "next_return",
)


@dataclass(frozen=True)
class DayTable:
    """n rows, sorted by ticker, then date; the days of a ticker follow each other without a gap.

    ticker : <U (n,); sector : <U (n,), "" where unknown
    date : datetime64[D] (n,), the trading day at whose close everything but the label was known
    next_date : datetime64[D] (n,), the day of the label; NaT where there is none
    close : float32 (n,), adjusted close
    tweets : int32 (n,), texts that belong to the day
    mean, spread : float32 (n,), of P(positive) - P(negative) over the day's texts, NaN without
    positive, negative : float32 (n,), share of the texts that the head calls so, NaN without
    change : float32 (n,), mean minus that of the texts of the five trading days before, NaN
        where either is missing
    vector : float16 (n, 16), projected mean of the texts' vectors, NaN without texts
    return_1, return_5, return_20 : float32 (n,), move of the adjusted close over so many days
    volatility : float32 (n,), standard deviation of return_1 over 20 days
    volume_change : float32 (n,), ln of the volume over its mean of the 20 days before
    next_return : float32 (n,), the move that is to be predicted, NaN where there is none
    """

    ticker: np.ndarray
    sector: np.ndarray
    date: np.ndarray
    next_date: np.ndarray
    tweets: np.ndarray
    vector: np.ndarray
    close: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    positive: np.ndarray
    negative: np.ndarray
    change: np.ndarray
    return_1: np.ndarray
    return_5: np.ndarray
    return_20: np.ndarray
    volatility: np.ndarray
    volume_change: np.ndarray
    next_return: np.ndarray

    def __len__(self) -> int:
        return len(self.date)

    @classmethod
    def of(cls, **columns: Any) -> Self:
        """From columns in any float type; sorted already. A number left out is NaN."""
        n = len(columns["date"])
        none = np.full(n, np.nan, np.float32)
        made = {name: frozen(np.array(columns.get(name, none), np.float32)) for name in NUMBERS}
        return cls(
            ticker=frozen(np.array(columns["ticker"], np.str_)),
            sector=frozen(np.array(columns.get("sector", [""] * n), np.str_)),
            date=frozen(np.array(columns["date"], DAY)),
            next_date=frozen(np.array(columns["next_date"], DAY)),
            tweets=frozen(np.array(columns.get("tweets", np.zeros(n)), np.int32)),
            vector=frozen(
                np.array(columns.get("vector", np.full((n, WIDTH), np.nan)), np.float16)
            ),
            **made,
        )

    def tickers(self) -> tuple[str, ...]:
        """Each ticker once, in order."""
        return tuple(map(str, np.unique(self.ticker)))

    def rows(self, keep: np.ndarray) -> "DayTable":
        """The rows where `keep`, bool (n,), is set, or at these places, int (m,)."""
        return DayTable(**{f.name: frozen(getattr(self, f.name)[keep]) for f in fields(self)})

    def between(self, start: str = "", end: str = "") -> "DayTable":
        """The rows of the days from `start` up to `end`, both included, "" for no bound."""
        keep = np.ones(len(self), bool)
        if start:
            keep &= self.date >= np.datetime64(start, "D")
        if end:
            keep &= self.date <= np.datetime64(end, "D")
        return self if keep.all() else self.rows(keep)

    def starts(self) -> np.ndarray:
        """bool (n,): the first row of each ticker."""
        return np.concatenate([[True], self.ticker[1:] != self.ticker[:-1]])[: len(self)]


def write(table: DayTable, path: Path) -> None:
    """One compressed file of plain arrays: names as numbers, days since 1970, no pickle."""
    names, ticker = np.unique(table.ticker, return_inverse=True)
    sectors, sector = np.unique(table.sector, return_inverse=True)
    arrays: dict[str, np.ndarray] = {
        "names": names, "ticker": ticker.astype(np.int16),
        "sectors": sectors, "sector": sector.astype(np.int16),
        "date": table.date.astype(np.int64).astype(np.int32),
        "next_date": np.where(
            np.isnat(table.next_date), -1, table.next_date.astype(np.int64)
        ).astype(np.int32),
        "tweets": table.tweets.astype(np.int16), "vector": table.vector,
        **{name: getattr(table, name) for name in NUMBERS},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"partial-{path.name}")
    np.savez_compressed(partial, **arrays)  # type: ignore[arg-type]
    partial.replace(path)


def read(path: Path) -> DayTable:
    """What `write` left. Raises FileNotFoundError, ValueError."""
    with np.load(path, allow_pickle=False) as stored:
        next_date = stored["next_date"].astype("datetime64[D]")
        next_date[stored["next_date"] < 0] = np.datetime64("NaT")
        return DayTable.of(
            ticker=stored["names"][stored["ticker"]], sector=stored["sectors"][stored["sector"]],
            date=stored["date"].astype("datetime64[D]"), next_date=next_date,
            tweets=stored["tweets"], vector=stored["vector"],
            **{name: stored[name] for name in NUMBERS},
        )


def joined(tables: Sequence[DayTable]) -> DayTable:
    """Tables of different tickers as one."""
    whole = {
        f.name: np.concatenate([getattr(t, f.name) for t in tables]) for f in fields(DayTable)
    }
    order = np.lexsort((whole["date"], whole["ticker"]))
    return DayTable(**{name: frozen(column[order]) for name, column in whole.items()})
