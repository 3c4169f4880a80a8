"""A source opened: its table of days, and its texts where it has them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from core.engine.protocol import Engine
from core.errors import TooManyTexts
from core.stocks import checks
from core.stocks.align import align
from core.stocks.daily import build, read_projection
from core.stocks.disk import cache_folder
from core.stocks.live import Live
from core.stocks.readings import by_engine, read_all, weights_of
from core.stocks.source import Finding, Prices, Source, Tweets
from core.stocks.stocknet import StockNet
from core.stocks.table import FOLDER, PROJECTION, DayTable
from core.stocks.watch import Tell
from lessons.stocks.lesson import Request, shipped, table_of

SETTING = "INSIDE_BERT_STOCKNET"  # StockNet's folder, where the server has it
KINDS = ("embedded", "stocknet", "live", "upload")
MOST_TEXTS = 20_000  # of an upload or of headlines, read for one learner
READINGS = "readings"


@dataclass(frozen=True)
class Opened:
    """table : its days; tweets : its texts, None where they are not there to be shown
    place : int64 (n,), the row of the table that each text belongs to, len(table) for none
    findings : what the learner should know of the data
    """

    table: DayTable
    tweets: Tweets | None = None
    place: np.ndarray | None = None
    findings: tuple[Finding, ...] = ()

    def texts(self, row: int, most: int) -> tuple[str, ...]:
        """The texts of a day, the last ones before the close, at most so many."""
        if self.tweets is None or self.place is None:
            return ()
        return tuple(self.tweets.text[i] for i in np.flatnonzero(self.place == row)[-most:])


def folder() -> Path | None:
    """StockNet's folder on this server, None where nothing names one."""
    named = os.environ.get(SETTING)
    return Path(named).expanduser() if named else None


@cache
def embedded() -> Opened:
    """The shipped table; the tweets are not shipped. Raises `DataMissing`."""
    return Opened(shipped())


def stocknet(engine: Engine, path: Path, tell: Tell | None = None) -> Opened:
    """StockNet's folder. The shipped table where it was made from these very files."""
    table = table_of(engine, Request(source=str(path)), tell)
    source = StockNet(path)
    tweets = source.tweets(table.tickers())
    return Opened(table, tweets, _places(tweets, table), source.findings)


def live(
    engine: Engine, symbols: Sequence[str], tell: Tell | None = None, session: object = None
) -> Opened:
    """Prices and headlines of today. Raises `UnknownTicker`, `QuotesUnavailable` and its kinds."""
    return read(engine, Live(tell=tell, session=session), symbols, tell)


def read(
    engine: Engine, source: Source, symbols: Sequence[str], tell: Tell | None = None
) -> Opened:
    """Any source, its texts read by the embedded model on the way. Raises `TooManyTexts`."""
    tickers = tuple(symbols) or source.tickers()
    prices = source.prices(tickers)
    known = prices.tickers()
    tweets = source.tweets(known)
    if len(tweets) > MOST_TEXTS:
        raise TooManyTexts(len(tweets), MOST_TEXTS)
    readings, whose = read_all(
        tweets.text, by_engine(engine), weights=weights_of(engine),
        cache=cache_folder() / READINGS, tell=tell,
    )
    table = build(prices, tweets, readings, whose, read_projection(FOLDER / PROJECTION))
    return Opened(table, tweets, _places(tweets, table), _findings(source, prices, tweets))


def _findings(source: Source, prices: Prices, tweets: Tweets) -> tuple[Finding, ...]:
    odd = (*checks.check_prices(prices), *checks.check_texts(tweets, prices))
    return (*source.findings, *odd)


def _places(tweets: Tweets, table: DayTable) -> np.ndarray:
    """int64 (n,): by the same rule that the table was made with."""
    days = Prices.sorted(
        [str(t) for t in table.ticker], table.date, close=table.close.astype(np.float64)
    )
    return align(tweets, days)
