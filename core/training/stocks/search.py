"""Looking for more than chance on StockNet's split: many ways, one look at the test part.

    python -m core.training.stocks.search --data ../shared/data/stocknet

Every way learns before 2015-08-01 and is scored on the days up to 2015-10-01; the one with the
highest MCC there is scored once on the days up to 2016-01-01. Reads the slices that
core.training.stocks left; writes assets/stocks/search.json and the card again.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from core.engine.local import LocalEngine
from core.stocks import classifiers, daily, splits
from core.stocks.classifiers import GRIDS, Part
from core.stocks.companies import companies
from core.stocks.features import Features, features
from core.stocks.readings import Readings, by_engine, read_all, weights_of
from core.stocks.source import Prices, Tweets
from core.stocks.statistics import counts_by_day, measures, permutation_p, scored
from core.stocks.stocknet import StockNet
from core.stocks.table import CARD, FOLDER, PROJECTION, SEARCH, DayTable
from core.training.stocks.attention import Bags, attend
from core.training.stocks.card import card

SETS = (
    ("sentiment",), ("vectors",), ("prices",), ("sentiment", "prices"),
    ("sentiment", "vectors", "prices"), ("sentiment", "prices", "market"),
    ("sentiment", "vectors", "prices", "market"),
)
READINGS = ("all tweets", "different tweets", "outspoken tweets")
OUTSPOKEN = 0.5  # P(neutral) below which a tweet says something
SEEDS = 3


@dataclass(frozen=True)
class Way:
    """One way to answer, and what it was worth on the validation days."""

    texts: str
    sets: tuple[str, ...]
    window: int
    pool: str
    classifier: str
    params: str
    accuracy: float
    mcc: float


def kept(name: str, tweets: Tweets, readings: Readings, whose: np.ndarray) -> np.ndarray:
    """bool (texts,): which texts count: all, each once a ticker and day, or with an opinion."""
    if name == "different tweets":
        day = tweets.at.astype("datetime64[D]")
        seen: set[tuple[str, Any, int]] = set()
        found = np.zeros(len(tweets), bool)
        for i, key in enumerate(zip(tweets.ticker, day, whose, strict=True)):
            found[i] = key not in seen
            seen.add(key)
        return found
    if name == "outspoken tweets":
        return readings.probabilities[whose, 1] < OUTSPOKEN
    return np.ones(len(tweets), bool)


def only(tweets: Tweets, keep: np.ndarray) -> Tweets:
    at = np.flatnonzero(keep)
    return Tweets(
        tuple(tweets.ticker[i] for i in at), tweets.at[keep], tuple(tweets.text[i] for i in at)
    )


def pools(found: Features, pool: str, train: np.ndarray) -> Iterator[np.ndarray]:
    """bool (m,): the rows that share a model."""
    if pool == "all":
        yield np.ones(len(found), bool)
        return
    for sector in np.unique(found.sector):
        own = found.sector == sector
        if len(np.unique(found.y[train[own[train]]])) == 2:
            yield own


def said_by(
    found: Features, name: str, params: dict[str, Any], pool: str, train: np.ndarray,
    judge: np.ndarray,
) -> np.ndarray:
    """int8 (judged,): what a classifier that learned on `train` says."""
    whole, said = Part(found.x, found.y, found.up_today), np.zeros(len(found), np.int8)
    for own in pools(found, pool, train):
        learn, test = train[own[train]], judge[own[judge]]
        if len(test):
            fitted = classifiers.fit(name, params, whole.at(learn))
            said[test] = classifiers.scores(fitted, name, whole.at(test)) > 0
    return said[judge]


def scored_once(
    found: Features, judge: np.ndarray, said: np.ndarray, train: np.ndarray
) -> dict[str, Any]:
    """The test part's figures."""
    actual, day = found.y[judge], found.day[judge]
    majority = int(found.y[train].mean() > 0.5)
    return asdict(scored(counts_by_day(actual, said, day))) | {
        "n": len(judge), "majority": float((actual == majority).mean()),
        "p_permutation": permutation_p(said == actual, actual == majority, day),
    }


def searched(tables: dict[str, DayTable], bar: Any) -> tuple[list[Way], dict[Way, dict[str, Any]]]:
    """Every way of `tables` with its figures on the validation days, and how to repeat it."""
    ways: list[Way] = []
    again: dict[Way, dict[str, Any]] = {}
    for texts, sets, window in product(tables, SETS, (1, 3)):
        if texts != READINGS[0] and sets in (("prices",),):
            continue
        found = features(tables[texts], window, sets, "stocknet")
        (cut,) = splits.stocknet(found)
        ((train, valid),) = cut.inner
        for pool, (name, grid) in product(("all", "sector"), GRIDS.items()):
            if name == "forest" and pool == "sector":
                continue
            for params in grid:
                said = said_by(found, name, dict(params), pool, train, valid)
                accuracy, _, mcc = measures(
                    counts_by_day(found.y[valid], said, found.day[valid]).sum(axis=0)
                )
                way = Way(texts, sets, window, pool, name, classifiers.told(params),
                          float(accuracy), float(mcc))
                ways.append(way)
                again[way] = dict(params)
            bar.update()
    return ways, again


def material(data: Path, work: Path) -> tuple[Prices, Tweets, Readings, np.ndarray]:
    source, engine = StockNet(data), LocalEngine("auto")
    prices, tweets = source.prices(source.tickers()), source.tweets(source.tickers())
    readings, whose = read_all(
        tweets.text, by_engine(engine), weights=weights_of(engine), cache=work / "slices"
    )
    return prices, tweets, readings, whose


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="StockNet's folder")
    parser.add_argument("--work", type=Path, default=Path("build/stocks"))
    parser.add_argument("--target", type=Path, default=FOLDER)
    args = parser.parse_args()
    prices, tweets, readings, whose = material(args.data, args.work)
    projection = daily.read_projection(args.target / PROJECTION)
    sectors = {t: c.sector for t, c in companies(args.data).items()}
    tables = {}
    everyone = None
    for name in READINGS:
        keep = kept(name, tweets, readings, whose)
        table = daily.build(prices, only(tweets, keep), readings, whose[keep], projection, sectors)
        everyone = table if everyone is None else everyone
        # the same days whichever texts count; those without an opinion left are neutral
        tables[name] = replace(table, tweets=np.where(everyone.tweets > 0, np.maximum(
            table.tweets, 1), 0).astype(np.int32))
    with tqdm(desc="ways", mininterval=5) as bar:
        ways, again = searched(tables, bar)
    best = max(ways, key=lambda way: way.mcc)
    found = features(tables[best.texts], best.window, best.sets, "stocknet")
    (cut,) = splits.stocknet(found)
    said = said_by(found, best.classifier, again[best], best.pool, cut.train, cut.test)
    table = tables[READINGS[0]]
    bags = Bags.of(table, prices, tweets, readings, whose)
    result = {
        "ways": len(ways), "validation_n": len(cut.inner[0][1]),
        "best": asdict(best), "test": scored_once(found, cut.test, said, cut.train),
        "validation_mcc": {
            "least": min(w.mcc for w in ways), "most": best.mcc,
            "mean": float(np.mean([w.mcc for w in ways])),
        },
        "attention": attend(bags, seeds=SEEDS, judged=scored_once),
    }
    (args.target / SEARCH).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    (args.target / CARD).write_text(card(args.target), encoding="utf-8")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
