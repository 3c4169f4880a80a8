"""The eight classifiers on all tickers of the shipped table, walk-forward, from features.

    python -m bench.stocks [--jobs 2]

Both windows, hyper-parameters chosen inside every training part, intervals and permutation
tests included.
"""

import argparse
import time

from bench.report import report
from core.stocks.evaluation import Settings, evaluate
from core.stocks.table import FOLDER, TABLE, read

GOAL_SECONDS = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2, help="threads at work")
    jobs = parser.parse_args().jobs
    table = read(FOLDER / TABLE)
    evaluate(table, Settings(jobs=jobs, draws=10), table.tickers()[:2])  # scikit-learn is imported
    start, work = time.perf_counter(), time.process_time()
    found = evaluate(table, Settings(jobs=jobs))
    seconds, work = time.perf_counter() - start, time.process_time() - work
    each: dict[str, float] = {}
    for row in found.rows:
        each[row.classifier] = round(each.get(row.classifier, 0.0) + row.seconds, 2)
    report("stocks", {
        "what": "eight classifiers, two windows, five folds of walking forward, from features",
        "tickers": len(table.tickers()), "rows": found.n, "judged": found.rows[0].n,
        "jobs": jobs, "seconds": round(seconds, 1), "cpu_seconds": round(work, 1),
        "seconds_each": each, "goal_seconds": GOAL_SECONDS, "met": seconds <= GOAL_SECONDS,
    })


if __name__ == "__main__":
    main()
