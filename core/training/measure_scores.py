"""The arithmetic of the measures: rank correlation, analogies, same-meaning decisions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

RESAMPLES = 1000


def spearman(a: Sequence[float] | np.ndarray, b: Sequence[float] | np.ndarray) -> float:
    """Correlation of the ranks; equal values share the mean of their ranks."""
    ranks_a, ranks_b = rankdata(a), rankdata(b)
    return float(np.corrcoef(ranks_a, ranks_b)[0, 1])


@dataclass(frozen=True)
class Tally:
    """Analogies of one section: answered rightly, with all four words known, asked."""

    section: str
    correct: int
    covered: int
    total: int


def answer_analogies(
    unit: np.ndarray, questions: np.ndarray, batch: int = 256
) -> np.ndarray:
    """Whether the word nearest to b - a + c, the three themselves left out, is d.

    Parameters
    ----------
    unit : float32[V, H], rows of length 1
    questions : int[q, 4], rows of a, b, c, d

    Returns
    -------
    bool[q]

    Source: Mikolov, Yih and Zweig 2013, section 4 (3CosAdd).
    """
    right = np.zeros(len(questions), dtype=bool)
    for start in range(0, len(questions), batch):
        a, b, c, d = questions[start : start + batch].T
        closeness = (unit[b] - unit[a] + unit[c]) @ unit.T  # (batch, V)
        rows = np.arange(len(d))
        for word in (a, b, c):
            closeness[rows, word] = -np.inf
        right[start : start + batch] = closeness.argmax(axis=1) == d
    return right


def best_threshold(cosines: np.ndarray, same: np.ndarray) -> float:
    """The t for which "same meaning when cosine >= t" is right most often.

    Every cut between two neighbouring values is tried, and both ends. Of equally good cuts
    the middle one is taken.

    cosines : float[m]; same : bool[m]
    """
    values = np.unique(cosines)
    cuts = np.concatenate([[-np.inf], (values[1:] + values[:-1]) / 2, [np.inf]])
    same_above = same.sum() - np.searchsorted(np.sort(cosines[same]), cuts)  # at or above a cut
    different_below = np.searchsorted(np.sort(cosines[~same]), cuts)
    right = same_above + different_below
    best = np.flatnonzero(right == right.max())
    return float(cuts[best[(len(best) - 1) // 2]])


@dataclass(frozen=True)
class Decided:
    """Share of right decisions, its 95 % interval, and the two thresholds that were used."""

    accuracy: float
    low: float
    high: float
    thresholds: tuple[float, float]


def decide(
    cosines: np.ndarray, same: np.ndarray, words: Sequence[str], first: set[str], seed: int = 0
) -> Decided:
    """Choose a threshold on one half of the words, use it on the other, both ways, and average.

    The interval is a bootstrap over words: each half's words are drawn anew with replacement
    and the thresholds chosen anew, 1000 times.

    Parameters
    ----------
    cosines : float[m], one for each pair of sentences; same : bool[m]
    words : m words, whose pair it is; first : the words of the first half
    """
    rows: dict[str, list[int]] = {}
    for row, word in enumerate(words):
        rows.setdefault(word, []).append(row)
    halves = [np.array([w for w in rows if (w in first) == side]) for side in (True, False)]

    def once(drawn: Sequence[np.ndarray]) -> tuple[float, tuple[float, float]]:
        a, b = (np.concatenate([rows[word] for word in half]) for half in drawn)
        cut_a, cut_b = (best_threshold(cosines[half], same[half]) for half in (a, b))
        right_b = ((cosines[b] >= cut_a) == same[b]).mean()
        right_a = ((cosines[a] >= cut_b) == same[a]).mean()
        return float((right_a + right_b) / 2), (cut_a, cut_b)

    accuracy, thresholds = once(halves)
    rng = np.random.default_rng(seed)
    drawn = [once([rng.choice(half, len(half)) for half in halves])[0] for _ in range(RESAMPLES)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Decided(accuracy, float(low), float(high), thresholds)
