"""From the table of days to what a classifier sees: rows, columns with names, labels.

Everything in a row was known at the close of its day; a window of w days holds that day and the
w - 1 trading days before it of the same ticker.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.stocks.align import DOWN, UP, Rule
from core.stocks.source import frozen
from core.stocks.table import WIDTH, DayTable

LONGEST = 3  # days; rows without so much history are left out whatever the window
SETS = ("sentiment", "vectors", "prices", "market")
_SENTIMENT = ("tweets", "mean", "spread", "positive", "negative", "change")
_PRICES = ("return_1", "return_5", "return_20", "volatility", "volume_change")


@dataclass(frozen=True)
class Features:
    """m rows of F features, in the table's order.

    x : float32 (m, F); names : F names, "mean" of the day itself, "mean-1" of the day before
    y : int8 (m,), 1 up, 0 not
    rows : int64 (m,), places in the table
    day : int64 (m,), days since 1970; target : int64 (m,), those of the label's day
    up_today : int8 (m,), whether the last move that is known was up
    sector : <U (m,)
    """

    x: np.ndarray
    names: tuple[str, ...]
    y: np.ndarray
    rows: np.ndarray
    day: np.ndarray
    target: np.ndarray
    up_today: np.ndarray
    sector: np.ndarray

    def __len__(self) -> int:
        return len(self.y)

    def constant(self) -> "Features":
        """Every feature 1: nothing left to learn but how often it goes up."""
        return replace(self, x=np.ones_like(self.x))

    def shuffled(self, seed: int) -> "Features":
        """Labels dealt out anew to other days."""
        return replace(self, y=np.random.default_rng(seed).permutation(self.y))


def labels(table: DayTable, rule: Rule = "direction") -> np.ndarray:
    """float32 (n,): 1 up, 0 not, NaN where there is no next day or the rule drops the move.

    The same rules as `align.labels`.
    """
    move = table.next_return
    if rule == "direction":
        return np.where(np.isnan(move), np.nan, (move > 0).astype(np.float32))
    return np.select([move >= UP, move <= DOWN], [1.0, 0.0], np.nan).astype(np.float32)


def usable(table: DayTable, rule: Rule = "direction", least_tweets: int = 1) -> np.ndarray:
    """bool (n,): rows with a label, `LONGEST` days of history and enough texts.

    The same for every window, so that windows are compared on the same days.
    """
    start = np.maximum.accumulate(np.where(table.starts(), np.arange(len(table)), 0))
    history = np.arange(len(table)) - start
    return (
        ~np.isnan(labels(table, rule)) & (history >= LONGEST - 1) & (table.tweets >= least_tweets)
    )


def features(
    table: DayTable, window: int = 1, sets: Sequence[str] = ("sentiment", "vectors", "prices"),
    rule: Rule = "direction", least_tweets: int = 1, tickers: Sequence[str] = (),
) -> Features:
    """The rows that can be used, of some tickers or all.

    A day without texts has sentiment 0 and a zero vector beside a count of 0.
    """
    columns, names = _daily(table, sets)
    keep = usable(table, rule, least_tweets)
    if tickers:
        keep &= np.isin(table.ticker, list(tickers))
    rows = np.flatnonzero(keep)
    x = np.concatenate([columns[rows - lag] for lag in range(window)], axis=1)  # (m, w F)
    lagged = tuple(n if not lag else f"{n}-{lag}" for lag in range(window) for n in names)
    return Features(
        frozen(x), lagged, frozen(labels(table, rule)[rows].astype(np.int8)), frozen(rows),
        frozen(table.date[rows].astype(np.int64)), frozen(table.next_date[rows].astype(np.int64)),
        frozen((table.return_1[rows] > 0).astype(np.int8)), frozen(table.sector[rows]),
    )


def _daily(table: DayTable, sets: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """float32 (n, F) of one day each, and the names."""
    parts: list[np.ndarray] = []
    names: list[str] = []
    if "sentiment" in sets:
        own = [getattr(table, name) for name in _SENTIMENT]
        own[0] = np.log1p(own[0])
        parts.append(np.stack(own, axis=1))
        names += _SENTIMENT
    if "vectors" in sets:
        parts.append(table.vector.astype(np.float32))
        names += [f"vector {i}" for i in range(1, WIDTH + 1)]
    if "prices" in sets:
        parts.append(np.stack([getattr(table, name) for name in _PRICES], axis=1))
        names += _PRICES
    if "market" in sets:
        market = [_mean_of_day(table, getattr(table, name)) for name in ("return_1", "mean")]
        parts.append(np.stack(market, axis=1))
        names += ["market return", "market mean"]
    if not parts:
        return np.ones((len(table), 1), np.float32), ("constant",)
    return np.nan_to_num(np.concatenate(parts, axis=1).astype(np.float32)), tuple(names)


def _mean_of_day(table: DayTable, column: np.ndarray) -> np.ndarray:
    """float64 (n,): the mean over all tickers of the same day, NaN left out."""
    _, day = np.unique(table.date, return_inverse=True)
    there = ~np.isnan(column)
    total = np.bincount(day[there], column[there], day.max(initial=-1) + 1)
    count = np.bincount(day[there], minlength=day.max(initial=-1) + 1)
    return (total / np.maximum(count, 1))[day]
