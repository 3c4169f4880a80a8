"""How far two judges put the same pieces into the same order."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

BEST = 3  # how many of each judge's first are compared


@dataclass(frozen=True)
class Agreement:
    """Two judges, by their numbers, over m pieces.

    kendall, spearman : tau-b and rho, None where a judge has no order at all or m < 2;
    chance : P of a tau at least this far from 0 if the orders had nothing to do with each other
    same_first : the same favourite; shared : how many of the first `BEST` are the same
    """

    first: int
    second: int
    kendall: float | None
    chance: float | None
    spearman: float | None
    same_first: bool
    shared: int


def ranks(keys: np.ndarray) -> np.ndarray:
    """1 for the largest; equal keys share the mean of their ranks, float64[m]."""
    from scipy.stats import rankdata

    return rankdata(-keys)


def best(keys: np.ndarray, count: int = BEST) -> tuple[int, ...]:
    """Places of the largest keys, best first; of equal ones the earlier."""
    return tuple(int(i) for i in np.argsort(-keys, kind="stable")[:count])


def kendall(first: np.ndarray, second: np.ndarray) -> float | None:
    """(pairs in the same order - pairs in opposite order) / all pairs, ties discounted.

    Source: Kendall 1945, tau-b; None where one of the two has no order.
    """
    from scipy.stats import kendalltau

    return _number(kendalltau(first, second).statistic)


def between(keys: tuple[np.ndarray, ...]) -> tuple[Agreement, ...]:
    """Every pair of judges, each by its keys float[m]; the larger, the more important."""
    from scipy.stats import kendalltau, spearmanr

    found = []
    for a, b in combinations(range(len(keys)), 2):
        one, other = keys[a], keys[b]
        ordered = len(one) > 1 and all(np.ptp(k) > 0 for k in (one, other))
        tau = kendalltau(one, other) if ordered else None
        rho = spearmanr(one, other) if ordered else None
        found.append(Agreement(
            a, b,
            _number(tau.statistic) if tau else None, _number(tau.pvalue) if tau else None,
            _number(rho.statistic) if rho else None,
            bool(len(one)) and best(one, 1) == best(other, 1),
            len(set(best(one)) & set(best(other))),
        ))
    return tuple(found)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
