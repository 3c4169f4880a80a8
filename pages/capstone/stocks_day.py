"""The day that is looked at closely, and where it stands in the source."""

from dataclasses import dataclass

import numpy as np

from core.stocks.evaluation import Predicted
from pages.capstone.stocks_work import Found


@dataclass(frozen=True)
class Day:
    """The chosen day: `row` of the table, place `at` among the predictions."""

    found: Found
    said: Predicted
    ticker: str
    row: int
    at: int

    @property
    def date(self) -> str:
        return str(self.found.result.table.date[self.row])

    @property
    def fold(self) -> int:
        return int(self.said.fold[self.at])


def row_in(found: Found, row: int) -> int:
    """A row of the result's table, which may be a part, in the source's table."""
    part, whole = found.result.table, found.opened.table
    if len(part) == len(whole):
        return row
    same = (whole.ticker == part.ticker[row]) & (whole.date == part.date[row])
    return int(np.flatnonzero(same)[0])
