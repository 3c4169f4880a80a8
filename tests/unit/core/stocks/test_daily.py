"""From prices and texts to a row: by hand, and blind to what comes later."""

from dataclasses import replace

import numpy as np
import pytest

from core.stocks.daily import (
    Projection,
    build,
    fitted,
    mean_vectors,
    read_projection,
    write_projection,
)
from core.stocks.readings import Readings
from core.stocks.source import Prices, Tweets

DAYS = np.busday_offset("2015-01-05", np.arange(60), roll="forward")
KEEP = Projection(np.zeros(16, np.float32), np.eye(16, dtype=np.float32))


def prices_of(close, ticker="AAA", volume=None):
    close = np.asarray(close, float)
    return Prices.sorted(
        [ticker] * len(close), DAYS[: len(close)], close=close,
        volume=np.full(len(close), 1000.0) if volume is None else volume,
    )


def readings_of(*sentiments):
    """One text each, with P(positive) - P(negative) as given and its number as its vector."""
    chances = [[max(-s, 0), 1 - abs(s), max(s, 0)] for s in sentiments]
    vectors = np.tile(np.arange(len(sentiments), dtype=np.float32)[:, None], (1, 16))
    return Readings(np.array(chances, np.float32).reshape(-1, 3), vectors)


def tweets_of(*moments, ticker="AAA"):
    return Tweets.sorted(
        [ticker] * len(moments), np.array(moments, "datetime64[s]"),
        [f"text {i}" for i in range(len(moments))],
    )


def built(prices, tweets, readings):
    return build(prices, tweets, readings, np.arange(len(tweets)), KEEP, {"AAA": "Toys"})


def test_a_days_sentiment_is_that_of_its_texts():
    # New York closes at 21:00 UTC in winter: two texts of Monday the 5th, one of the 6th
    tweets = tweets_of("2015-01-05T15:00", "2015-01-05T20:59", "2015-01-05T21:01")
    table = built(prices_of([100, 101, 102]), tweets, readings_of(0.8, -0.6, 0.5))
    assert table.tweets.tolist() == [2, 1, 0]
    assert table.mean[:2].tolist() == pytest.approx([0.1, 0.5])
    assert table.spread[0] == pytest.approx(0.7)  # of 0.8 and -0.6 around 0.1
    assert (table.positive[0], table.negative[0]) == (0.5, 0.5)
    assert table.vector[0].tolist() == [0.5] * 16  # mean of texts 0 and 1
    assert table.change[1] == pytest.approx(0.5 - 0.1)
    assert np.isnan(table.mean[2]) and np.isnan(table.change[0]) and np.isnan(table.vector[2, 0])
    assert table.sector.tolist() == ["Toys"] * 3


def test_the_change_looks_back_five_trading_days_and_weighs_texts_alike():
    moments = [f"{day}T15:00" for day in DAYS[[0, 1, 2, 2, 7]]]
    found = built(prices_of(np.arange(100, 110)), tweets_of(*moments),
                  readings_of(1.0, 0.2, 0.4, 0.6, 0.9))
    # day 7 looks at days 2 to 6: two texts of day 2
    assert found.change[7] == pytest.approx(0.9 - 0.5)
    # day 2 looks at days 0 and 1
    assert found.change[2] == pytest.approx(0.5 - 0.6)


def test_moves_are_of_the_adjusted_close_and_the_label_is_the_next_one():
    close = 100 * 1.01 ** np.arange(30)
    table = built(prices_of(close), Tweets.empty(), readings_of())
    assert table.return_1[1:].tolist() == pytest.approx([0.01] * 29)
    assert table.return_5[5] == pytest.approx(1.01**5 - 1)
    assert table.return_20[20] == pytest.approx(1.01**20 - 1)
    assert table.next_return[:-1].tolist() == pytest.approx([0.01] * 29)
    assert np.isnan(table.next_return[-1]) and np.isnat(table.next_date[-1])
    assert table.next_date[:-1].tolist() == DAYS[1:30].tolist()
    assert np.isnan(table.return_20[19]) and np.isnan(table.volatility[19])
    assert table.volatility[20] == pytest.approx(0, abs=1e-6)


def test_volume_is_beside_its_mean_of_the_twenty_days_before():
    volume = np.full(30, 1000.0)
    volume[25] = 2000.0
    volume[26] = 0.0  # no trade: no number
    table = built(prices_of(np.full(30, 50.0), volume=volume), Tweets.empty(), readings_of())
    assert table.volume_change[25] == pytest.approx(np.log(2))
    assert table.volume_change[24] == pytest.approx(0)
    assert np.isnan(table.volume_change[26]) and np.isnan(table.volume_change[19])


def test_no_ticker_sees_another():
    close = 100 + np.random.default_rng(0).normal(size=40).cumsum()
    alone = built(prices_of(close, "BBB"), Tweets.empty(), readings_of())
    first = prices_of(close[::-1], "AAA")
    both = Prices.sorted(
        first.ticker + ("BBB",) * 40, np.concatenate([first.date, DAYS[:40]]),
        close=np.concatenate([first.close, close]), volume=np.full(80, 1000.0),
    )
    table = built(both, Tweets.empty(), readings_of())
    for name in ("return_1", "return_20", "volatility", "volume_change", "next_return"):
        assert np.array_equal(getattr(table, name)[40:], getattr(alone, name), equal_nan=True)


def test_what_is_traded_or_written_later_changes_no_earlier_row():
    rng = np.random.default_rng(1)
    close = 100 + rng.normal(size=60).cumsum()
    at = np.sort(rng.choice(DAYS, 80)).astype("datetime64[s]") + np.timedelta64(15, "h")
    tweets = Tweets.sorted(["AAA"] * 80, at, [str(i) for i in range(80)])
    said = rng.uniform(-1, 1, 80)
    day = 40
    later = close.copy()
    later[day + 1 :] *= rng.uniform(0.5, 2, 60 - day - 1)
    close_of_day = DAYS[day].astype("datetime64[s]") + np.timedelta64(21, "h")
    changed = np.where(at > close_of_day, -said, said)
    before = built(prices_of(close), tweets, readings_of(*said))
    after = built(prices_of(later), tweets, readings_of(*changed))
    known = [name for name in vars(before) if name != "next_return"]
    for name in known:
        ours, theirs = getattr(before, name)[: day + 1], getattr(after, name)[: day + 1]
        assert np.array_equal(ours, theirs, equal_nan=ours.dtype.kind in "fM"), name
    assert np.array_equal(before.next_return[:day], after.next_return[:day])
    assert before.next_return[day] != after.next_return[day]


def test_the_projection_keeps_the_directions_of_largest_spread(tmp_path):
    rng = np.random.default_rng(2)
    spread = np.array([9.0, 5.0, 3.0] + [0.1] * 37)
    vectors = (rng.normal(size=(400, 40)) * spread + 7).astype(np.float32)
    found = fitted(vectors)
    z = found(vectors)
    assert z.shape == (400, 16)
    assert z.mean(axis=0) == pytest.approx(np.zeros(16), abs=1e-3)
    assert z.std(axis=0, ddof=1) == pytest.approx(np.ones(16), abs=1e-3)
    assert np.abs(found.directions[:3]).argmax(axis=1).tolist() == [0, 1, 2]
    assert (found.directions[np.arange(3), [0, 1, 2]] > 0).all()
    write_projection(found, tmp_path / "p.npz")
    again = read_projection(tmp_path / "p.npz")
    assert np.array_equal(again(vectors), z)


def test_texts_outside_every_day_count_nowhere():
    tweets = tweets_of("2015-01-05T15:00", "2016-06-01T15:00")
    prices = prices_of([100, 101, 102])
    table = built(prices, tweets, readings_of(0.5, 1.0))
    assert table.tweets.sum() == 1
    row = np.array([0, len(prices)])
    assert np.isnan(mean_vectors(row, readings_of(0.5, 1.0), np.arange(2), 3)[1:]).all()
    assert replace(table).tickers() == ("AAA",)
