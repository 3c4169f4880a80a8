"""Predict a stock's next day: what was known at the close, and who can tell more from it."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

import numpy as np

from core.engine.protocol import Engine
from core.errors import BadInput, DataMissing, UnknownTicker
from core.stocks.align import Rule
from core.stocks.companies import checksums, companies
from core.stocks.daily import days_of, read_projection
from core.stocks.device import resolved
from core.stocks.disk import cache_folder
from core.stocks.evaluation import POOLS, SPLITS, Report, Settings, evaluate
from core.stocks.features import SETS, features
from core.stocks.learned import Linear
from core.stocks.readings import by_engine, weights_of
from core.stocks.reference import (
    EXERCISE,
    EXERCISE_N,
    STOCKNET,
    STOCKNET_SOURCE,
    Published,
    Reference,
)
from core.stocks.stocknet import StockNet
from core.stocks.table import END_TO_END, FACTS, FOLDER, PROJECTION, TABLE, DayTable, read
from core.stocks.watch import Tell
from lessons.proof import Check, Proof, check
from lessons.text import Preset

RULES: tuple[str, ...] = get_args(Rule)
ALL = "all"
EMBEDDED = "embedded"
END_TO_END_COMMAND = "python -m core.training.stocks.end_to_end --data ../shared/data/stocknet"


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
    facts: Mapping[str, Any]
    exercise: tuple[Reference, ...]
    published: tuple[Published, ...]
    proof: Proof


def run(engine: Engine, request: Request, tell: Tell | None = None) -> Result:
    """The table of days, and every classifier on days it has not seen.

    Raises `UnknownTicker`, `TooFewDays`, `TooFewTweetDays`, `OneDirection`, `Cancelled`, and
    what the source raises.
    """
    table = table_of(engine, request, tell)
    facts = facts_of() if is_shipped(request) else {}
    return answer(table, request, device_of(engine), tell, facts)


def is_shipped(request: Request) -> bool:
    """Whether the shipped table answers: asked for, or made from just the folder's files."""
    return request.source == EMBEDDED or made_from(Path(request.source))


def table_of(engine: Engine, request: Request, tell: Tell | None = None) -> DayTable:
    """The days of the request's source: the shipped table, or a folder's texts read now.

    Of a folder only the tickers asked for are read, unless the market's features need all.
    """
    if is_shipped(request):
        return shipped()
    source = StockNet(request.source)
    everyone = request.ticker.strip().lower() == ALL or "market" in request.features
    return days_of(
        source, source.tickers() if everyone else names_of(request.ticker),
        by_engine(engine, request.model), read_projection(FOLDER / PROJECTION),
        weights=weights_of(engine, request.model), cache=cache_folder() / "readings", tell=tell,
        sectors={t: c.sector for t, c in companies(source.folder).items()},
    )


def answer(
    table: DayTable, request: Request, device: str = "cpu", tell: Tell | None = None,
    facts: Mapping[str, Any] = MappingProxyType({}),
    judge: Callable[[DayTable, Settings, Sequence[str], Tell | None], Report] = evaluate,
) -> Result:
    """The classifiers on a table of days, whatever it was made from.

    judge : makes the report; another than `evaluate` may do so in another process

    Raises as `run`.
    """
    tickers = asked(table, request.ticker)
    table = table.between(*_days(request.start, request.end))
    report = judge(table, settings_of(request, device), tickers, tell)
    return result_of(table, tickers, report, facts)


def answer_apart(
    table: DayTable, request: Request, device: str = "cpu", tell: Tell | None = None,
    facts: Mapping[str, Any] = MappingProxyType({}),
) -> Result:
    """`answer`, made in a worker process where there are some; a server goes on beside it."""
    from core.live import jobs
    from core.stocks import apart

    judge = partial(apart.evaluate, jobs.shared_pool()) if jobs.wanted() else evaluate
    return answer(table, request, device, tell, facts, judge)


def result_of(
    table: DayTable, tickers: tuple[str, ...], report: Report,
    facts: Mapping[str, Any] = MappingProxyType({}),
) -> Result:
    """A report with what it rests on. table : the days that were asked for"""
    own = np.isin(table.ticker, tickers)
    counts = Counts(
        int(table.tweets[own].sum()), len(tickers), int(own.sum()),
        int((table.tweets[own] > 0).sum()), report.n,
        tuple((window, len(names)) for window, names in report.names.items()),
    )
    return Result(
        table, tickers, counts, report, facts, EXERCISE, STOCKNET, Proof(_by_hand(table, report))
    )


def asked(table: DayTable, names: str) -> tuple[str, ...]:
    """The tickers of a request. Raises `UnknownTicker`."""
    known = table.tickers()
    if names.strip().lower() == ALL:
        return known
    found = names_of(names)
    for name in found or (names,):
        if name not in known:
            raise UnknownTicker(name)
    return found


def names_of(names: str) -> tuple[str, ...]:
    """" $aapl, T " to AAPL and T."""
    return tuple(name.strip().lstrip("$").upper() for name in names.split(",") if name.strip())


def settings_of(request: Request, device: str = "cpu") -> Settings:
    """Raises `BadInput` for a word or number that is none of the choices."""
    sets = _of("features", request.features, SETS)
    windows = tuple(map(int, _of("windows", request.windows, ("1", "2", "3"))))
    for name, value, known in (
        ("split", request.split, SPLITS), ("labels", request.labels, RULES),
        ("pool", request.pool, POOLS),
    ):
        if value not in known:
            raise BadInput(f"{name} is {value!r}; choose from {', '.join(known)}.")
    return Settings(
        windows, sets, split=request.split, rule=request.labels,  # type: ignore[arg-type]
        pool=request.pool, least_tweets=0 if request.every else 1, shuffled=request.shuffled,
        constant=request.constant, device=device, jobs=min(2, os.cpu_count() or 1),
        seed=request.seed,
    )


def _of(name: str, given: str, known: Sequence[str]) -> tuple[str, ...]:
    """Comma-separated choices in the order given, each once."""
    found = tuple(dict.fromkeys(part.strip() for part in given.split(",") if part.strip()))
    for part in found or (given,):
        if part not in known:
            raise BadInput(f"{name} has {part!r}; choose from {', '.join(known)}.")
    return found


def _days(start: str, end: str) -> tuple[str, str]:
    for name, day in (("start", start), ("end", end)):
        try:
            date.fromisoformat(day or "2014-01-01")
        except ValueError:
            raise BadInput(f"{name} is {day!r}; write a day as 2015-08-01.") from None
    return start, end


def device_of(engine: Engine) -> str:
    """Where the classifiers run: where the engine of this process runs, else the CPU."""
    device = getattr(engine, "device", "cpu")
    return "cpu" if device == "cpu" else resolved(device)


@cache
def shipped() -> DayTable:
    """The table of assets/stocks. Raises `DataMissing`."""
    try:
        return read(FOLDER / TABLE)
    except (OSError, ValueError):
        raise DataMissing(FOLDER.name, TABLE) from None


@cache
def facts_of() -> dict[str, Any]:
    """days.json. Raises `DataMissing`."""
    try:
        found: dict[str, Any] = json.loads((FOLDER / FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise DataMissing(FOLDER.name, FACTS) from None
    return found


def made_from(folder: Path) -> bool:
    """Whether the shipped table was made from just these files, by their checksums."""
    try:
        return bool(facts_of()["source"]) and checksums(folder) == facts_of()["source"]
    except DataMissing:
        return False


def _by_hand(table: DayTable, report: Report) -> tuple[Check, ...]:
    """Accuracy and MCC from the answers themselves; the scores of what is linear from weights.

    MCC as the correlation of two columns of 0 and 1, 0 where one of them is constant.
    """
    accuracies, correlations = [], []
    for said in report.predicted:
        accuracies.append((said.said == said.actual).mean())
        flat = len(np.unique(said.said)) < 2 or len(np.unique(said.actual)) < 2
        correlations.append(0.0 if flat else np.corrcoef(said.said, said.actual)[0, 1])
    rows = [row.scores for row in report.rows]
    checks = [
        check("accuracy", "right / n", np.array(accuracies), np.array([s.accuracy for s in rows])),
        check("mcc", "corr(said, actual)", np.array(correlations), np.array([s.mcc for s in rows])),
    ]
    for linear in report.learned:
        if isinstance(linear, Linear):
            said = report.said(linear.classifier, linear.window)
            last = said.fold == len(report.folds) - 1
            x = rows_of(table, report, linear.window, said.rows[last])
            checks.append(check(
                f"{linear.classifier} {linear.window}", "(x - c) / s . w + b", linear.score(x),
                said.score[last],
            ))
    return tuple(checks)


def rows_of(table: DayTable, report: Report, window: int, rows: np.ndarray) -> np.ndarray:
    """float32 (n, F): what a classifier saw of those rows of the table."""
    settings = report.settings
    found = features(table, window, settings.sets, settings.rule, settings.least_tweets)
    x = found.x[np.searchsorted(found.rows, rows)]
    return np.ones_like(x) if settings.constant else x


def default_request(preset: Preset, model: str) -> Request:
    """What the page asks for with a preset's controls."""
    kinds = Request.__annotations__
    known: dict[str, Any] = {
        key: value.lower() == "true" if kinds[key] is bool else kinds[key](value)
        for key, value in preset.controls.items() if key in kinds
    }
    return Request(**known)


def to_json(result: Result) -> dict[str, Any]:
    """rows: [{classifier, window, accuracy, low, high, mcc, n ...}], majority, split, counts."""
    report, settings = result.report, result.report.settings
    return {
        "rows": [
            {
                "classifier": row.classifier, "window": row.window, **asdict(row.scores),
                "p_permutation": row.p_permutation, "n": row.n, "days": row.days,
                "up_said": row.up_said, "ran_on": row.ran_on, "chosen": list(row.chosen),
            }
            for row in report.rows
        ],
        "majority": report.majority,
        "base_rate": report.base_rate,
        "split": settings.split,
        "labels": settings.rule,
        "features": list(settings.sets),
        "pool": settings.pool,
        "shuffled": settings.shuffled,
        "constant": settings.constant,
        "folds": [asdict(fold) for fold in report.folds],
        "counts": {**asdict(result.counts), "features": dict(result.counts.features)},
        "exercise": {
            "n": EXERCISE_N,
            "rows": [asdict(reference) for reference in result.exercise],
        },
        "published": {
            "source": STOCKNET_SOURCE,
            "rows": [asdict(published) for published in result.published],
        },
    }


@cache
def end_to_end() -> dict[str, Any] | None:
    """What BERT fine-tuned on the days themselves came to on StockNet's split; None untrained.

    Made by `python -m core.training.stocks.end_to_end`: accuracy and mcc with intervals, n.
    """
    path = FOLDER / END_TO_END
    if not path.is_file():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["test"]
    return found
