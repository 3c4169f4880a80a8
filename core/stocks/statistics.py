"""How sure a score is: intervals and a permutation test, both by day.

Rows of one day are not independent: a day on which the market rises lifts most of them. So a
day is drawn, or exchanged, whole.
"""

from dataclasses import dataclass

import numpy as np

LOW, HIGH = 0.025, 0.975
AT_ONCE = 200  # draws a matrix product


@dataclass(frozen=True)
class Scores:
    """Accuracy, balanced accuracy and MCC, each with its 95 % interval."""

    accuracy: float
    low: float
    high: float
    balanced: float
    balanced_low: float
    balanced_high: float
    mcc: float
    mcc_low: float
    mcc_high: float


def counts_by_day(actual: np.ndarray, said: np.ndarray, day: np.ndarray) -> np.ndarray:
    """float64 (D, 2, 2): of each of the D days, rows [actual, said].

    actual, said : (n,) of 0 and 1; day : int (n,), any numbers that tell days apart
    """
    days, place = np.unique(day, return_inverse=True)
    found = np.zeros((len(days), 2, 2))
    np.add.at(found, (place, np.asarray(actual, int), np.asarray(said, int)), 1.0)
    return found


def measures(counts: np.ndarray) -> np.ndarray:
    """float64 (..., 3): accuracy, balanced accuracy, MCC of counts (..., 2, 2) [actual, said].

    Balanced accuracy is the mean recall of the classes that occur; MCC is 0 where a row or
    column of the table is empty, as in scikit-learn.

    Source: Matthews 1975; Chicco and Jurman 2020, eq. 2.
    """
    tn, fp = counts[..., 0, 0], counts[..., 0, 1]
    fn, tp = counts[..., 1, 0], counts[..., 1, 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        accuracy = (tn + tp) / (tn + fp + fn + tp)
        recalls = np.stack([tn / (tn + fp), tp / (tp + fn)], axis=-1)
        there = ~np.isnan(recalls)
        balanced = np.where(there, recalls, 0.0).sum(-1) / there.sum(-1)
        below = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
        mcc = np.where(below > 0, (tp * tn - fp * fn) / below, 0.0)
    return np.stack([accuracy, balanced, mcc], axis=-1)


def scored(counts: np.ndarray, draws: int = 1000, seed: int = 0) -> Scores:
    """The measures with percentile intervals of a cluster bootstrap: days drawn with replacement.

    counts : float64 (D, 2, 2) of `counts_by_day`

    Source: Efron and Tibshirani 1993, chapter 13; Cameron, Gelbach and Miller 2008.
    """
    days = len(counts)
    whole = measures(counts.sum(axis=0))
    rng = np.random.default_rng(seed)
    flat, drawn = counts.reshape(days, 4), []
    for start in range(0, draws, AT_ONCE):
        some = min(AT_ONCE, draws - start)
        times = rng.multinomial(days, np.full(days, 1 / days), size=some)  # (some, D)
        drawn.append(measures((times @ flat).reshape(some, 2, 2)))
    low, high = np.quantile(np.concatenate(drawn), [LOW, HIGH], axis=0)
    return Scores(*(float(part[i]) for i in range(3) for part in (whole, low, high)))


def permutation_p(
    right: np.ndarray, baseline_right: np.ndarray, day: np.ndarray, draws: int = 1000,
    seed: int = 0,
) -> float:
    """Chance of at least this gain over a baseline if the two were as good as each other.

    Under that hypothesis nothing changes when their answers are exchanged on any day: each
    draw flips a coin a day. p = (1 + draws that gain as much) / (1 + draws), one-sided.

    right, baseline_right : bool (n,), whether each was right; day : int (n,)

    Source: Good 2005, section 3.3 (matched pairs); Phipson and Smyth 2010 for the 1 + .
    """
    days, place = np.unique(day, return_inverse=True)
    gains = np.bincount(
        place, np.asarray(right, float) - np.asarray(baseline_right, float), len(days)
    )  # (D,)
    observed = gains.sum()
    rng = np.random.default_rng(seed)
    as_good = 0
    for start in range(0, draws, AT_ONCE):
        coins = rng.integers(0, 2, size=(min(AT_ONCE, draws - start), len(days))) * 2 - 1
        as_good += int((coins @ gains >= observed - 1e-9).sum())
    return (1 + as_good) / (1 + draws)
