"""Which rows are learned from and which are judged: never a day on both sides, but on purpose."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.errors import TooFewDays
from core.stocks.features import LONGEST, Features

LEAST_DAYS = 60
HORIZON = 1  # the label is known a trading day later
GAP = LONGEST + HORIZON - 1
INNER = 2
TRAIN_TO, VALID_TO, TEST_TO = (
    int(np.datetime64(day, "D").astype(int)) for day in ("2015-08-01", "2015-10-01", "2016-01-01")
)

Inner = tuple[tuple[np.ndarray, np.ndarray], ...]


@dataclass(frozen=True)
class Cut:
    """Places in the features: what is learned from, what is judged.

    inner : pairs to learn from and to judge, on which hyper-parameters are chosen; never `test`
    """

    train: np.ndarray
    test: np.ndarray
    inner: Inner


def cuts(found: Features, split: str, folds: int = 5, seed: int = 0) -> tuple[Cut, ...]:
    """The folds of a split by its name. Raises `TooFewDays`."""
    days = len(np.unique(found.day))
    if days < LEAST_DAYS:
        raise TooFewDays(days, LEAST_DAYS)
    if split == "stocknet":
        return stocknet(found)
    if split == "random":
        return dealt_out(found, folds, seed)
    return walk_forward(found, folds)


def walk_forward(found: Features, folds: int = 5) -> tuple[Cut, ...]:
    """Expanding window over the days; `GAP` days between what is learned and what is judged.

    A label of day d needs d + 1, a window of w days reaches back to d - w + 1: with the gap
    the two sides have no day in common.

    Source: Bergmeir and Benitez 2012; scikit-learn's TimeSeriesSplit.
    """
    return tuple(
        Cut(train, test, _inside(train, by_days(found.day[train], INNER)))
        for train, test in by_days(found.day, folds)
    )


def by_days(day: np.ndarray, folds: int) -> Inner:
    """TimeSeriesSplit on the different days, as places of the rows."""
    from sklearn.model_selection import TimeSeriesSplit

    days, place = np.unique(day, return_inverse=True)
    gap = min(GAP, len(days) // (folds + 1) - 1)
    return tuple(
        (
            np.flatnonzero(place <= train[-1]),
            np.flatnonzero((place >= test[0]) & (place <= test[-1])),
        )
        for train, test in TimeSeriesSplit(n_splits=folds, gap=gap).split(days)
    )


def stocknet(found: Features) -> tuple[Cut, ...]:
    """The three periods by the label's day: learned from, chosen on, judged.

    Raises `TooFewDays` where a period is empty. Source: Xu and Cohen 2018, section 3.
    """
    train = np.flatnonzero(found.target < TRAIN_TO)
    valid = np.flatnonzero((found.target >= TRAIN_TO) & (found.target < VALID_TO))
    test = np.flatnonzero((found.target >= VALID_TO) & (found.target < TEST_TO))
    for part in (train, valid, test):
        if not len(part):
            raise TooFewDays(0, LEAST_DAYS)
    return (Cut(train, test, ((train, valid),)),)


def dealt_out(found: Features, folds: int = 5, seed: int = 0) -> tuple[Cut, ...]:
    """Rows dealt out blindly: the same day, seen from another ticker, stands on both sides."""
    from sklearn.model_selection import KFold

    made = []
    for train, test in KFold(folds, shuffle=True, random_state=seed).split(found.x):
        inner = KFold(INNER, shuffle=True, random_state=seed).split(train)
        made.append(Cut(train, test, _inside(train, inner)))
    return tuple(made)


def _inside(places: np.ndarray, pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> Inner:
    return tuple((places[learn], places[judge]) for learn, judge in pairs)
