"""Dates, times and numbers as they are written in many tables."""

from datetime import datetime
from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stocks.dates import day_first, decimal_comma, parse_number, parse_time


@pytest.mark.parametrize("cell, at, clock, exact", [
    ("2014-01-02", "2014-01-02T00:00:00", False, False),
    ("2014-01-02 15:04", "2014-01-02T15:04:00", True, False),
    ("2014-01-02T15:04:05Z", "2014-01-02T15:04:05", True, True),
    ("2014-01-02T15:04:05.678+08:00", "2014-01-02T07:04:05.678000", True, True),
    ("2014-01-02 15:04:05 -0500", "2014-01-02T20:04:05", True, True),
    ("2014/1/2", "2014-01-02T00:00:00", False, False),
    ("20140102", "2014-01-02T00:00:00", False, False),
    ("2014年1月2日", "2014-01-02T00:00:00", False, False),
    ("2014年1月2日 下午3:04", "2014-01-02T15:04:00", True, False),
    ("1/2/2014 3:04 PM", "2014-01-02T15:04:00", True, False),
    ("1/2/2014 12:04 am", "2014-01-02T00:04:00", True, False),
    ("25/12/2014", "2014-12-25T00:00:00", False, False),
    ("2.1.2014", "2014-01-02T00:00:00", False, False),
    ("02-01-14", "2014-02-01T00:00:00", False, False),
    ("Jan 2, 2014", "2014-01-02T00:00:00", False, False),
    ("January 2nd, 2014", "2014-01-02T00:00:00", False, False),
    ("2 Jan 2014", "2014-01-02T00:00:00", False, False),
    ("02-Jan-2014", "2014-01-02T00:00:00", False, False),
    ("Thu, 02 Jan 2014 15:04:05 GMT", "2014-01-02T15:04:05", True, True),
    ("Wed Aug 27 13:08:45 +0000 2008", "2008-08-27T13:08:45", True, True),
    ("1388675045", "2014-01-02T15:04:05", True, True),
    ("1388675045000", "2014-01-02T15:04:05", True, True),
])
def test_a_time_is_read(cell, at, clock, exact):
    found = parse_time(cell)
    assert (found.at, found.has_clock, found.exact_zone) == (
        datetime.fromisoformat(at), clock, exact
    )


@pytest.mark.parametrize("cell", [
    "", "n/a", "yesterday", "2014-13-01", "2014-02-30", "1/2", "12.5", "AAPL", "0014-01-02",
    "2014-01-02 25:00", "30137000", "2014-01-02x",
])
def test_what_is_no_time_is_none(cell):
    assert parse_time(cell) is None


def test_the_order_of_day_and_month_is_told_by_the_column():
    assert day_first(["01/02/2014", "25/02/2014"]) is True
    assert day_first(["01/02/2014", "01/25/2014"]) is False
    assert day_first(["01/02/2014", "03/04/2014"]) is None
    assert day_first(["01.02.2014"]) is True and day_first(["2014-01-02"]) is False
    assert parse_time("01/02/2014", "day").at == datetime(2014, 2, 1)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2099, 12, 31)))
def test_what_python_writes_is_read_back(at):
    at = at.replace(microsecond=0)
    for form in ("%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M:%S", "%m/%d/%Y %I:%M:%S %p",
                 "%d %b %Y %H:%M:%S", "%Y年%m月%d日 %H:%M:%S"):
        assert parse_time(at.strftime(form)).at == at, form


@pytest.mark.parametrize("cell, comma, number", [
    ("11.25", False, 11.25), ("-3", False, -3), ("1,234.5", False, 1234.5),
    ("$11.25", False, 11.25), ("12.34M", False, 12.34e6), ("1.2B", False, 1.2e9),
    ("3.5万", False, 35000), ("1e-3", False, 1e-3), ("11,25", True, 11.25),
    ("1.234,5", True, 1234.5), ("1 234,5", True, 1234.5),
    ("1'234.5", False, 1234.5), ("￥8.8", False, 8.8),
])
def test_a_number_is_read(cell, comma, number):
    assert parse_number(cell, comma) == pytest.approx(number)


def test_cells_that_say_that_there_is_no_number_are_nan_and_others_an_error():
    assert all(isnan(parse_number(cell)) for cell in ("", "-", "null", "NaN", " n/a "))
    for cell in ("abc", "2014-01-02", "1.2.3x", "5%", "M"):
        with pytest.raises(ValueError):
            parse_number(cell)


def test_a_decimal_comma_is_told_from_one_between_thousands():
    assert decimal_comma(["11,25", "12"]) and decimal_comma(["1.234,5"])
    assert decimal_comma(["1.000.000"])
    assert not decimal_comma(["11.25", "1,234"]) and not decimal_comma(["1,234,567"])
    assert not decimal_comma(["12", ""])
