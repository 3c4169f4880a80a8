"""Measures, intervals by day, and the permutation test, against arithmetic and scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, matthews_corrcoef

from core.stocks.statistics import counts_by_day, measures, permutation_p, scored


def of(actual, said, day=None):
    day = np.zeros(len(actual), int) if day is None else day
    return counts_by_day(np.array(actual), np.array(said), np.array(day))


def test_the_measures_are_scikit_learns():
    rng = np.random.default_rng(0)
    actual, said = rng.integers(0, 2, (2, 500))
    accuracy, balanced, mcc = measures(of(actual, said).sum(axis=0))
    assert accuracy == (actual == said).mean()
    assert balanced == pytest.approx(balanced_accuracy_score(actual, said))
    assert mcc == pytest.approx(matthews_corrcoef(actual, said))


def test_a_constant_answer_has_mcc_0_and_balanced_accuracy_one_half():
    # 7 of 10 up, always "up": accuracy 0.7, recalls 1 and 0
    accuracy, balanced, mcc = measures(of([1] * 7 + [0] * 3, [1] * 10).sum(axis=0))
    assert (accuracy, balanced, mcc) == (0.7, 0.5, 0.0)


def test_counts_are_told_apart_by_day():
    counts = of([1, 0, 1], [1, 1, 0], [5, 5, 9])
    assert counts[0].tolist() == [[0, 1], [0, 1]]
    assert counts[1].tolist() == [[0, 0], [1, 0]]


def test_rows_of_one_day_say_no_more_than_one_of_them():
    """40 days of one coin each, and the same days with every row 25 times over."""
    coins = np.random.default_rng(1).integers(0, 2, 40)
    once = scored(of(coins, np.ones(40, int), np.arange(40)))
    often = scored(of(np.repeat(coins, 25), np.ones(1000, int), np.repeat(np.arange(40), 25)))
    assert (often.accuracy, often.low, often.high) == (once.accuracy, once.low, once.high)
    apart = scored(of(np.repeat(coins, 25), np.ones(1000, int), np.arange(1000)))
    assert apart.high - apart.low < 0.3 * (often.high - often.low)  # 1/sqrt(25) = 0.2


def test_the_interval_of_independent_rows_is_the_normal_one():
    """p +- 1.96 sqrt(p (1 - p) / n) with p = 0.6, n = 1000: 0.570 to 0.630."""
    right = np.arange(1000) % 10 < 6
    found = scored(of(np.ones(1000, int), right.astype(int), np.arange(1000)), draws=4000)
    assert found.low == pytest.approx(0.5696, abs=0.004)
    assert found.high == pytest.approx(0.6304, abs=0.004)


def test_a_lone_day_has_an_interval_of_no_width():
    found = scored(of([1, 0, 1], [1, 1, 1]))
    assert found.low == found.high == found.accuracy


def test_nobody_beats_himself():
    right = np.array([True, False, True, True])
    assert permutation_p(right, right, np.arange(4)) == 1.0


def test_the_permutation_test_of_few_days_is_the_exact_one():
    """Better on all of 5 days: only one of the 2^5 exchanges is as good, p = 1/32."""
    p = permutation_p(np.ones(5, bool), np.zeros(5, bool), np.arange(5), draws=20_000)
    assert p == pytest.approx(1 / 32, abs=0.005)


def test_better_on_a_hundred_rows_of_one_day_proves_nothing():
    """One day, one coin: p = 1/2 however many rows it has."""
    p = permutation_p(np.ones(100, bool), np.zeros(100, bool), np.zeros(100, int), draws=4000)
    assert p == pytest.approx(0.5, abs=0.03)


def test_p_values_of_equal_skill_are_spread_evenly():
    rng = np.random.default_rng(3)
    found = []
    for _ in range(200):
        ours, theirs = rng.random((2, 120)) < 0.5
        found.append(permutation_p(ours, theirs, np.arange(120), draws=200))
    assert 0.01 <= np.mean(np.array(found) <= 0.05) <= 0.10
