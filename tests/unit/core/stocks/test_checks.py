"""Odd prices are cleaned where that is safe, and said with their numbers."""

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from core.stocks.checks import check_prices, check_texts, clean
from core.stocks.source import AT, DAY, Finding, Prices, Tweets


def business_days(count: int, start: str = "2014-01-06") -> np.ndarray:
    return np.busday_offset(start, np.arange(count), roll="forward")


def one(close, date=None, **columns) -> Prices:
    close = np.asarray(close, np.float64)
    date = business_days(len(close)) if date is None else np.array(date, DAY)
    return Prices.sorted(["A"] * len(close), date, close=close, **columns)


def wavy(count: int) -> np.ndarray:
    return 50 + np.sin(np.arange(count))


def facts(findings: tuple[Finding, ...]) -> dict[str, dict[str, object]]:
    return {finding.code: dict(finding.facts) for finding in findings}


def test_of_two_rows_of_a_day_the_later_one_is_kept_and_said():
    prices, found = clean(one([1, 2, 3], ["2014-01-06", "2014-01-07", "2014-01-07"]))
    assert prices.close.tolist() == [1, 3]
    assert facts(found) == {"duplicates": {"count": 1, "ticker": "A", "date": "2014-01-07"}}


def test_days_without_a_close_are_left_out_and_said():
    prices, found = clean(one([1, np.nan, 0, -1, 3]))
    assert prices.close.tolist() == [1, 3]
    assert facts(found) == {"no_close": {"count": 3, "of": 5}}


def test_a_missing_adjusted_close_takes_the_factor_known_before_it():
    prices, found = clean(one([10, 20, 30], adj_close=np.array([5, np.nan, 15.0])))
    assert prices.adj_close.tolist() == [5, 10, 15]
    assert facts(found) == {"no_adjusted": {"count": 1, "of": 3}}


def test_prices_that_are_in_order_give_no_finding():
    prices = one(wavy(80))
    assert clean(prices)[1] == () and check_prices(prices) == ()
    assert clean(Prices.empty())[1] == () and check_prices(Prices.empty()) == ()


def test_fewer_than_sixty_days_are_said():
    found = facts(check_prices(one(wavy(59))))
    assert found == {"few_days": {"ticker": "A", "days": 59, "least": 60, "tickers": 1}}


def test_gaps_longer_than_any_closure_are_said():
    date = np.concatenate([business_days(40), business_days(40, "2014-06-02")])
    found = facts(check_prices(one(wavy(80), date)))["gaps"]
    assert found == {
        "ticker": "A", "count": 1, "longest": 94, "start": str(date[39]), "end": "2014-06-02",
        "tickers": 1,
    }


def test_a_split_that_the_adjusted_close_is_free_of_is_told_from_one_that_it_shows():
    close = wavy(80)
    halved = np.where(np.arange(80) < 40, close, close / 2)
    assert facts(check_prices(one(halved, adj_close=close)))["splits"]["count"] == 1
    found = facts(check_prices(one(halved)))
    assert list(found) == ["jumps"] and found["jumps"]["date"] == str(business_days(80)[40])
    assert abs(found["jumps"]["percent"] + 50) < 2


def test_an_ordinary_dividend_is_no_split():
    close = wavy(80)
    adjusted = np.where(np.arange(80) < 40, close * 0.98, close)
    assert check_prices(one(close, adj_close=adjusted)) == ()


def test_days_that_all_go_one_way_are_said():
    rising = one(np.linspace(10, 20, 80))
    assert facts(check_prices(rising))["all_up"]["days"] == 79
    assert facts(check_prices(one(np.full(80, 7.0))))["all_down"]["days"] == 79


def test_trading_days_at_the_weekend_are_said():
    date = np.arange("2014-01-04", "2014-03-25", dtype=DAY)
    assert facts(check_prices(one(wavy(len(date)), date)))["weekend"]["count"] == 24


def test_a_finding_names_the_first_ticker_and_how_many_have_it():
    prices = Prices.sorted(
        ["B"] * 3 + ["A"] * 3, np.tile(business_days(3), 2), close=np.array([1.0, 2, 1, 1, 2, 1])
    )
    found = facts(check_prices(prices))
    assert found["few_days"] == {"ticker": "A", "days": 3, "least": 60, "tickers": 2}


def test_texts_on_few_days_about_other_tickers_and_outside_the_days_are_said():
    prices = one(wavy(80))
    at = np.array(["2014-01-07T12:00", "2014-01-07T13:00", "2016-01-01T00:00"], AT)
    tweets = Tweets.sorted(["A", "B", "A"], at, ["a", "b", "c"])
    assert facts(check_texts(tweets, prices)) == {
        "no_prices": {"count": 1, "of": 3, "ticker": "B"},
        "outside": {"count": 1, "of": 3},
        "few_texts": {"days": 1, "of": 80},
    }
    assert facts(check_texts(Tweets.empty(), prices)) == {"few_texts": {"days": 0, "of": 80}}


# what a page may say about the data: each code with its facts
SAID = {
    "duplicates": "count ticker date", "no_close": "count of", "no_adjusted": "count of",
    "close_only": "column", "few_days": "ticker days least tickers",
    "gaps": "ticker count longest start end tickers", "weekend": "ticker count tickers",
    "splits": "ticker count date tickers", "split_adjusted": "ticker date ratio",
    "jumps": "ticker count date percent tickers", "all_up": "ticker days tickers",
    "all_down": "ticker days tickers", "no_prices": "count of ticker", "outside": "count of",
    "few_texts": "days of", "no_headlines": "ticker", "old_prices": "ticker hours",
    "old_headlines": "ticker hours", "no_time": "count of", "order_unclear": "example",
    "rows_dropped": "count of", "texts_cut": "count limit",
}
ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_finding_has_a_sentence_that_its_facts_fill(language):
    with open(ROOT / "assets" / "locale" / language / "common.toml", "rb") as file:
        known = tomllib.load(file)
    for code, names in SAID.items():
        sentence = known[f"stocks_found_{code}"]
        assert set(re.findall(r"\{(\w+)\}", sentence)) == set(names.split()), code


def test_no_finding_is_made_that_is_not_in_that_list():
    made = set()
    for path in (ROOT / "core" / "stocks").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        made |= set(re.findall(r'Finding\.of\(\s*"(\w+)"', text))
        made |= set(re.findall(r'found\.append\(\("(\w+)"', text))
    assert made <= set(SAID) and {"gaps", "no_time", "no_headlines"} <= made
