"""Texts and prices from a learner's own tables: columns guessed, oddities said."""

import pytest

from core.errors import BadColumn, MissingColumn, UnknownTicker, UnknownZone
from core.stocks.align import align
from core.stocks.csvs import open_table
from core.stocks.mapping import guess
from core.stocks.upload import Upload, read_prices, read_tweets


def texts(data: str, **keywords):
    table = open_table(data.encode())
    return read_tweets(table, guess(table, "texts"), **{"ticker": "AAL", **keywords})


def prices(data: str, **keywords):
    table = open_table(data.encode())
    return read_prices(table, guess(table, "prices"), **{"ticker": "AAL", **keywords})


def codes(found) -> list[str]:
    return [finding.code for finding in found]


@pytest.mark.parametrize("header, kind, found", [
    ("created_at,full_text,symbol", "texts", ("created_at", "full_text", "symbol")),
    ("日期,标题,股票代码", "texts", ("日期", "标题", "股票代码")),
    ("Symbol,Date,Tweet", "texts", ("Date", "Tweet", "Symbol")),
    ("Time,Headline", "texts", ("Time", "Headline", "")),
])
def test_columns_of_texts_are_guessed_by_name(header, kind, found):
    row = ",".join("2014-01-02 10:00" if "t" in name.lower() else "x" for name in header.split(","))
    mapping = guess(open_table(f"{header}\n{row}\n".encode()), kind)
    assert (mapping["date"], mapping["text"], mapping["ticker"]) == found


def test_columns_of_prices_are_guessed_by_name():
    header = "Date,Open,High,Low,Close,Adj Close,Volume"
    mapping = guess(open_table(f"{header}\n2014-01-02,1,2,3,4,5,6\n".encode()), "prices")
    assert mapping == {
        "date": "Date", "close": "Close", "adj_close": "Adj Close", "open": "Open",
        "high": "High", "low": "Low", "volume": "Volume", "ticker": "",
    }
    chinese = guess(open_table("日期,收盘价,成交量\n2014-01-02,4,6\n".encode()), "prices")
    assert (chinese["date"], chinese["close"], chinese["volume"]) == ("日期", "收盘价", "成交量")


def test_columns_that_no_name_tells_are_guessed_by_their_cells():
    mapping = guess(open_table(b"a,b,c\n7,2014-01-02,some longer words\n"), "texts")
    assert (mapping["date"], mapping["text"]) == ("b", "c")
    mapping = guess(open_table(b"x,y\n2014-01-02,7.5\n"), "prices")
    assert (mapping["date"], mapping["close"]) == ("x", "y")


def test_times_are_taken_in_the_zone_that_is_said_and_kept_where_one_is_written():
    data = "date,text\n2014-01-02 16:00,a\n2014-01-02T16:00:00Z,b\n"
    tweets, found = texts(data, zone="America/New_York")
    assert tweets.at.astype(str).tolist() == ["2014-01-02T16:00:00", "2014-01-02T21:00:00"]
    assert tweets.text == ("b", "a") and found == ()


def test_date_and_time_in_two_columns_are_joined():
    tweets, _ = texts("date,time,text\n01/15/2014,3:04 PM,hello\n")
    assert tweets.at.astype(str).tolist() == ["2014-01-15T15:04:00"]


def test_a_day_without_a_time_counts_at_its_end_and_so_for_the_next_close():
    tweets, found = texts("date,text\n2014-01-02,a\n", zone="America/New_York")
    rows, _ = prices("date,close\n2014-01-02,1\n2014-01-03,2\n")
    assert str(rows.date[align(tweets, rows)[0]]) == "2014-01-03"
    assert codes(found) == ["no_time"]


def test_the_order_of_day_and_month_comes_from_the_whole_column_or_is_said_to_be_unclear():
    tweets, found = texts("date,text\n05/02/2014 10:00,a\n25/02/2014 10:00,b\n")
    assert str(tweets.at[0]) == "2014-02-05T10:00:00" and found == ()
    tweets, found = texts("date,text\n05/02/2014 10:00,a\n")
    assert str(tweets.at[0]) == "2014-05-02T10:00:00" and codes(found) == ["order_unclear"]
    tweets, found = texts("date,text\n05/02/2014 10:00,a\n", order="day")
    assert str(tweets.at[0]) == "2014-02-05T10:00:00" and found == ()


def test_rows_without_a_date_or_a_text_are_left_out_and_counted():
    data = "date,text\n2014-01-02 10:00,a\nsoon,b\n2014-01-04 10:00,\n2014-01-05 10:00,d\n"
    tweets, found = texts(data)
    assert tweets.text == ("a", "d")
    assert dict(found[0].facts) == {"count": 2, "of": 4} and codes(found) == ["rows_dropped"]


def test_texts_are_kept_as_they_are_written():
    text = "$AAL #up 🚀 <b>x</b> https://example.org =1+1 ‮RTL"
    assert texts(f"date,text\n2014-01-02 10:00,{text}\n")[0].text == (text,)


def test_a_text_that_no_model_reads_is_cut_and_said():
    tweets, found = texts(f"date,text\n2014-01-02 10:00,{'word ' * 5000}\n")
    assert len(tweets.text[0]) == 20_000 and codes(found) == ["texts_cut"]


def test_tickers_come_from_their_column_without_the_cashtag():
    tweets, _ = texts("date,text,ticker\n2014-01-02 10:00,a,$aapl\n2014-01-02 10:00,b,\n")
    assert tweets.ticker == ("AAL", "AAPL")


def test_prices_with_decimal_commas_thousands_and_scales_are_read():
    rows, found = prices("Date;Close;Volume\n02.01.2014;11,25;1.000.000\n03.01.2014;12;2.000\n")
    assert rows.close.tolist() == [11.25, 12] and rows.volume.tolist() == [1e6, 2000]
    assert codes(found) == ["close_only"]
    rows, _ = prices('"Date","Price","Vol."\n"Jan 03, 2014","1,234.56","12.5M"\n')
    assert rows.close.tolist() == [1234.56] and rows.volume.tolist() == [12.5e6]


def test_duplicate_days_and_days_without_a_close_are_cleaned_and_said():
    data = "date,close,adj close\n2014-01-02,1,1\n2014-01-02,2,2\n2014-01-03,,\n2014-01-06,3,3\n"
    rows, found = prices(data)
    assert rows.close.tolist() == [2, 3] and codes(found) == ["duplicates", "no_close"]


def test_a_column_that_holds_something_else_is_said_with_its_first_value():
    table = open_table(b"date,text,close\nMonday,hello world,dear\nTuesday,bye bye,cheap\n")
    with pytest.raises(BadColumn, match="Monday"):
        read_tweets(table, {"date": "date", "text": "text"}, ticker="A")
    table = open_table(b"date,close\n2014-01-02,dear\n2014-01-03,cheap\n")
    with pytest.raises(BadColumn, match="dear"):
        read_prices(table, {"date": "date", "close": "close"}, ticker="A")


def test_a_table_of_a_header_alone_is_said():
    with pytest.raises(BadColumn):
        read_prices(open_table(b"date,close\n"), {"date": "date", "close": "close"}, ticker="A")


def test_columns_that_are_needed_and_not_chosen_are_said():
    table = open_table(b"date,text\n2014-01-02,a\n")
    for columns, ticker, role in (
        ({"date": "date", "text": ""}, "A", "text"), ({"text": "text"}, "A", "date"),
        ({"date": "date", "text": "text"}, " ", "ticker"),
    ):
        with pytest.raises(MissingColumn) as caught:
            read_tweets(table, columns, ticker=ticker)
        assert caught.value.facts["role"] == role


def test_a_zone_that_does_not_exist_is_said():
    with pytest.raises(UnknownZone):
        texts("date,text\n2014-01-02,a\n", zone="Peking")


def test_an_upload_is_a_source_like_the_others():
    rows, found = prices("date,close,ticker\n2014-01-02,1,B\n2014-01-02,2,A\n")
    tweets, _ = texts("date,text,ticker\n2014-01-02 10:00,a,A\n2014-01-02 10:00,c,C\n")
    source = Upload(rows, tweets, found)
    assert source.tickers() == ("A", "B") and codes(source.findings) == ["close_only"]
    assert source.prices(["A"]).close.tolist() == [2] and source.tweets(["A"]).text == ("a",)
    with pytest.raises(UnknownTicker):
        source.prices(["C"])
