"""The stocks lesson without a page: its request, its table, its numbers once more, its JSON."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.engine.stub import StubEngine
from core.errors import (
    BadInput,
    Cancelled,
    DataMissing,
    OneDirection,
    TooFewDays,
    TooFewTweetDays,
    UnknownTicker,
)
from core.stocks.table import FACTS, FOLDER, TABLE, read
from lessons.cli.main import main
from lessons.stocks import lesson
from lessons.stocks.lesson import Request, answer, asked, run, settings_of, to_json
from tests.small_days import TICKERS, small_days

QUICK = Request(windows="1", features="sentiment,prices", every=True)


@pytest.fixture(scope="module")
def table():
    return small_days(days=120)


@pytest.fixture(scope="module")
def result(table):
    return answer(table, replace(QUICK, windows="1,3"))


@pytest.fixture
def as_shipped(table, monkeypatch):
    """The small table in place of the shipped one."""
    monkeypatch.setattr(lesson, "shipped", lambda: table)
    monkeypatch.setattr(lesson, "facts_of", lambda: {"source": {}})


def test_every_number_is_the_same_once_more_by_hand(result):
    assert result.proof.holds
    assert {check.name for check in result.proof.checks} == {
        "accuracy", "mcc", "logistic 1", "logistic 3", "svm 1", "svm 3",
    }


def test_the_pipelines_counts_are_those_of_the_table(result, table):
    counts = result.counts
    assert counts.texts == table.tweets.sum() and counts.days == len(table)
    assert counts.with_texts == (table.tweets > 0).sum()
    assert counts.rows == result.report.n == 3 * (120 - 2)  # two days of history a ticker
    assert dict(counts.features) == {1: 11, 3: 33}


def test_the_json_has_the_promised_keys_and_no_nan(result):
    found = json.loads(json.dumps(to_json(result), allow_nan=False))
    assert {"rows", "majority", "split"} <= found.keys()
    assert len(found["rows"]) == 16
    for row in found["rows"]:
        assert {"classifier", "window", "accuracy", "mcc", "low", "high", "n"} <= row.keys()
    assert found["exercise"]["n"] == 2100
    assert found["published"]["rows"][0] == {
        "model": "StockNet", "accuracy": 0.5823, "mcc": 0.0808,
    }


def test_tickers_may_be_written_as_people_write_them(table):
    assert asked(table, " $aaa, BBB ") == ("AAA", "BBB")
    assert asked(table, "All") == TICKERS
    for wrong in ("AAL", "AAA,AAL", "", " , "):
        with pytest.raises(UnknownTicker):
            asked(table, wrong)


def test_one_ticker_is_judged_alone_and_the_market_still_seen(table):
    found = answer(table, replace(QUICK, ticker="BBB", features="market"))
    assert found.counts.tickers == 1 and found.counts.days == 120
    assert len(found.table) == len(table)
    assert set(table.ticker[found.report.predicted[0].rows]) == {"BBB"}


def test_the_teaching_switches_reach_the_classifiers(table):
    found = answer(table, replace(QUICK, constant=True))
    assert found.report.row("svm", 1).scores.accuracy == found.report.majority
    assert found.proof.holds
    assert answer(table, replace(QUICK, shuffled=True)).proof.holds
    assert answer(table, replace(QUICK, split="random")).report.settings.split == "random"


@pytest.mark.parametrize("wrong,said", [
    ({"features": "weather"}, "features has 'weather'"), ({"features": ""}, "features has ''"),
    ({"windows": "7"}, "windows has '7'"), ({"windows": "one"}, "windows has 'one'"),
    ({"split": "fair"}, "split is 'fair'"), ({"labels": "up"}, "labels is 'up'"),
    ({"pool": "x"}, "pool is 'x'"),
])
def test_a_word_that_is_no_choice_is_said(wrong, said):
    with pytest.raises(BadInput, match=said):
        settings_of(replace(QUICK, **wrong))


def test_days_are_written_as_days(table):
    with pytest.raises(BadInput, match="start is 'soon'"):
        answer(table, replace(QUICK, start="soon"))
    short = replace(QUICK, start="2015-01-05", end="2015-02-27")
    with pytest.raises(TooFewDays, match="There are 40 trading days; at least 60"):
        answer(table, short)


def test_no_texts_on_most_days_is_one_sentence(table):
    silent = np.where(np.arange(len(table)) % 10 == 0, table.tweets, 0).astype(np.int32)
    alone = replace(QUICK, ticker="AAA", every=False)
    with pytest.raises(TooFewTweetDays, match=r"Only \d+ of 120 trading days have texts"):
        answer(replace(table, tweets=silent), alone)
    assert answer(replace(table, tweets=silent), replace(alone, every=True)).counts.rows == 118


def test_a_market_that_only_rises_is_one_sentence(table):
    rising = replace(table, next_return=np.abs(table.next_return) + np.float32(1e-4))
    with pytest.raises(OneDirection, match="went up"):
        answer(rising, QUICK)


def test_the_work_tells_how_far_it_is_and_stops_when_told(table):
    seen = []
    answer(table, QUICK, tell=seen.append)
    assert seen[-1].share == 1.0 and seen[-1].what == "fitting"
    with pytest.raises(Cancelled):
        answer(table, QUICK, tell=lambda step: False)


def test_the_embedded_source_needs_no_forward_pass(as_shipped, table):
    engine = StubEngine()
    found = run(engine, QUICK)
    assert found.table.tickers() == table.tickers() and engine.forward_passes == 0


def test_a_folder_without_tables_is_said(as_shipped, tmp_path):
    with pytest.raises(DataMissing, match="has no prices"):
        run(StubEngine(), replace(QUICK, source=str(tmp_path)))


def stocknet_folder(folder: Path, days: int = 90) -> Path:
    """Two tickers and a text a day, as StockNet's two tables."""
    rng = np.random.default_rng(0)
    dates = np.busday_offset("2015-01-05", np.arange(days), roll="forward")
    prices = ["ticker,date,open,high,low,close,adj_close,volume"]
    tweets = ["ticker,created_at,text"]
    for name in ("AAA", "BBB"):
        close = 100 * np.cumprod(1 + rng.normal(0, 0.01, days))
        prices += [
            f"{name},{d},{c},{c},{c},{c},{c},1000" for d, c in zip(dates, close, strict=True)
        ]
        tweets += [f"{name},{d}T15:00:00Z,${name} moves again" for d in dates]
    (folder / "prices.csv").write_text("\n".join(prices))
    (folder / "tweets.csv").write_text("\n".join(tweets))
    return folder


@pytest.mark.skipif(not (FOLDER / TABLE).exists(), reason="the table is not made yet")
def test_a_folder_is_read_by_the_model_and_kept(tmp_path, monkeypatch):
    from core.engine import local_engine

    monkeypatch.setenv("INSIDE_BERT_CACHE", str(tmp_path / "cache"))
    source = str(stocknet_folder(tmp_path))
    steps = []
    found = run(local_engine(), replace(QUICK, source=source, features="sentiment,vectors"),
                steps.append)
    assert found.counts.texts == 180 and found.counts.tickers == 2 and found.facts == {}
    assert {step.what for step in steps} == {"reading", "fitting"}
    again = []
    run(local_engine(), replace(QUICK, source=source, features="sentiment"), again.append)
    reading = [step for step in again if step.what == "reading"]
    assert [step.share for step in reading] == [1.0]  # all of it was there


@pytest.mark.skipif(not (FOLDER / TABLE).exists(), reason="the table is not made yet")
def test_the_shipped_table_is_what_its_facts_say():
    table, facts = read(FOLDER / TABLE), json.loads((FOLDER / FACTS).read_text())
    assert len(table) == facts["rows"] and len(table.tickers()) == facts["tickers"] == 87
    assert str(table.date.min()) >= facts["from"] and str(table.date.max()) <= facts["to"]
    assert (FOLDER / TABLE).stat().st_size <= 5 * 10**6
    assert (table.tweets > 0).sum() == facts["rows_with_tweets"]
    text = (table.tweets > 0) & ~np.isnan(table.mean)
    assert (text == (table.tweets > 0)).all()
    assert (np.abs(table.mean[text]) <= 1).all()
    assert np.isfinite(table.vector[text]).all()


@pytest.mark.skipif(not (FOLDER / TABLE).exists(), reason="the table is not made yet")
def test_the_shipped_labels_are_the_next_days_returns():
    """next_return of a row is return_1 of the ticker's next row, and so no feature of its own."""
    table = read(FOLDER / TABLE)
    same = table.ticker[1:] == table.ticker[:-1]
    assert np.allclose(table.next_return[:-1][same], table.return_1[1:][same], atol=1e-6)
    assert (table.next_date[:-1][same] == table.date[1:][same]).all()


def test_the_command_line_answers(as_shipped, capsys):
    assert main(["stocks", "--ticker", "AAA", "--every", "1", "--windows", "1",
                 "--features", "prices", "--device", "cpu", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["split"] == "walk-forward" and len(found["rows"]) == 8
    assert {row["ran_on"] for row in found["rows"]} == {"cpu"}


def test_the_command_line_refuses_in_one_line(as_shipped, capsys):
    assert main(["stocks", "--ticker", "AAL", "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and "'AAL'" in captured.err
