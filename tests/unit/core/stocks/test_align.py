"""A text belongs to the day at whose close it was public, and nothing later changes that."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.stocks.align import DOWN, UP, align, labels, moves, trading_day
from core.stocks.calendar import closes
from core.stocks.checks import clean
from core.stocks.source import AT, DAY, Prices, Tweets

DAYS = np.array(["2014-11-26", "2014-11-28", "2014-12-01", "2014-12-02"], DAY)


def day_of(moment: str) -> str:
    found = int(trading_day(np.array([moment], AT), DAYS)[0])
    return str(DAYS[found]) if found < len(DAYS) else "none"


@pytest.mark.parametrize("utc, day", [
    ("2014-11-26T20:59:59", "2014-11-26"),  # before the close
    ("2014-11-26T21:00:00", "2014-11-26"),  # 16:00 sharp
    ("2014-11-26T21:00:01", "2014-11-28"),  # a second later: over Thanksgiving
    ("2014-11-27T12:00:00", "2014-11-28"),  # the holiday itself
    ("2014-11-28T18:00:00", "2014-11-28"),  # half day, 13:00 sharp
    ("2014-11-28T18:00:01", "2014-12-01"),  # after the early close: over the weekend
    ("2014-11-30T23:59:59", "2014-12-01"),  # Sunday
    ("2014-12-02T21:00:01", "none"),  # after the last day
    ("2014-11-13T00:00:00", "2014-11-26"),  # within two weeks before the first day
    ("2014-11-12T00:00:00", "none"),  # too old to be that day's news
])
def test_texts_roll_forward_to_the_next_close(utc, day):
    assert day_of(utc) == day


def prices_of(closes_of: dict[str, list[float]], start: str = "2014-01-06") -> Prices:
    tickers, dates, close = [], [], []
    for ticker, numbers in closes_of.items():
        tickers += [ticker] * len(numbers)
        dates += list(np.busday_offset(start, np.arange(len(numbers)), roll="forward"))
        close += numbers
    return Prices.sorted(tickers, np.array(dates, DAY), close=np.array(close))


def test_the_move_is_the_next_adjusted_close_over_this_one_within_a_ticker():
    prices = prices_of({"B": [10.0, 11.0], "A": [100.0, 99.0, 99.0]})
    assert np.allclose(moves(prices), [-0.01, 0.0, np.nan, 0.1, np.nan], equal_nan=True)
    assert np.array_equal(labels(prices), [0, 0, np.nan, 1, np.nan], equal_nan=True)


def test_the_authors_rule_drops_what_lies_between_the_thresholds():
    steps = [UP, DOWN, 0.0, 0.0054, -0.0049, UP + 1e-9, DOWN - 1e-9]
    close = np.cumprod([2.0**20, *(1 + step for step in steps)])
    found = labels(prices_of({"A": close.tolist()}), "stocknet")
    assert np.array_equal(found[2:7], [np.nan, np.nan, np.nan, 1, 0], equal_nan=True)
    assert np.isnan(found[7])


def test_closes_that_are_missing_or_not_positive_give_no_label():
    prices = prices_of({"A": [10.0, 11.0, 12.0, 13.0]})
    prices = replace(prices, adj_close=np.array([10.0, np.nan, 0.0, 13.0]))
    assert np.isnan(labels(prices)).all() and np.isnan(labels(prices, "stocknet")).all()


def test_texts_go_to_rows_of_their_own_ticker_and_to_none_without_prices():
    prices = prices_of({"A": [1.0, 2.0], "B": [1.0, 2.0]})
    at = np.array(["2014-01-07T12:00:00"] * 3, AT)
    tweets = Tweets.sorted(["B", "A", "C"], at, ["b", "a", "c"])
    assert align(tweets, prices).tolist() == [1, 3, 4]


# what is later than a close changes nothing that was known at it

SPAN = 40  # days of the made-up market, from 2014-02-24: clocks go forward in its midst
BEGIN = np.datetime64("2014-02-24T00:00:00", "s")
TICKERS = st.sampled_from(["A", "B"])
MOMENTS = st.integers(-5 * 86400, (SPAN + 5) * 86400)
TEXTS = st.lists(st.tuples(TICKERS, MOMENTS), max_size=25)
ROWS = st.lists(
    st.tuples(TICKERS, st.integers(0, SPAN), st.floats(0.5, 500)), min_size=1, max_size=50
)


def market(rows: list[tuple[str, int, float]]) -> Prices:
    ticker, day, close = zip(*rows, strict=True)
    dates = BEGIN.astype(DAY) + np.array(day, "timedelta64[D]")
    return clean(Prices.sorted(ticker, dates, close=np.array(close)))[0]


def texts(rows: list[tuple[str, int]]) -> Tweets:
    at = BEGIN + np.array([seconds for _, seconds in rows], "timedelta64[s]")
    return Tweets.sorted([t for t, _ in rows], at, [f"{t} {s}" for t, s in rows])


def known(tweets: Tweets, prices: Prices, cut: np.datetime64) -> set[tuple[object, ...]]:
    """All that features of days up to the cut can be made of: their texts and their rows."""
    early = closes(prices.date) <= cut
    found: set[tuple[object, ...]] = {
        (prices.ticker[i], str(prices.date[i]), float(prices.adj_close[i]))
        for i in np.flatnonzero(early)
    }
    for text, row in enumerate(align(tweets, prices)):
        if row < len(prices) and early[row]:
            found.add((tweets.ticker[text], tweets.text[text], str(prices.date[row])))
    return found


@settings(max_examples=200, deadline=None)
@given(TEXTS, ROWS, TEXTS, ROWS, st.integers(0, SPAN))
def test_nothing_later_than_a_close_changes_what_was_known_at_it(said, traded, said2, traded2, day):
    cut = closes(np.array([BEGIN.astype(DAY) + day]))[0]
    second = int((cut - BEGIN).astype(np.int64))

    def mixed_texts():
        return [t for t in said if t[1] <= second] + [t for t in said2 if t[1] > second]

    def mixed_rows():
        return [r for r in traded if r[1] <= day] + [r for r in traded2 if r[1] > day]

    if not mixed_rows():
        return
    before = known(texts(said), market(traded), cut)
    assert known(texts(mixed_texts()), market(mixed_rows()), cut) == before


@given(st.lists(MOMENTS, min_size=1, max_size=30), st.sets(st.integers(0, SPAN), min_size=1))
def test_each_text_is_public_at_its_days_close_and_was_not_at_the_one_before(moments, numbers):
    at = BEGIN + np.array(moments, "timedelta64[s]")
    days = BEGIN.astype(DAY) + np.array(sorted(numbers), "timedelta64[D]")
    close = closes(days)
    for moment, place in zip(at, trading_day(at, days), strict=True):
        if place < len(days):
            assert moment <= close[place]
            assert place == 0 or moment > close[place - 1]


def test_a_text_at_each_close_and_one_a_second_later_change_days_there_over_clock_changes():
    for start, stop in (("2014-03-03", "2014-03-17"), ("2014-10-27", "2014-11-10")):
        days = np.arange(start, stop, dtype=DAY)
        close = closes(days)
        assert trading_day(close, days).tolist() == list(range(len(days)))
        assert trading_day(close + 1, days).tolist() == list(range(1, len(days) + 1))
