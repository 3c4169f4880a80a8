"""What a table of many classifiers says about beating the majority class."""

from collections import Counter
from dataclasses import dataclass

from core.stocks.evaluation import Report, Row

ALPHA = 0.05
BASELINES = ("majority",)


@dataclass(frozen=True)
class Verdict:
    """best : the row that is right most often, of equals the first
    tried : rows that could have beaten the majority; below : of them with p < 0.05
    expected : so many would be below by luck alone; limit : 0.05 / tried (Bonferroni)
    holds : rows below that limit
    same, repeated : how many rows give one answer always and have the same accuracy, and which
    """

    best: Row
    tried: int
    below: int
    expected: float
    limit: float
    holds: int
    same: int
    repeated: float


def verdict(report: Report) -> Verdict:
    """Source: Bonferroni 1936; Dunn 1961 for the limit."""
    rows = [row for row in report.rows if row.classifier not in BASELINES]
    tried = max(1, len(rows))
    below = [row for row in rows if row.p_permutation < ALPHA]
    limit = ALPHA / tried
    stubborn = Counter(row.scores.accuracy for row in rows if row.up_said in (0.0, 1.0))
    repeated, same = stubborn.most_common(1)[0] if stubborn else (0.0, 0)
    return Verdict(
        max(rows, key=lambda row: row.scores.accuracy), tried, len(below), ALPHA * tried, limit,
        sum(row.p_permutation < limit for row in rows), same, repeated,
    )
