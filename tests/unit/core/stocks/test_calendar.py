"""When a day closes: New York's hours, its half days, daylight saving both ways."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UnknownZone
from core.stocks.calendar import CLOSE, closes, half_day, to_local, to_utc, weekend
from core.stocks.source import AT, DAY

SECONDS = st.integers(0, 2**31)  # 1970 to 2038
ZONES = st.sampled_from(["America/New_York", "Asia/Shanghai", "Europe/London", "UTC"])
# NYSE's own list of early closes, 2012 to 2017
EARLY = {
    "2012-07-03", "2012-11-23", "2012-12-24", "2013-07-03", "2013-11-29", "2013-12-24",
    "2014-07-03", "2014-11-28", "2014-12-24", "2015-11-27", "2015-12-24", "2016-11-25",
    "2017-07-03", "2017-11-24",
}


def times(*moments: str) -> np.ndarray:
    return np.array(moments, AT)


def days(*dates: str) -> np.ndarray:
    return np.array(dates, DAY)


def test_new_york_closes_at_21_hours_utc_in_winter_and_20_in_summer():
    found = closes(days("2014-03-07", "2014-03-10", "2014-10-31", "2014-11-03"))
    assert found.astype(str).tolist() == [
        "2014-03-07T21:00:00", "2014-03-10T20:00:00",  # clocks forward on 9 March
        "2014-10-31T20:00:00", "2014-11-03T21:00:00",  # clocks back on 2 November
    ]


def test_the_half_days_are_those_of_the_exchange_and_close_at_13_hours():
    weekdays = [
        day for day in np.arange("2012-01-01", "2018-01-01", dtype=DAY).tolist()
        if day.weekday() < 5
    ]
    # a Fourth of July on a Saturday is kept on Friday the third, which the prices do not have
    found = {str(day) for day in weekdays if half_day(day)}
    assert found == EARLY
    assert closes(days("2014-11-28")).astype(str)[0] == "2014-11-28T18:00:00"


def test_other_exchanges_close_at_their_own_hour_and_unknown_ones_early():
    noon = {"Asia/Shanghai": "07:00", "Europe/London": "16:30", "Asia/Seoul": "04:00"}
    for zone, hour in noon.items():
        assert closes(days("2014-01-06"), zone).astype(str)[0] == f"2014-01-06T{hour}:00"
    assert "Asia/Seoul" not in CLOSE


def test_a_repeated_hour_is_the_later_and_a_skipped_one_lies_after_the_change():
    assert to_utc(times("2014-11-02T01:30:00"), "America/New_York") == times("2014-11-02T06:30:00")
    assert to_utc(times("2014-03-09T02:30:00"), "America/New_York") == times("2014-03-09T07:30:00")


@given(st.lists(SECONDS, min_size=1, max_size=30), ZONES)
def test_utc_to_local_and_back_is_the_same_moment_or_the_later_of_a_repeated_hour(moments, zone):
    at = np.array(moments, np.int64).astype(AT)
    back = to_utc(to_local(at, zone), zone)
    apart = (back - at).astype(np.int64)
    assert (np.isin(apart, [0, 3600])).all()
    assert (to_local(back, zone) == to_local(at, zone)).all()


@given(st.lists(SECONDS, min_size=1, max_size=30, unique=True), ZONES)
def test_local_times_outside_the_changes_and_utc_match_one_to_one(moments, zone):
    local = np.array(sorted(moments), np.int64).astype(AT)
    at = to_utc(local, zone)
    there = to_local(at, zone) == local  # false only for clock times that a change skips
    assert len(np.unique(at[there])) == there.sum()
    if zone in ("UTC", "Asia/Shanghai"):
        assert there[local > times("1992-01-01T00:00:00")[0]].all()


@given(st.sets(st.integers(0, 24000), min_size=2, max_size=40), ZONES)
def test_closes_come_in_the_order_of_the_days_and_lie_on_their_local_day(numbers, zone):
    some = np.array(sorted(numbers)).astype(DAY)
    found = closes(some, zone)
    assert (np.diff(found).astype(np.int64) > 0).all()
    assert (to_local(found, zone).astype(DAY) == some).all()


def test_a_zone_that_does_not_exist_is_said():
    for zone in ("Mars/Olympus", "", "../etc/passwd"):
        with pytest.raises(UnknownZone):
            closes(days("2014-01-06"), zone)


def test_weekend_days_are_counted():
    assert weekend([date(2014, 1, 3), date(2014, 1, 4), date(2014, 1, 5)]) == 2
