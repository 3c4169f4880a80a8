"""The way through the page: a great score, the reason for it, and what is left without it."""

from dataclasses import replace

import numpy as np

from core.stocks import splits
from core.stocks.evaluation import Report
from core.stocks.table import DayTable
from lessons.stocks.lesson import Request
from lessons.stocks.whatif import seen

STEPS = ("great", "why", "honest", "constant", "noise", "own")
_MARKET = replace(Request(), features="market", windows="1")
SETTINGS: dict[str, Request] = {
    "great": replace(_MARKET, split="random"),
    "why": replace(_MARKET, split="random"),
    "honest": _MARKET,
    "constant": replace(Request(), constant=True),
    "noise": replace(Request(), shuffled=True),
    "own": Request(),
}
CONTROLS = (
    "ticker", "source", "start", "end", "windows", "features", "labels", "split", "pool",
    "shuffled", "constant", "every",
)


def controls(step: str) -> dict[str, object]:
    """What the controls are set to at a step."""
    asked = SETTINGS[step]
    return {name: getattr(asked, name) for name in CONTROLS}


def shared_days(table: DayTable, tickers: tuple[str, ...], report: Report) -> float:
    """Share of the judged rows whose day also stands on the learning side."""
    settings = report.settings
    found = seen(table, tickers, settings, settings.windows[0])
    cuts = splits.cuts(found, settings.split, settings.folds, settings.seed)
    both = [np.isin(found.day[cut.test], found.day[cut.train]) for cut in cuts]
    return float(np.concatenate(both).mean())
