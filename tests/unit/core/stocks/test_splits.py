"""No day stands on both sides of a cut, but where the leak is the lesson."""

import numpy as np
import pytest

from core.errors import TooFewDays
from core.stocks.features import LONGEST, features
from core.stocks.splits import GAP, LEAST_DAYS, cuts
from tests.small_days import small_days

FOUND = features(small_days(days=200), 3, least_tweets=0)


def touched(found, places):
    """Every day that some rows know of: their window, their own, their label's."""
    days = np.unique(found.day)
    own = np.searchsorted(days, found.day[places])
    window = {int(d) for back in range(LONGEST) for d in days[np.maximum(own - back, 0)]}
    return window | set(found.target[places].tolist())


def test_learned_and_judged_rows_know_of_no_common_day():
    for cut in cuts(FOUND, "walk-forward"):
        assert not touched(FOUND, cut.train) & touched(FOUND, cut.test)
        assert FOUND.day[cut.train].max() < FOUND.day[cut.test].min()


def test_the_gap_holds_the_longest_window_and_the_label():
    days = np.unique(FOUND.day)
    for cut in cuts(FOUND, "walk-forward"):
        between = (days > FOUND.day[cut.train].max()) & (days < FOUND.day[cut.test].min())
        assert between.sum() == GAP == LONGEST


def test_the_window_expands_and_every_later_day_is_judged_once():
    found = cuts(FOUND, "walk-forward")
    assert len(found) == 5
    sizes = [len(cut.train) for cut in found]
    assert sizes == sorted(sizes) and len(set(sizes)) == 5
    judged = np.concatenate([cut.test for cut in found])
    assert len(judged) == len(set(judged.tolist()))
    assert FOUND.day[judged].max() == FOUND.day.max()


def test_the_choice_is_made_inside_the_training_part():
    for split in ("walk-forward", "random"):
        for cut in cuts(FOUND, split):
            for learn, judge in cut.inner:
                assert set(learn) | set(judge) <= set(cut.train)
                assert not set(learn) & set(judge)


def test_inside_the_training_part_the_later_days_choose():
    for cut in cuts(FOUND, "walk-forward"):
        for learn, judge in cut.inner:
            assert FOUND.day[learn].max() < FOUND.day[judge].min()


def test_stocknets_three_periods_go_by_the_day_of_the_label():
    (cut,) = cuts(FOUND, "stocknet")
    ((learn, judge),) = cut.inner
    first, second = np.datetime64("2015-08-01"), np.datetime64("2015-10-01")
    target = FOUND.target.astype("datetime64[D]")
    assert learn.tolist() == cut.train.tolist() and (target[learn] < first).all()
    assert ((target[judge] >= first) & (target[judge] < second)).all()
    assert (target[cut.test] >= second).all()


def test_the_random_split_has_the_same_days_on_both_sides():
    for cut in cuts(FOUND, "random"):
        assert np.isin(FOUND.day[cut.test], FOUND.day[cut.train]).mean() > 0.8


def test_fewer_than_sixty_days_are_refused():
    few = features(small_days(days=LEAST_DAYS), least_tweets=0)
    with pytest.raises(TooFewDays, match="58 trading days; at least 60"):
        cuts(few, "walk-forward")


def test_stocknets_split_needs_its_years():
    table = small_days(days=100)  # January to May 2015: nothing to judge
    with pytest.raises(TooFewDays):
        cuts(features(table, least_tweets=0), "stocknet")
