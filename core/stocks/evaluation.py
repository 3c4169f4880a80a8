"""Classifiers against days they have not seen: settings, rows, predictions."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from core.errors import OneDirection, TooFewDays, TooFewTweetDays
from core.stocks import classifiers, splits
from core.stocks.align import Rule
from core.stocks.classifiers import CLASSIFIERS, Part
from core.stocks.features import Features, features, usable
from core.stocks.learned import Learned, learned
from core.stocks.source import frozen
from core.stocks.splits import LEAST_DAYS, Cut
from core.stocks.statistics import Scores, counts_by_day, permutation_p, scored
from core.stocks.table import DayTable
from core.stocks.watch import Tell, Watch

Split = Literal["walk-forward", "stocknet", "random"]
SPLITS: tuple[Split, ...] = ("walk-forward", "stocknet", "random")
POOLS = ("all", "sector")


@dataclass(frozen=True)
class Settings:
    """What is tried, on what, and how it is judged.

    windows : days of input, each its own rows of the result
    sets : of `features.SETS`; rule : of `align.labels`
    split : "walk-forward" expanding by date, "stocknet" the three periods of Xu and Cohen,
        "random" rows dealt out blindly, which leaks; folds : of walk-forward and random
    pool : one model for "all" tickers, or one for each "sector"
    least_tweets : of a day, for it to be a row
    shuffled : labels dealt out anew, what noise looks like; constant : every feature 1
    device : cpu, cuda or mps; jobs : threads at work; draws : of each bootstrap and permutation
    """

    windows: tuple[int, ...] = (1, 3)
    sets: tuple[str, ...] = ("sentiment", "vectors", "prices")
    classifiers: tuple[str, ...] = CLASSIFIERS
    split: Split = "walk-forward"
    rule: Rule = "direction"
    folds: int = 5
    pool: str = "all"
    least_tweets: int = 1
    shuffled: bool = False
    constant: bool = False
    device: str = "cpu"
    jobs: int = 2
    draws: int = 1000
    seed: int = 0


@dataclass(frozen=True)
class Row:
    """One classifier with one window, judged on all days it had not seen.

    scores : accuracy, balanced accuracy and MCC with 95 % intervals by day
    p_permutation : chance of beating the majority class by this much with equal skill
    n, days : rows and different days judged; up_said : share that it called up
    ran_on : where it ran; chosen : hyper-parameters, one text a fold; seconds : of work
    """

    classifier: str
    window: int
    scores: Scores
    p_permutation: float
    n: int
    days: int
    up_said: float
    ran_on: str
    chosen: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Predicted:
    """What one classifier with one window said, in the order of ticker and date.

    rows : int64 (n,), rows of the table; fold : int8 (n,), which fold judged it
    actual, said : int8 (n,), 1 up, 0 not; score : float32 (n,), above 0 is up
    """

    classifier: str
    window: int
    rows: np.ndarray
    fold: np.ndarray
    actual: np.ndarray
    said: np.ndarray
    score: np.ndarray


@dataclass(frozen=True)
class Fold:
    """Days and rows of one training and test part; days as ISO dates, of the features."""

    train_from: str
    train_to: str
    test_from: str
    test_to: str
    train_days: int
    test_days: int
    n_train: int
    n_test: int


@dataclass(frozen=True)
class Report:
    """The rows in the order of classifier, then window, and all they rest on.

    folds : of the training and test parts; the same for both windows
    majority : accuracy of always answering the training part's larger class
    base_rate : share of the judged rows that went up
    learned : weights and trees of the last fold, where one model serves all tickers
    names : of the features of each window; n : rows before the split
    """

    settings: Settings
    rows: tuple[Row, ...]
    predicted: tuple[Predicted, ...]
    learned: tuple[Learned, ...]
    folds: tuple[Fold, ...]
    majority: float
    base_rate: float
    names: dict[int, tuple[str, ...]]
    n: int

    def row(self, classifier: str, window: int) -> Row:
        return next(r for r in self.rows if (r.classifier, r.window) == (classifier, window))

    def said(self, classifier: str, window: int) -> Predicted:
        return next(
            p for p in self.predicted if (p.classifier, p.window) == (classifier, window)
        )


@dataclass(frozen=True)
class _Task:
    """One fold of one classifier with one window; group : the rows' places, all or a sector."""

    classifier: str
    window: int
    fold: int
    cut: Cut


@dataclass(frozen=True)
class _Done:
    score: np.ndarray
    chosen: str
    ran_on: str
    seconds: float
    learned: Learned | None


def evaluate(
    table: DayTable, settings: Settings = Settings(), tickers: Sequence[str] = (),
    tell: Tell | None = None,
) -> Report:
    """Each classifier with each window, its hyper-parameters chosen inside the training part.

    tickers : whose days are learned from and judged, none for all; the others only make the
        market's features

    Raises `TooFewDays`, `TooFewTweetDays`, `OneDirection`, `Cancelled`.
    """
    _check(table, settings, tickers)
    by_window = {w: _seen(table, w, settings, tickers) for w in settings.windows}
    found = next(iter(by_window.values()))
    folds = splits.cuts(found, settings.split, settings.folds, settings.seed)
    for cut in folds:
        _check_classes(found.y[cut.train])
    tasks = [
        _Task(name, window, number, part)
        for name in settings.classifiers
        for window in settings.windows
        for number, cut in enumerate(folds)
        for part in pools(found, cut, settings.pool)
    ]
    done = _all_done(tasks, by_window, settings, tell)
    return _report(table, settings, by_window, folds, tasks, done)


def _check(table: DayTable, settings: Settings, tickers: Sequence[str]) -> None:
    own = np.isin(table.ticker, list(tickers)) if tickers else np.ones(len(table), bool)
    days = len(np.unique(table.date[own]))
    if days < LEAST_DAYS:
        raise TooFewDays(days, LEAST_DAYS)
    left = len(np.unique(table.date[own & usable(table, settings.rule, settings.least_tweets)]))
    if left < LEAST_DAYS:
        if settings.least_tweets:
            raise TooFewTweetDays(left, days, LEAST_DAYS)
        raise TooFewDays(left, LEAST_DAYS)


def _check_classes(y: np.ndarray) -> None:
    if len(np.unique(y)) < 2:
        raise OneDirection(len(y), bool(y[:1].any()))


def _seen(table: DayTable, window: int, settings: Settings, tickers: Sequence[str]) -> Features:
    """The features with the teaching switches thrown."""
    found = features(
        table, window, settings.sets, settings.rule, settings.least_tweets, tickers
    )
    if settings.constant:
        found = found.constant()
    return found.shuffled(settings.seed) if settings.shuffled else found


def pools(found: Features, cut: Cut, pool: str) -> list[Cut]:
    """One cut for all rows, or one for each sector that has both classes to learn from."""
    if pool != "sector":
        return [cut]
    made = []
    for sector in np.unique(found.sector[cut.test]):
        def own(places: np.ndarray, sector: str = sector) -> np.ndarray:
            return places[found.sector[places] == sector]

        train, inner = own(cut.train), tuple((own(a), own(b)) for a, b in cut.inner)
        few = any(len(np.unique(found.y[a])) < 2 or not len(b) for a, b in inner)
        if few or len(np.unique(found.y[train])) < 2:
            train, inner = cut.train, cut.inner  # too little of its own: it asks the whole market
        made.append(Cut(train, own(cut.test), inner))
    return made


def _all_done(
    tasks: Sequence[_Task], by_window: dict[int, Features], settings: Settings,
    tell: Tell | None,
) -> list[_Done]:
    """Every task, `settings.jobs` at a time; each says where it ran and how long."""
    from threadpoolctl import threadpool_limits

    parts = {w: Part(f.x, f.y, f.up_today) for w, f in by_window.items()}
    watch = Watch("fitting", len(tasks), tell)
    results: dict[int, _Done] = {}
    stop = threading.Event()

    def one(place: int) -> tuple[int, _Done | None]:
        if stop.is_set():
            return place, None
        task = tasks[place]
        return place, _fold(task, parts[task.window], by_window[task.window].names, settings)

    # each thread works alone: BLAS and OpenMP threads below it would only wait for each other
    with threadpool_limits(1), ThreadPoolExecutor(max(1, settings.jobs)) as pool:
        waiting = [pool.submit(one, place) for place in _heavy_first(tasks)]
        try:
            for future in as_completed(waiting):
                place, done = future.result()
                assert done is not None
                results[place] = done
                watch.step()
        except BaseException:
            stop.set()
            raise
    return [results[place] for place in range(len(tasks))]


def _heavy_first(tasks: Sequence[_Task]) -> list[int]:
    """Places with the longest work first, so that none is left alone at the end."""
    order = {name: rank for rank, name in enumerate(reversed(CLASSIFIERS))}
    return sorted(
        range(len(tasks)),
        key=lambda i: (order[tasks[i].classifier], -tasks[i].window, -len(tasks[i].cut.train)),
    )


def _fold(task: _Task, whole: Part, names: tuple[str, ...], settings: Settings) -> _Done:
    start = time.perf_counter()
    name, seed = task.classifier, settings.seed
    device = classifiers.runs_on(name, settings.device)
    params = classifiers.choose(name, whole, task.cut.inner, device, seed)
    fitted = classifiers.fit(name, params, whole.at(task.cut.train), device, seed)
    score = classifiers.scores(fitted, name, whole.at(task.cut.test))
    return _Done(
        score, classifiers.told(params), device, time.perf_counter() - start,
        learned(fitted, name, task.window, names),
    )


def _report(
    table: DayTable, settings: Settings, by_window: dict[int, Features], folds: Sequence[Cut],
    tasks: Sequence[_Task], done: Sequence[_Done],
) -> Report:
    found = next(iter(by_window.values()))
    judged = np.sort(np.concatenate([cut.test for cut in folds]))
    baseline = np.zeros(len(found), np.int8)
    for cut in folds:
        baseline[cut.test] = found.y[cut.train].mean() > 0.5
    rows, predicted = [], []
    for name in settings.classifiers:
        for window in settings.windows:
            own = [i for i, t in enumerate(tasks) if (t.classifier, t.window) == (name, window)]
            said = _gathered(found, judged, [tasks[i] for i in own], [done[i] for i in own])
            predicted.append(said)
            rows.append(
                _row(found, judged, baseline, said, [done[i] for i in own], settings)
            )
    predicted = [replace(p, rows=frozen(found.rows[p.rows])) for p in predicted]
    last = [d.learned for t, d in zip(tasks, done, strict=True) if t.fold == len(folds) - 1]
    return Report(
        settings, tuple(rows), tuple(predicted),
        () if settings.pool == "sector" else tuple(kept for kept in last if kept is not None),
        tuple(_fold_facts(found, c) for c in folds),
        majority=float((baseline[judged] == found.y[judged]).mean()),
        base_rate=float(found.y[judged].mean()),
        names={w: f.names for w, f in by_window.items()}, n=len(found),
    )


def _gathered(
    found: Features, judged: np.ndarray, tasks: Sequence[_Task], done: Sequence[_Done]
) -> Predicted:
    """The folds of one classifier and window put together; rows are still the features' places."""
    score = np.zeros(len(found), np.float32)
    fold = np.zeros(len(found), np.int8)
    for task, result in zip(tasks, done, strict=True):
        score[task.cut.test], fold[task.cut.test] = result.score, task.fold
    return Predicted(
        tasks[0].classifier, tasks[0].window, judged, frozen(fold[judged]),
        frozen(found.y[judged]), frozen((score[judged] > 0).astype(np.int8)),
        frozen(score[judged]),
    )


def _row(
    found: Features, judged: np.ndarray, baseline: np.ndarray, said: Predicted,
    done: Sequence[_Done], settings: Settings,
) -> Row:
    day = found.day[judged]
    counts = counts_by_day(said.actual, said.said, day)
    return Row(
        said.classifier, said.window, scored(counts, settings.draws, settings.seed),
        permutation_p(
            said.said == said.actual, baseline[judged] == said.actual, day, settings.draws,
            settings.seed,
        ),
        n=len(judged), days=len(counts), up_said=float(said.said.mean()),
        ran_on=done[0].ran_on, chosen=tuple(d.chosen for d in done),
        seconds=sum(d.seconds for d in done),
    )


def _fold_facts(found: Features, cut: Cut) -> Fold:
    def ends(places: np.ndarray) -> tuple[str, str, int]:
        days = np.unique(found.day[places])
        first, last = (str(np.datetime64(int(d), "D")) for d in (days[0], days[-1]))
        return first, last, len(days)

    train, test = ends(cut.train), ends(cut.test)
    return Fold(*train[:2], *test[:2], train[2], test[2], len(cut.train), len(cut.test))
