"""Yahoo Finance through yfinance itself, played on loopback from answers the project wrote."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from curl_cffi.requests.exceptions import DNSError, Timeout

from core.errors import (
    Cancelled,
    MixedExchanges,
    QuotesEmpty,
    QuotesLimited,
    QuotesOffline,
    QuotesUnavailable,
    QuotesUnreadable,
    UnknownTicker,
)
from core.stocks import align, live
from core.stocks.live import Live

CLOSED = datetime(2024, 7, 12, 20, 30, tzinfo=UTC)  # half an hour after the last day's close
ANSWERS = Path(__file__).parent / "yahoo"
DAYS = 14  # with a close in chart_AAL.json; one more has nulls alone


@pytest.fixture
def ask(loopback, tmp_path):
    """Makes sources that share a folder; keywords as `Live` has them."""
    def make(**keywords):
        keywords = {
            "folder": tmp_path / "quotes", "session": loopback, "pause": 0.001,
            "now": lambda: CLOSED, **keywords,
        }
        return Live(**keywords)

    return make


def recorded() -> dict[str, object]:
    return json.loads((ANSWERS / "chart_AAL.json").read_text())["chart"]["result"][0]


def test_prices_are_those_of_the_answer_with_the_close_beside_the_adjusted_one(ask):
    source = ask()
    prices = source.prices(["AAL"])
    quote = recorded()["indicators"]["quote"][0]
    closes = [x for x in quote["close"] if x is not None]
    adjusted = [x for x in recorded()["indicators"]["adjclose"][0]["adjclose"] if x is not None]
    assert prices.close.tolist() == closes and len(closes) == DAYS - 1
    assert prices.adj_close.tolist() == pytest.approx(adjusted)
    assert prices.zone == "America/New_York" and set(prices.ticker) == {"AAL"}
    assert str(prices.date[0]) == "2024-06-24" and str(prices.date[-1]) == "2024-07-12"
    assert not prices.close.flags.writeable


def test_a_split_in_the_answer_is_said(ask):
    source = ask()
    source.prices(["AAL"])
    found = {finding.code: dict(finding.facts) for finding in source.findings}
    assert found == {"split_adjusted": {"ticker": "AAL", "date": "2024-07-01", "ratio": 2.0}}


@pytest.mark.parametrize("hour, minute, last", [(19, 0, "2024-07-11"), (20, 29, "2024-07-11"),
                                                (20, 30, "2024-07-12")])
def test_a_day_that_is_not_over_has_no_price(ask, hour, minute, last):
    now = CLOSED.replace(hour=hour, minute=minute)
    assert str(ask(now=lambda: now).prices(["AAL"]).date[-1]) == last


def test_headlines_come_with_their_time_and_as_they_are_written(ask):
    tweets = ask().tweets(["AAL"])
    assert tweets.at.astype(str).tolist() == [
        "2024-07-02T14:05:00", "2024-07-03T17:30:00", "2024-07-05T17:20:00"
    ]
    assert tweets.text[1] == "$AAL shares slip after the close “on fuel costs” <b>& more</b>"


def test_a_headline_after_the_half_days_close_belongs_to_the_day_after_the_holiday(ask):
    source = ask()
    prices = source.prices(["AAL"])
    rows = align.align(source.tweets(["AAL"]), prices)
    assert prices.date[rows].astype(str).tolist() == ["2024-07-02", "2024-07-05", "2024-07-05"]


def test_tickers_are_written_as_yahoo_writes_them(ask, yahoo):
    assert ask().prices([" $aal ", "AAL"]).tickers() == ("AAL",)
    assert yahoo.asked["chart"] == 2  # one for the time zone, one for the prices


@pytest.mark.parametrize("ticker", ["", "../AAL", "AAL?x=1", "苹果", "A" * 30, "A B", "http://x"])
def test_what_cannot_be_a_ticker_is_refused_without_asking(ask, yahoo, ticker):
    with pytest.raises(UnknownTicker):
        ask().prices([ticker])
    assert not yahoo.asked


def test_an_unknown_ticker_is_told_once(ask, yahoo):
    with pytest.raises(UnknownTicker, match="NOSUCH"):
        ask().prices(["NOSUCH"])
    assert yahoo.asked["chart"] <= 2


@pytest.mark.parametrize("mood, error", [
    ("html", QuotesUnreadable), ("text", QuotesUnreadable), ("502", QuotesUnreadable),
    ("limit", QuotesLimited), ("empty", QuotesEmpty), ("null", QuotesEmpty),
])
def test_each_bad_answer_is_one_clear_sentence(ask, yahoo, mood, error):
    yahoo.mood = mood
    with pytest.raises(error) as caught:
        ask().prices(["AAL"])
    assert caught.type is error and "\n" not in str(caught.value)


def test_a_bad_answer_is_not_remembered(ask, yahoo):
    yahoo.mood = "html"
    with pytest.raises(QuotesUnreadable):
        ask().prices(["AAL"])
    yahoo.mood = ""
    assert len(ask().prices(["AAL"])) == DAYS - 1


def test_a_server_that_recovers_is_asked_again(ask, yahoo):
    yahoo.moods = ["html", "502"]
    assert len(ask().prices(["AAL"])) == DAYS - 1


def test_three_attempts_are_all(ask, yahoo):
    yahoo.mood = "html"
    with pytest.raises(QuotesUnreadable):
        ask().prices(["AAL"])
    assert yahoo.asked["chart"] == 3


class Away:
    """A session's request that fails as curl's does without a network."""

    def __init__(self, error: Exception) -> None:
        self.error, self.asked = error, 0

    def __call__(self, *args: object, **keywords: object) -> object:
        self.asked += 1
        raise self.error


@pytest.mark.parametrize("error", [
    DNSError("Could not resolve host: query2.finance.yahoo.com", 6),
    Timeout("Operation timed out", 28), ConnectionResetError(104, "Connection reset by peer"),
])
def test_without_a_network_the_sentence_says_so(ask, loopback, monkeypatch, error):
    away = Away(error)
    monkeypatch.setattr(loopback, "request", away)
    with pytest.raises(QuotesOffline):
        ask().prices(["AAL"])
    assert away.asked


def test_a_port_where_nobody_listens_is_no_network_either(ask, loopback):
    loopback.port = 9
    with pytest.raises(QuotesOffline):
        ask().prices(["AAL"])


def test_a_stored_answer_is_used_while_it_is_fresh(ask, yahoo):
    first = ask().prices(["AAL"])
    asked = yahoo.asked["chart"]
    again = ask().prices(["AAL"])
    assert yahoo.asked["chart"] == asked
    assert again.adj_close.tolist() == first.adj_close.tolist() and again.zone == first.zone


def test_an_old_answer_serves_when_yahoo_fails_and_says_its_age(ask, yahoo):
    ask().prices(["AAL"])
    yahoo.mood = "html"
    source = ask(now=lambda: CLOSED + timedelta(hours=30))
    assert len(source.prices(["AAL"])) == DAYS - 1
    found = {finding.code: dict(finding.facts) for finding in source.findings}
    assert found["old_prices"] == {"ticker": "AAL", "hours": 30}


def test_an_old_answer_is_replaced_when_yahoo_answers(ask, yahoo):
    ask().prices(["AAL"])
    asked = yahoo.asked["chart"]
    source = ask(now=lambda: CLOSED + timedelta(hours=30))
    source.prices(["AAL"])
    assert yahoo.asked["chart"] > asked
    assert not any(finding.code == "old_prices" for finding in source.findings)


def test_headlines_of_earlier_days_are_kept_beside_the_new(ask, yahoo, monkeypatch):
    earlier = len(ask().tweets(["AAL"]))
    monkeypatch.setattr(
        "core.stocks.yahoo.fetch_headlines",
        lambda ticker, session: [["2024-07-12T10:00:00", "Newer"]],
    )
    later = ask(now=lambda: CLOSED + timedelta(hours=1)).tweets(["AAL"])
    assert len(later) == earlier + 1 and later.text[-1] == "Newer"


@pytest.mark.parametrize("mood", ["html", "limit", "text", "null"])
def test_without_headlines_the_prices_still_work_and_it_is_said(ask, yahoo, mood):
    source = ask()
    source.prices(["AAL"])
    yahoo.mood = mood
    assert len(source.tweets(["AAL"])) == 0
    assert "no_headlines" in {finding.code for finding in source.findings}


def test_tickers_of_two_time_zones_do_not_mix_but_each_works_alone(ask):
    prices = ask().prices(["0700.HK"])
    assert prices.zone == "Asia/Hong_Kong" and str(prices.date[-1]) == "2024-07-12"
    with pytest.raises(MixedExchanges):
        ask().prices(["AAL", "0700.HK"])


def test_progress_counts_the_tickers(ask):
    steps = []
    ask(tell=lambda step: steps.append((step.what, step.done, step.total))).prices(["AAL"])
    assert steps[0] == ("prices", 0, 1) and steps[-1] == ("prices", 1, 1)


def test_somebody_waiting_for_a_server_that_hangs_can_cancel(ask, yahoo):
    yahoo.mood = "hang"
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        ask(tell=lambda step: time.monotonic() - begun < 0.3).prices(["AAL"])
    assert time.monotonic() - begun < 3


def test_a_server_that_hangs_is_given_up_after_a_while(ask, yahoo):
    yahoo.mood = "hang"
    begun = time.monotonic()
    with pytest.raises(QuotesOffline):
        ask(patience=0.3).prices(["AAL"])
    assert time.monotonic() - begun < 3


def test_many_who_ask_the_same_at_once_cost_one_request(ask, yahoo):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(len(ask().prices(["AAL"]))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [DAYS - 1] * 8 and yahoo.asked["chart"] == 2


def test_a_stored_answer_that_is_damaged_is_asked_for_again(ask, tmp_path):
    ask().prices(["AAL"])
    for path in (tmp_path / "quotes").glob("*.json"):
        path.write_text(path.read_text()[:50])
    assert len(ask().prices(["AAL"])) == DAYS - 1


def test_any_other_failure_of_yfinance_is_one_of_the_sentences_too(ask, monkeypatch):
    import yfinance

    def broken(*args: object, **keywords: object) -> None:
        raise RuntimeError("a new shape")

    monkeypatch.setattr(yfinance, "Ticker", broken)
    with pytest.raises(QuotesUnavailable):
        ask().prices(["AAL"])


def test_the_whole_of_a_source_is_there():
    assert Live.name == "live" and Live(folder=Path("unused")).tickers() == ()
    assert live.YEARS >= 1
