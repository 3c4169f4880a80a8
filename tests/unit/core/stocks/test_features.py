"""Rows, columns and labels; nothing in a row comes from after its close."""

from dataclasses import fields, replace

import numpy as np
import pytest

from core.stocks.features import SETS, features, labels, usable
from core.stocks.table import DayTable, joined, read, write
from tests.small_days import DAYS, TICKERS, small_days


def garbled_after(table: DayTable, day: np.datetime64) -> DayTable:
    """Everything after a day, and the labels from it on, replaced by noise."""
    rng = np.random.default_rng(99)
    changed = {}
    for field in fields(DayTable):
        column = getattr(table, field.name)
        if field.name in ("ticker", "sector", "date", "next_date"):
            continue
        after = table.date >= day if field.name == "next_return" else table.date > day
        column = column.copy()
        column[after] = np.abs(rng.normal(5, 3, column[after].shape))
        changed[field.name] = column
    return replace(table, **changed)


def test_a_window_of_three_days_holds_the_day_itself_first():
    table = small_days()
    found = features(table, 3, ("prices",))
    row = found.rows[10]
    assert found.names[:5] == ("return_1", "return_5", "return_20", "volatility", "volume_change")
    assert found.names[5] == "return_1-1" and found.names[10] == "return_1-2"
    expected = table.return_1[[row, row - 1, row - 2]]
    assert found.x[10, [0, 5, 10]].tolist() == expected.tolist()


def test_both_windows_have_the_same_rows_and_labels():
    one, three = (features(small_days(), window) for window in (1, 3))
    assert one.rows.tolist() == three.rows.tolist() and one.y.tolist() == three.y.tolist()


def test_no_window_reaches_into_another_ticker():
    table = small_days()
    found = features(table, 3, least_tweets=0)
    assert len(found) == len(TICKERS) * (DAYS - 2)
    assert (table.ticker[found.rows] == table.ticker[found.rows - 2]).all()


@pytest.mark.parametrize("window", [1, 3])
def test_what_comes_after_a_day_changes_nothing_up_to_it(window):
    table = small_days()
    day = table.date[60]
    before, after = (
        features(t, window, SETS, least_tweets=0) for t in (table, garbled_after(table, day))
    )
    early = before.day <= day.astype(int)
    late = after.day <= day.astype(int)
    assert early.sum() > 100
    assert np.array_equal(before.x[early], after.x[late])
    known = before.target[early] <= day.astype(int)  # labels known by then
    assert np.array_equal(before.y[early][known], after.y[late][known])


def test_days_without_texts_are_neutral_and_can_be_left_out():
    table = small_days()
    found = features(table, 1, ("sentiment", "vectors"), least_tweets=0)
    silent = table.tweets[found.rows] == 0
    assert silent.any() and not found.x[silent].any()
    assert (table.tweets[features(table).rows] > 0).all()


def test_stocknets_labels_leave_out_what_lies_between():
    move = np.array([0.0055, 0.0054, 0.0, -0.0049, -0.005, np.nan])
    table = replace(small_days().rows(np.arange(6)), next_return=move)
    assert labels(table, "stocknet").tolist()[:1] == [1] and labels(table, "stocknet")[4] == 0
    assert np.isnan(labels(table, "stocknet")[[1, 2, 3, 5]]).all()
    assert labels(table)[:5].tolist() == [1, 1, 0, 0, 0]
    assert not usable(table, "direction", 0)[5]


def test_the_market_of_a_day_is_the_mean_over_its_tickers():
    table = small_days()
    found = features(table, 1, ("market",), least_tweets=0, tickers=("AAA",))
    day = table.date == table.date[found.rows[0]]
    assert found.x[0, 0] == pytest.approx(table.return_1[day].mean())
    assert len(found) == DAYS - 2


def test_the_teaching_switches():
    found = features(small_days())
    assert (found.constant().x == 1).all()
    shuffled = found.shuffled(0)
    assert shuffled.y.sum() == found.y.sum() and (shuffled.y != found.y).any()


def test_a_table_comes_back_from_its_file_as_it_was(tmp_path):
    table = small_days()
    dates = table.next_date.copy()
    dates[5] = np.datetime64("NaT")
    table = replace(table, next_date=dates)
    write(table, tmp_path / "days.npz")
    found = read(tmp_path / "days.npz")
    for field in fields(DayTable):
        ours, theirs = getattr(found, field.name), getattr(table, field.name)
        number = ours.dtype.kind in "fM"
        assert np.array_equal(ours, theirs, equal_nan=number), field.name
        assert not ours.flags.writeable


def test_tables_of_different_tickers_join_in_order():
    table = small_days()
    parts = [table.rows(table.ticker == name) for name in reversed(TICKERS)]
    assert joined(parts).ticker.tolist() == table.ticker.tolist()


def test_days_are_cut_at_both_ends():
    table = small_days()
    found = table.between("2015-02-02", "2015-02-27")
    assert str(found.date.min()) == "2015-02-02" and str(found.date.max()) == "2015-02-27"
    assert table.between() is table
