"""Make the table of days of assets/stocks from StockNet's tweets and prices.

    python -m core.training.stocks --data ../shared/data/stocknet

Reads every different tweet once with the tweet head; run the same command again to go on after
a stop. Leaves days.npz, projection.npz, days.json and README.md in assets/stocks.
"""

import argparse
import json
import platform
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from core.engine.local import LocalEngine
from core.stocks import daily
from core.stocks.align import align
from core.stocks.companies import checksums, companies
from core.stocks.evaluation import Report, Settings, evaluate
from core.stocks.readings import TASK, by_engine, read_all, weights_of
from core.stocks.stocknet import StockNet
from core.stocks.table import CARD, FACTS, FOLDER, PROJECTION, TABLE, DayTable, write
from core.stocks.watch import Step
from core.training.stocks.card import card

FROM, TO = "2014-01-01", "2015-12-31"  # the days that StockNet has tweets for
PROJECTED_TO = "2014-05-01"  # before the first day that any walk-forward fold judges


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m core.training.stocks",
                                     description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="StockNet's folder")
    parser.add_argument("--work", type=Path, default=Path("build/stocks"))
    parser.add_argument("--target", type=Path, default=FOLDER)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    args = parse(arguments)
    source, engine = StockNet(args.data), LocalEngine(args.device)
    prices, tweets = source.prices(source.tickers()), source.tweets(source.tickers())
    weights = weights_of(engine)
    with Bar() as bar:
        readings, whose = read_all(
            tweets.text, by_engine(engine), weights=weights, cache=args.work / "slices", tell=bar
        )
    known = companies(args.data)
    row = align(tweets, prices)
    vectors = daily.mean_vectors(row, readings, whose, len(prices))
    taught = (prices.date < np.datetime64(PROJECTED_TO)) & ~np.isnan(vectors[:, 0])
    projection = daily.fitted(vectors[taught])
    table = daily.build(
        prices, tweets, readings, whose, projection, {t: c.sector for t, c in known.items()}
    ).between(FROM, TO)

    args.target.mkdir(parents=True, exist_ok=True)
    write(table, args.target / TABLE)
    daily.write_projection(projection, args.target / PROJECTION)
    found = facts(table, args.data, weights) | {
        "tweets": len(tweets), "different_tweets": len(readings),
        "projected_to": PROJECTED_TO, "projected_days": int(taught.sum()),
        "companies": {t: c.name for t, c in known.items()},
        "evaluation": evaluation(table),
    }
    (args.target / FACTS).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (args.target / CARD).write_text(card(args.target), encoding="utf-8")
    print(json.dumps({k: v for k, v in found.items() if k not in ("companies", "evaluation")}))


def facts(table: DayTable, data: Path, weights: str) -> dict[str, Any]:
    """What days.json says of the table and of what it was made from."""
    return {
        "from": FROM, "to": TO, "rows": len(table), "tickers": len(table.tickers()),
        "days": len(np.unique(table.date)), "rows_with_tweets": int((table.tweets > 0).sum()),
        "tweets_used": int(table.tweets.sum()), "head": TASK, "weights": weights,
        "source": checksums(data), "made": date.today().isoformat(),
        "python": platform.python_version(), "numpy": np.__version__,
    }


def evaluation(table: DayTable) -> dict[str, Any]:
    """The table's classifiers on StockNet's split and walk-forward, as the card shows them."""
    as_published = Settings(split="stocknet", rule="stocknet")
    with Bar() as bar:
        return {
            "stocknet": told(evaluate(table, as_published, tell=bar)),
            "walk-forward": told(evaluate(table, Settings(), tell=bar)),
        }


def told(report: Report) -> dict[str, Any]:
    return {
        "majority": round(report.majority, 4), "base_rate": round(report.base_rate, 4),
        "folds": [asdict(fold) for fold in report.folds],
        "rows": [
            {"classifier": row.classifier, "window": row.window, "n": row.n, "days": row.days,
             "p_permutation": round(row.p_permutation, 4),
             **{name: round(value, 4) for name, value in asdict(row.scores).items()}}
            for row in report.rows
        ],
    }


class Bar:
    """A tqdm bar that follows a `Watch`, with its rate and time left."""

    def __enter__(self) -> "Bar":
        self._bar = tqdm(mininterval=5, bar_format="{desc} {percentage:3.0f}%|{bar}| {postfix}")
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def __call__(self, step: Step) -> None:
        bar = self._bar
        if bar.total != step.total:
            bar.reset(step.total)
        bar.set_description(step.what, refresh=False)
        left = "" if step.left is None else f", {step.rate:.1f}/s, {step.left:.0f} s left"
        bar.set_postfix_str(f"{step.done:,} of {step.total:,}{left}", refresh=False)
        bar.update(step.done - bar.n)


if __name__ == "__main__":
    main()
