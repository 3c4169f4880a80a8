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
    same, repeated : the accuracy that most rows share to the last digit, the majority's own
    included, and how many do
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
    digits, same = Counter(
        round(row.scores.accuracy, 6) for row in rows if row.up_said in (0.0, 1.0)
    ).most_common(1)[0] if any(row.up_said in (0.0, 1.0) for row in rows) else (0.0, 0)
    return Verdict(
        max(rows, key=lambda row: row.scores.accuracy), tried, len(below), ALPHA * tried, limit,
        sum(row.p_permutation < limit for row in rows), same, digits,
    )
