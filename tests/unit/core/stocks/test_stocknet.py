"""StockNet's folder in each of its forms."""

import json
import lzma

import numpy as np
import pytest

from core.errors import BadColumn, BrokenTable, DataMissing, MissingColumn, UnknownTicker
from core.stocks.stocknet import StockNet

TWEETS = (
    "ticker,created_at,text\n"
    'B,2014-01-03T10:00:00Z,"$B falls, they say"\n'
    "A,2014-01-02T23:59:59Z,later $A\n"
    "A,2014-01-02T10:00:00Z,$A rises\n"
)
PRICES = (
    "ticker,date,open,high,low,close,adj_close,volume\n"
    "B,2014-01-02,1,2,0.5,1.5,1.4,100\n"
    "A,2014-01-03,2,3,1.5,2.5,2.4,200\n"
    "A,2014-01-02,null,null,null,null,null,null\n"
)


@pytest.fixture
def plain(tmp_path):
    (tmp_path / "tweets.csv").write_text(TWEETS)
    (tmp_path / "prices.csv").write_text(PRICES)
    return tmp_path


@pytest.fixture
def packed(tmp_path):
    (tmp_path / "tweets.csv.xz").write_bytes(lzma.compress(TWEETS.encode()))
    (tmp_path / "prices.csv.xz").write_bytes(lzma.compress(PRICES.encode()))
    return tmp_path


@pytest.fixture
def raw(tmp_path):
    for ticker, day, hour, text in (
        ("B", "2014-01-03", "10:00:00", "$B falls, they say"),
        ("A", "2014-01-02", "23:59:59", "later $A"), ("A", "2014-01-02", "10:00:00", "$A rises"),
    ):
        file = tmp_path / "tweet" / "raw" / ticker / day
        file.parent.mkdir(parents=True, exist_ok=True)
        moment = {"2014-01-02": "Thu Jan 02", "2014-01-03": "Fri Jan 03"}[day]
        with open(file, "a") as out:
            tweet = {"created_at": f"{moment} {hour} +0000 2014", "text": text, "user_id_str": "1"}
            out.write(json.dumps(tweet) + "\n")
    folder = tmp_path / "price" / "raw"
    folder.mkdir(parents=True)
    header = "Date,Open,High,Low,Close,Adj Close,Volume\n"
    (folder / "B.csv").write_text(header + "2014-01-02,1,2,0.5,1.5,1.4,100\n")
    nothing = "null,null,null,null,null,null"
    (folder / "A.csv").write_text(f"{header}2014-01-03,2,3,1.5,2.5,2.4,200\n2014-01-02,{nothing}\n")
    return tmp_path


@pytest.mark.parametrize("form", ["plain", "packed", "raw"])
def test_each_form_gives_the_same_columns_in_order(form, request):
    source = StockNet(request.getfixturevalue(form))
    assert source.tickers() == ("A", "B")
    tweets = source.tweets(["A", "B"])
    assert tweets.ticker == ("A", "A", "B")
    assert tweets.text == ("$A rises", "later $A", "$B falls, they say")
    assert tweets.at.astype(str).tolist() == [
        "2014-01-02T10:00:00", "2014-01-02T23:59:59", "2014-01-03T10:00:00"
    ]
    prices = source.prices(["A", "B"])
    assert prices.ticker == ("A", "B") and prices.adj_close.tolist() == [2.4, 1.4]
    assert prices.date.astype(str).tolist() == ["2014-01-03", "2014-01-02"]
    assert [(f.code, dict(f.facts)) for f in source.findings] == [
        ("no_close", {"count": 1, "of": 3})
    ]
    assert not tweets.at.flags.writeable and prices.volume.dtype == np.float64


def test_one_ticker_is_its_rows_alone(plain):
    source = StockNet(plain)
    assert source.tweets(["B"]).text == ("$B falls, they say",) and len(source.prices(["B"])) == 1
    assert len(source.tweets(["none"])) == 0


def test_an_unknown_ticker_a_missing_file_and_a_missing_column_are_said(plain):
    with pytest.raises(UnknownTicker, match="NOSUCH"):
        StockNet(plain).prices(["NOSUCH"])
    (plain / "tweets.csv").unlink()
    assert len(StockNet(plain).prices(["A"])) == 1
    with pytest.raises(DataMissing, match=r"tweets\.csv"):
        StockNet(plain).tweets(["A"])
    (plain / "prices.csv").write_text("ticker,date,close\nA,2014-01-02,1\n")
    with pytest.raises(MissingColumn):
        StockNet(plain).prices(["A"])
    with pytest.raises(DataMissing):
        StockNet(plain / "nowhere").tickers()


def test_damaged_files_are_said_with_their_line(packed):
    file = packed / "tweets.csv.xz"
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(BrokenTable):
        StockNet(packed).tweets(["A"])
    (packed / "prices.csv.xz").unlink()
    (packed / "prices.csv").write_text(PRICES + "B,2014-01-03\n")
    with pytest.raises(BrokenTable) as caught:
        StockNet(packed).prices(["A"])
    assert caught.value.facts["line"] == 5


@pytest.mark.parametrize("row", ["B,soon,1,2,0.5,1.5,1.4,100", "B,2014-01-03,1,2,x,1.5,1.4,100"])
def test_dates_and_numbers_that_are_none_are_said(plain, row):
    (plain / "prices.csv").write_text(PRICES + row + "\n")
    with pytest.raises(BadColumn, match=r"soon|x"):
        StockNet(plain).prices(["A"])
