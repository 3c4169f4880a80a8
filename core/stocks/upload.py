"""Texts and prices out of a learner's CSV files."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from core.contract import MAX_CHARACTERS
from core.errors import BadColumn, MissingColumn, UnknownTicker
from core.stocks.calendar import NEW_YORK, find_zone, to_utc
from core.stocks.checks import clean
from core.stocks.csvs import Table
from core.stocks.dates import Order, day_first, decimal_comma, parse_number, parse_time
from core.stocks.mapping import NEEDED, ROLES, Kind
from core.stocks.source import AT, DAY, NUMBERS, Finding, Prices, Tweets

MIDNIGHT = np.timedelta64(24 * 3600 - 1, "s")  # a day alone: public by its end, no sooner
T = TypeVar("T")
EUROPEAN = re.compile(r"-?(\d{1,3}(\.\d{3})+|\d*)(,\d+)?")
HALF = 0.5  # a column of which more values are not understood does not hold what it should


def read_tweets(
    table: Table, columns: Mapping[str, str], *, ticker: str = "", zone: str = "UTC",
    order: Order = "auto",
) -> tuple[Tweets, tuple[Finding, ...]]:
    """The texts of a table, and what was odd about it.

    columns : role -> column, as `guess` gives them; roles left out or "" are not read
    ticker : of all texts where no column tells
    zone : of times that are written without one
    order : which comes first in 01/02/2014; "auto" looks at all of the column

    A day without a time counts as its last second in that zone, which never looks ahead.

    Raises `MissingColumn`, `BadColumn`, `BrokenTable`, `UnknownZone`.
    """
    cells = _cells(table, columns, "texts", ticker)
    find_zone(zone)
    notes: list[Finding] = []
    dates = cells["date"]
    if "time" in cells:
        dates = [f"{day} {clock}".strip() for day, clock in zip(dates, cells["time"], strict=True)]
    order = _order(cells["date"], order, notes)
    moments = _parsed(dates, lambda cell: parse_time(cell, order), "date", columns["date"])
    keep = [i for i, moment in enumerate(moments) if moment and cells["text"][i]]
    _tell_dropped(len(keep), len(dates), notes)
    kept = [moment for i in keep if (moment := moments[i])]
    at = np.array([moment.at for moment in kept], AT)
    whole = np.array([not moment.has_clock for moment in kept], bool)
    local = np.array([not moment.exact_zone for moment in kept], bool)
    at[whole] += MIDNIGHT
    at[local] = to_utc(at[local], zone)
    if whole.any():
        notes.append(Finding.of("no_time", count=int(whole.sum()), of=len(keep)))
    long = sum(len(cells["text"][i]) > MAX_CHARACTERS for i in keep)
    if long:
        notes.append(Finding.of("texts_cut", count=long, limit=MAX_CHARACTERS))
    names = _names(cells, keep, ticker)
    texts = [cells["text"][i][:MAX_CHARACTERS] for i in keep]
    return Tweets.sorted(names, at, texts), tuple(notes)


def read_prices(
    table: Table, columns: Mapping[str, str], *, ticker: str = "", zone: str = NEW_YORK,
    order: Order = "auto",
) -> tuple[Prices, tuple[Finding, ...]]:
    """The prices of a table, cleaned (`checks.clean`), and what was odd about it.

    columns, ticker, order : as in `read_tweets`
    zone : the exchange's, which says when its days close

    Raises `MissingColumn`, `BadColumn`, `BrokenTable`, `UnknownZone`.
    """
    cells = _cells(table, columns, "prices", ticker)
    find_zone(zone)
    notes: list[Finding] = []
    order = _order(cells["date"], order, notes)
    moments = _parsed(cells["date"], lambda cell: parse_time(cell, order), "date", columns["date"])
    keep = [i for i, moment in enumerate(moments) if moment]
    _tell_dropped(len(keep), len(moments), notes)
    numbers = {
        name: _column(table, cells[name], name, columns[name])[keep]
        for name in NUMBERS if name in cells
    }
    if "adj_close" not in numbers:
        notes.append(Finding.of("close_only", column=columns["close"]))
    days = np.array([moment.at for i in keep if (moment := moments[i])], AT).astype(DAY)
    prices, cleaned = clean(Prices.sorted(_names(cells, keep, ticker), days, zone, **numbers))
    return prices, (*notes, *cleaned)


class Upload:
    """What was uploaded, as a source."""

    name = "upload"

    def __init__(
        self, prices: Prices, tweets: Tweets, findings: tuple[Finding, ...] = ()
    ) -> None:
        self._prices, self._tweets, self._findings = prices, tweets, findings

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self._findings

    def tickers(self) -> tuple[str, ...]:
        return self._prices.tickers()

    def prices(self, tickers: Sequence[str]) -> Prices:
        known = set(self.tickers())
        for ticker in tickers:
            if ticker not in known:
                raise UnknownTicker(ticker, "the uploaded file")
        return self._prices.of(tickers)

    def tweets(self, tickers: Sequence[str]) -> Tweets:
        return self._tweets.of(tickers)


def _cells(
    table: Table, columns: Mapping[str, str], kind: Kind, ticker: str
) -> dict[str, list[str]]:
    """Role -> cells of the columns that are mapped. Raises `MissingColumn`."""
    needed = NEEDED[kind] if ticker.strip() else (*NEEDED[kind], "ticker")
    for role in needed:
        if not columns.get(role):
            raise MissingColumn(role, table.columns)
    roles = [role for role in ROLES[kind] if columns.get(role)]
    rows = table.read([columns[role] for role in roles])
    return {role: [row[i] for row in rows] for i, role in enumerate(roles)}


def _order(cells: Sequence[str], order: Order, notes: list[Finding]) -> Order:
    if order != "auto":
        return order
    first = day_first(cells)
    if first is None:
        notes.append(Finding.of("order_unclear", example=next(filter(None, cells), "")))
    return "day" if first else "month"


def _parsed(
    cells: Sequence[str], parse: Callable[[str], T | None], role: str, column: str
) -> list[T | None]:
    """Each cell's value, None where there is none. Raises `BadColumn` when most have none."""
    found: list[T | None] = []
    wrong: list[str] = []
    for cell in cells:
        try:
            found.append(parse(cell))
        except ValueError:
            found.append(None)
        if found[-1] is None:
            wrong.append(cell)
    if not cells or len(wrong) > HALF * len(cells):
        raise BadColumn(role, column, wrong[0] if wrong else "")
    return found


def _column(table: Table, cells: list[str], role: str, column: str) -> np.ndarray:
    """float64 (n,): the numbers of a column, NaN where a cell holds none. Raises `BadColumn`."""
    # where commas cannot part cells, they part decimals as soon as no cell speaks against it
    comma = decimal_comma(cells) or (
        table.delimiter == ";" and all(EUROPEAN.fullmatch(cell) for cell in cells)
    )
    found = _parsed(cells, lambda cell: parse_number(cell, comma), role, column)
    return np.array([np.nan if x is None else x for x in found])


def _names(cells: Mapping[str, list[str]], keep: Sequence[int], ticker: str) -> list[str]:
    """The ticker of each row, as AAL for $aal."""
    given = ticker.strip().lstrip("$").upper()
    column = cells.get("ticker")
    return [(column[i].lstrip("$").upper() if column else "") or given or "?" for i in keep]


def _tell_dropped(kept: int, rows: int, notes: list[Finding]) -> None:
    if kept < rows:
        notes.append(Finding.of("rows_dropped", count=rows - kept, of=rows))
