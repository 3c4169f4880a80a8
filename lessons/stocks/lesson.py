"""Predict a stock's next day: what was known at the close, and who can tell more from it."""

from dataclasses import dataclass
from typing import Any

from core.engine.protocol import Engine
from core.stocks.evaluation import Report, Settings, evaluate
from core.stocks.reference import EXERCISE, STOCKNET, Published, Reference
from core.stocks.table import DayTable
from core.stocks.watch import Tell
from lessons.proof import Proof

ALL = "all"
EMBEDDED = "embedded"


@dataclass(frozen=True)
class Request:
    """ticker : one, several with commas, or "all"; source : "embedded" or a folder
    start, end : ISO days, "" for no bound; windows : days of input, "1,3"
    features : of `features.SETS`, with commas; labels, split, pool : as in `Settings`
    shuffled, constant : the teaching switches; every : days without texts too
    """

    ticker: str = ALL
    source: str = EMBEDDED
    start: str = ""
    end: str = ""
    windows: str = "1,3"
    features: str = "sentiment,vectors,prices"
    labels: str = "direction"
    split: str = "walk-forward"
    pool: str = "all"
    shuffled: bool = False
    constant: bool = False
    every: bool = False
    seed: int = 0
    model: str = "embedded"


@dataclass(frozen=True)
class Counts:
    """What goes along the pipeline's arrows.

    texts : tweets or headlines; tickers; days : rows of the table, ticker and day
    with_texts : of them with a text; rows : that a classifier can use; features : by window
    """

    texts: int
    tickers: int
    days: int
    with_texts: int
    rows: int
    features: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Result:
    """table : every ticker of the source in the days asked for; report : of the tickers asked for
    counts : of the tickers asked for; facts : days.json of an embedded table, else empty
    exercise, published : figures of others
    proof : accuracy, MCC and a logistic regression's scores once more, by hand
    """

    table: DayTable
    tickers: tuple[str, ...]
    counts: Counts
    report: Report
    facts: dict[str, Any]
    exercise: tuple[Reference, ...]
    published: tuple[Published, ...]
    proof: Proof


def run(engine: Engine, request: Request, tell: Tell | None = None) -> Result:
    """Raises `UnknownTicker`, `TooFewDays`, `TooFewTweetDays`, `OneDirection`, `Cancelled`."""
    raise NotImplementedError
