"""From prices, texts and what the model read in them to the table of days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.stocks.align import align, moves
from core.stocks.readings import NEGATIVE, POSITIVE, Read, Readings, read_all
from core.stocks.source import Prices, Source, Tweets, frozen
from core.stocks.table import WIDTH, DayTable
from core.stocks.watch import Tell

BEFORE = 5  # trading days that a day's sentiment is compared with
MONTH = 20  # trading days


@dataclass(frozen=True)
class Projection:
    """z = (v - center) directions^T: a day's mean vector on its directions of largest spread.

    center : float32 (H,); directions : float32 (16, H), each divided by the spread along it
    """

    center: np.ndarray
    directions: np.ndarray

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """float32 (n, H) -> (n, 16)."""
        return (vectors - self.center) @ self.directions.T


def fitted(vectors: np.ndarray) -> Projection:
    """Principal directions of some days' mean vectors, float32 (n, H), n > 16.

    Source: Hotelling 1933; the signs as in scikit-learn, the largest entry positive.
    """
    center = vectors.mean(axis=0)
    _, spread, found = np.linalg.svd((vectors - center).astype(np.float64), full_matrices=False)
    found, spread = found[:WIDTH], spread[:WIDTH] / np.sqrt(len(vectors) - 1)
    largest = np.abs(found).argmax(axis=1)
    found *= np.sign(found[np.arange(len(found)), largest])[:, None]
    return Projection(
        frozen(center.astype(np.float32)), frozen((found / spread[:, None]).astype(np.float32))
    )


def write_projection(projection: Projection, path: Path) -> None:
    np.savez_compressed(path, center=projection.center, directions=projection.directions)


def read_projection(path: Path) -> Projection:
    with np.load(path, allow_pickle=False) as stored:
        return Projection(frozen(stored["center"]), frozen(stored["directions"]))


def days_of(
    source: Source, tickers: Sequence[str], read: Read, projection: Projection, *, weights: str,
    sectors: Mapping[str, str] | None = None, cache: Path | None = None, tell: Tell | None = None,
) -> DayTable:
    """The table of a source's tickers, its texts read on the way.

    Raises `Cancelled`, and what the source and `read` raise.
    """
    prices, tweets = source.prices(tickers), source.tweets(tickers)
    readings, whose = read_all(tweets.text, read, weights=weights, cache=cache, tell=tell)
    return build(prices, tweets, readings, whose, projection, sectors)


def build(
    prices: Prices, tweets: Tweets, readings: Readings, whose: np.ndarray,
    projection: Projection, sectors: Mapping[str, str] | None = None,
) -> DayTable:
    """One row for each row of the prices, in their order.

    whose : int64 (texts,), the reading of each text
    """
    row, first = align(tweets, prices), _first(prices)
    found = _sentiment(row, readings, whose, first)
    vectors = mean_vectors(row, readings, whose, len(prices))
    # without any text the model was never asked, so that there is no width either
    vector = projection(vectors) if vectors.size else np.full((len(prices), WIDTH), np.nan)
    blocks = prices.blocks()
    next_date = np.full(len(prices), np.datetime64("NaT"), "datetime64[D]")
    for block in blocks.values():
        next_date[block.start : block.stop - 1] = prices.date[block][1:]
    return DayTable.of(
        ticker=prices.ticker, sector=[(sectors or {}).get(t, "") for t in prices.ticker],
        date=prices.date, next_date=next_date, vector=vector,
        close=prices.adj_close, next_return=moves(prices), **found, **_past(prices),
    )


def mean_vectors(
    row: np.ndarray, readings: Readings, whose: np.ndarray, n: int
) -> np.ndarray:
    """float32 (n, H): the mean vector of each row's texts, NaN without. row : of each text"""
    width = readings.vectors.shape[1]
    if not width:
        return np.full((n, 0), np.nan, np.float32)
    total, count = np.zeros((n + 1, width)), np.bincount(row, minlength=n + 1)[:, None]
    np.add.at(total, row, readings.vectors[whose])
    with np.errstate(invalid="ignore"):
        return (total / np.where(count, count, np.nan))[:n].astype(np.float32)


def _first(prices: Prices) -> np.ndarray:
    """int64 (n,): the first row of each row's ticker."""
    found = np.zeros(len(prices), np.int64)
    for block in prices.blocks().values():
        found[block] = block.start
    return found


def _sentiment(
    row: np.ndarray, readings: Readings, whose: np.ndarray, first: np.ndarray
) -> dict[str, np.ndarray]:
    """Counts and means over each row's texts; what was said at the close and before."""
    n = len(first)
    said = readings.sentiment[whose].astype(np.float64)
    called = readings.probabilities[whose].argmax(axis=1)

    def summed(column: np.ndarray) -> np.ndarray:
        return np.bincount(row, column, n + 1)[:n]

    count, total = summed(np.ones(len(row))), summed(said)
    some = np.where(count, count, np.nan)
    mean = total / some
    spread = np.sqrt(np.maximum(summed(said**2) / some - mean**2, 0.0))
    since = np.maximum(np.arange(n) - BEFORE, first)
    texts_before, total_before = _between(count, since), _between(total, since)
    return {
        "tweets": count, "mean": mean, "spread": spread,
        "positive": summed(called == POSITIVE) / some,
        "negative": summed(called == NEGATIVE) / some,
        "change": mean - total_before / np.where(texts_before, texts_before, np.nan),
    }


def _between(column: np.ndarray, since: np.ndarray) -> np.ndarray:
    """Sum of column[since_i] .. column[i - 1] for each i."""
    total = np.concatenate([[0.0], np.cumsum(column)])
    return total[np.arange(len(column))] - total[since]


def _past(prices: Prices) -> dict[str, np.ndarray]:
    """Moves, volatility and volume of what had been traded by the close."""
    n = len(prices)
    found = {name: np.full(n, np.nan) for name in (
        "return_1", "return_5", "return_20", "volatility", "volume_change",
    )}
    for block in prices.blocks().values():
        close = np.where(prices.adj_close[block] > 0, prices.adj_close[block], np.nan)
        for days in (1, 5, MONTH):
            found[f"return_{days}"][block] = _over(close, days)
        moved = found["return_1"][block]
        found["volatility"][block] = _rolling(moved, MONTH).std(axis=1)
        volume = np.where(prices.volume[block] > 0, prices.volume[block], np.nan)
        usual = np.concatenate([[np.nan], _rolling(volume, MONTH).mean(axis=1)[:-1]])
        found["volume_change"][block] = np.log(volume / usual)
    return found


def _over(close: np.ndarray, days: int) -> np.ndarray:
    before = np.concatenate([np.full(days, np.nan), close])[: len(close)]
    return close / before - 1


def _rolling(column: np.ndarray, days: int) -> np.ndarray:
    """float64 (n, days): each entry and those before it, NaN where there are none."""
    padded = np.concatenate([np.full(days - 1, np.nan), column])
    return np.lib.stride_tricks.sliding_window_view(padded, days)
