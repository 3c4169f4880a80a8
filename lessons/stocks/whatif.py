"""One day once more: the classifier that judged it, its neighbours, and one text added to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from core.engine.cache import SharedCache
from core.stocks import classifiers, splits
from core.stocks.classifiers import GRIDS, NOTHING, Part, told
from core.stocks.daily import BEFORE
from core.stocks.evaluation import Report, Settings, pools
from core.stocks.features import Features, features
from core.stocks.learned import Linear, Tree, neighbours
from core.stocks.readings import NEGATIVE, POSITIVE
from core.stocks.source import frozen
from core.stocks.splits import Cut
from core.stocks.table import DayTable

NEAR = 5  # neighbours shown
KEPT = 12  # classifiers that stay fitted
WAIT = 60.0
_fitted = SharedCache(KEPT, size=lambda _: 1)


@dataclass(frozen=True)
class Judge:
    """The classifier that judged a fold: as the report keeps it, else fitted again as it was.

    found : what it could see of the whole table; train : places in `found` that it learned from
    """

    classifier: str
    window: int
    fold: int
    estimator: Any
    found: Features
    train: np.ndarray

    def score(self, x: np.ndarray, up_today: int) -> float:
        """Above 0 is up. x : float32 (F,)"""
        if isinstance(self.estimator, Linear | Tree):
            return float(self.estimator.score(x[None])[0])
        part = Part(x[None], np.zeros(1, np.int8), np.array([up_today], np.int8))
        return float(classifiers.scores(self.estimator, self.classifier, part)[0])


@dataclass(frozen=True)
class Near:
    """A day much like another. row : of the table; up : whether it then went up"""

    row: int
    distance: float
    up: bool


@dataclass(frozen=True)
class Changed:
    """A number of a day before and after a text was added to it."""

    name: str
    before: float
    after: float


@dataclass(frozen=True)
class Moved:
    """before, after : the score without and with the text, above 0 is up
    changed : the numbers of the day that the text moved
    stored : the score of the evaluation itself, for comparison with `before`
    """

    before: float
    after: float
    stored: float
    changed: tuple[Changed, ...]


def judge_of(
    key: Any, table: DayTable, tickers: Sequence[str], report: Report, classifier: str,
    window: int, row: int,
) -> Judge:
    """Who judged a row of the table. key : names the table and the report; of equal keys a
    classifier is fitted once."""
    found = seen(table, tickers, report.settings, window)
    parts = _parts(found, report.settings)
    place = place_of(found, row)
    at = next(i for i, (_, cut) in enumerate(parts) if place in cut.test)
    judge: Judge = _fitted.get(
        (key, classifier, window, at),
        lambda: _fit(found, parts[at], report, classifier, window, at), WAIT,
    )
    return judge


def _parts(found: Features, settings: Settings) -> list[tuple[int, Cut]]:
    """(fold, what one classifier learned from and judged), in the order of an evaluation."""
    cuts = splits.cuts(found, settings.split, settings.folds, settings.seed)
    return [
        (fold, part) for fold, cut in enumerate(cuts) for part in pools(found, cut, settings.pool)
    ]


def _fit(
    found: Features, part: tuple[int, Cut], report: Report, classifier: str, window: int, at: int
) -> Judge:
    fold, cut = part
    kept = next((one for one in report.learned
                 if (one.classifier, one.window) == (classifier, window)), None)
    if kept is not None and fold == len(report.folds) - 1:
        return Judge(classifier, window, fold, kept, found, cut.train)
    params = _params(classifier, report.row(classifier, window).chosen[at])
    learn = Part(found.x, found.y, found.up_today).at(cut.train)
    estimator = classifiers.fit(classifier, params, learn, "cpu", report.settings.seed)
    return Judge(classifier, window, fold, estimator, found, cut.train)


def seen(
    table: DayTable, tickers: Sequence[str], settings: Settings, window: int
) -> Features:
    """What the classifiers of an evaluation saw, its teaching switches thrown."""
    found = features(
        table, window, settings.sets, settings.rule, settings.least_tweets, tickers
    )
    if settings.constant:
        found = found.constant()
    return found.shuffled(settings.seed) if settings.shuffled else found


def _params(classifier: str, chosen: str) -> Mapping[str, Any]:
    """The entry of the grid that an evaluation's row names."""
    return next(p for p in GRIDS.get(classifier, NOTHING) if told(p) == chosen)


def place_of(found: Features, row: int) -> int:
    """Where a row of the table stands among the features."""
    return int(np.searchsorted(found.rows, row))


def near(judge: Judge, row: int, k: int = NEAR) -> tuple[Near, ...]:
    """The learned days most like the row's, nearest first."""
    x = judge.found.x
    places, distance = neighbours(x[judge.train], x[place_of(judge.found, row)], k)
    learned = judge.train[places]
    return tuple(
        Near(int(judge.found.rows[place]), float(d), bool(judge.found.y[place]))
        for place, d in zip(learned, distance, strict=True)
    )


def with_text(
    table: DayTable, row: int, probabilities: np.ndarray, vector: np.ndarray
) -> DayTable:
    """The table with one more text on the day of `row`; nothing of another day changes.

    probabilities : float32 (3,), negative, neutral, positive; vector : float32 (16,), projected

    With n texts so far and s = P(positive) - P(negative) of the new one:
    mean' = (n mean + s) / (n + 1), and so for the mean of squares, the shares and the vector.
    """
    n = int(table.tweets[row])
    said = float(probabilities[POSITIVE] - probabilities[NEGATIVE])
    called = int(probabilities.argmax())

    def mixed(name: str, new: Any) -> Any:
        old = np.nan_to_num(np.asarray(getattr(table, name)[row], np.float64))
        return (n * old + new) / (n + 1)

    mean = mixed("mean", said)
    old_square = float(np.nan_to_num(table.spread[row]) ** 2 + np.nan_to_num(table.mean[row]) ** 2)
    square = (n * old_square + said**2) / (n + 1)
    new = {
        "tweets": n + 1,
        "mean": mean,
        "spread": np.sqrt(max(0.0, square - mean**2)),
        "positive": mixed("positive", float(called == POSITIVE)),
        "negative": mixed("negative", float(called == NEGATIVE)),
        "change": mean - _mean_before(table, row),
        "vector": mixed("vector", vector.astype(np.float64)),
    }
    columns = {}
    for name, value in new.items():
        column = np.array(getattr(table, name))
        column[row] = value
        columns[name] = frozen(column)
    return replace(table, **columns)


def _mean_before(table: DayTable, row: int) -> float:
    """The mean over the texts of the trading days before, NaN without."""
    first = max(0, row - BEFORE)
    own = table.ticker[first:row] == table.ticker[row]
    count = table.tweets[first:row][own].astype(np.float64)
    total = count @ np.nan_to_num(table.mean[first:row][own].astype(np.float64))
    return float(total / count.sum()) if count.sum() else float("nan")


def moved(
    judge: Judge, table: DayTable, tickers: Sequence[str], report: Report, row: int,
    probabilities: np.ndarray, vector: np.ndarray,
) -> Moved:
    """How a day's prediction moves when a text is added to it."""
    after = with_text(table, row, probabilities, vector)
    found = seen(after, tickers, report.settings, judge.window)
    place, new_place = place_of(judge.found, row), place_of(found, row)
    up_today = int(judge.found.up_today[place])
    x, new_x = judge.found.x[place], found.x[new_place]
    said = report.said(judge.classifier, judge.window)
    at = int(np.flatnonzero(said.rows == row)[0])
    return Moved(
        judge.score(x, up_today), judge.score(new_x, up_today), float(said.score[at]),
        _changes(table, after, row),
    )


def _changes(before: DayTable, after: DayTable, row: int) -> tuple[Changed, ...]:
    return tuple(
        Changed(f.name, float(getattr(before, f.name)[row]), float(getattr(after, f.name)[row]))
        for f in fields(DayTable)
        if f.name in ("tweets", "mean", "spread", "positive", "negative", "change")
    )
