"""StockNet: tweets with cashtags of 88 tickers, 2014 and 2015, and their daily prices.

Source: Xu and Cohen 2018, "Stock Movement Prediction from Tweets and Historical Prices".
"""

import csv
import io
import json
import lzma
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from sys import intern
from typing import IO

import numpy as np

from core.errors import BadColumn, BrokenTable, DataMissing, MissingColumn, UnknownTicker
from core.stocks.calendar import NEW_YORK
from core.stocks.checks import clean
from core.stocks.source import AT, DAY, NUMBERS, Finding, Prices, Tweets

TWEETS, PRICES = "tweets.csv", "prices.csv"
RAW_TWEETS, RAW_PRICES = Path("tweet", "raw"), Path("price", "raw")
TWITTER = "%a %b %d %H:%M:%S %z %Y"


class StockNet:
    """A folder with tweets.csv and prices.csv, or both as .csv.xz, or the authors' own folder
    (tweet/raw/TICKER/DAY with one JSON object a line, price/raw/TICKER.csv).

    tweets.csv : ticker, created_at (ISO 8601, UTC), text
    prices.csv : ticker, date, open, high, low, close, adj_close, volume

    Raises `DataMissing` when it is asked for what is not there.
    """

    name = "stocknet"

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder).expanduser()

    def tickers(self) -> tuple[str, ...]:
        return self._cleaned[0].tickers()

    def prices(self, tickers: Sequence[str]) -> Prices:
        known = set(self.tickers())
        for ticker in tickers:
            if ticker not in known:
                raise UnknownTicker(ticker, "StockNet")
        return self._cleaned[0].of(tickers)

    def tweets(self, tickers: Sequence[str]) -> Tweets:
        return self._tweets.of(tickers)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self._cleaned[1]

    @cached_property
    def _cleaned(self) -> tuple[Prices, tuple[Finding, ...]]:
        return clean(self._prices)

    @cached_property
    def _prices(self) -> Prices:
        if (self.folder / RAW_PRICES).is_dir():
            return _raw_prices(self.folder / RAW_PRICES)
        columns = _columns(_find(self.folder, PRICES), ("ticker", "date", *NUMBERS))
        return _as_prices(columns["ticker"], columns["date"], columns)

    @cached_property
    def _tweets(self) -> Tweets:
        if (self.folder / RAW_TWEETS).is_dir():
            return _raw_tweets(self.folder / RAW_TWEETS)
        columns = _columns(_find(self.folder, TWEETS), ("ticker", "created_at", "text"))
        at = _values(columns["created_at"], "created_at", _times)
        return Tweets.sorted(columns["ticker"], at, columns["text"])


def _find(folder: Path, name: str) -> Path:
    """The file, or the same one with .xz. Raises `DataMissing`."""
    for path in (folder / name, folder / f"{name}.xz"):
        if path.is_file():
            return path
    raise DataMissing(folder, name)


def _open(path: Path) -> IO[str]:
    if path.suffix == ".xz":
        return io.TextIOWrapper(lzma.open(path), encoding="utf-8", newline="")
    return open(path, encoding="utf-8-sig", newline="")


def _columns(path: Path, names: Sequence[str]) -> dict[str, list[str]]:
    """Those columns of a CSV. Raises `MissingColumn`, `BrokenTable`."""
    with _open(path) as file:
        reader = csv.reader(file)
        try:
            header = next(reader, [])
            for name in names:
                if name not in header:
                    raise MissingColumn(name, header)
            places = [header.index(name) for name in names]
            rows = [[row[place] for place in places] for row in reader if row]
        except IndexError as error:
            raise BrokenTable(reader.line_num) from error
        except (csv.Error, UnicodeError, lzma.LZMAError, EOFError) as error:
            raise BrokenTable(reader.line_num + 1) from error
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    columns["ticker"] = [intern(ticker) for ticker in columns["ticker"]]
    return columns


def _as_prices(ticker: list[str], date: list[str], columns: dict[str, list[str]]) -> Prices:
    """Raises `BadColumn`."""
    numbers = {name: _values(columns[name], name, _numbers) for name in NUMBERS}
    return Prices.sorted(ticker, _values(date, "date", _days), NEW_YORK, **numbers)


def _values(
    cells: Sequence[str], column: str, convert: Callable[[Sequence[str]], np.ndarray]
) -> np.ndarray:
    """(n,): each cell's value. Raises `BadColumn` with the first that has none."""
    try:
        return convert(cells)
    except ValueError:
        for cell in cells:
            try:
                convert([cell])
            except ValueError as error:
                raise BadColumn(column, column, cell) from error
        raise


def _numbers(cells: Sequence[str]) -> np.ndarray:
    """Yahoo wrote null where it had nothing."""
    return np.array([float("nan") if cell in ("", "null") else float(cell) for cell in cells])


def _days(cells: Sequence[str]) -> np.ndarray:
    return np.array(cells, DAY)


def _times(cells: Sequence[str]) -> np.ndarray:
    return np.array([cell.rstrip("Z") for cell in cells], AT)


def _raw_prices(folder: Path) -> Prices:
    """The authors' Date,Open,High,Low,Close,Adj Close,Volume, one file a ticker."""
    tickers: list[str] = []
    days: list[str] = []
    numbers: dict[str, list[str]] = {name: [] for name in NUMBERS}
    for path in sorted(folder.glob("*.csv")):
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                tickers.append(intern(path.stem))
                days.append(row["Date"])
                for name in NUMBERS:
                    numbers[name].append(row[name.replace("_", " ").title()])
    if not tickers:
        raise DataMissing(folder, "*.csv")
    return _as_prices(tickers, days, numbers)


def _raw_tweets(folder: Path) -> Tweets:
    """The authors' files of JSON objects with `text` and `created_at`."""
    found = [
        (intern(path.parent.name), datetime.strptime(tweet["created_at"], TWITTER).timestamp(),
         tweet["text"])
        for path in sorted(folder.glob("*/*"))
        for tweet in _objects(path)
    ]
    at = np.array([int(moment) for _, moment, _ in found], np.int64).astype(AT)
    return Tweets.sorted([row[0] for row in found], at, [row[2] for row in found])


def _objects(path: Path) -> Iterator[dict[str, str]]:
    """The tweets of a file. Raises `BrokenTable`."""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                tweet = json.loads(line)
                yield {"text": str(tweet["text"]), "created_at": str(tweet["created_at"])}
            except (ValueError, KeyError, TypeError) as error:
                raise BrokenTable(number) from error
