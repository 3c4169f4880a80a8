"""When a trading day closes, in UTC, and the way between local time and UTC."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from core.errors import UnknownZone
from core.stocks.source import AT, DAY

NEW_YORK = "America/New_York"
HALF_DAY = (13, 0)
# An hour not after the close is safe: a text after it waits for the next day.
CLOSE = {
    NEW_YORK: (16, 0), "America/Toronto": (16, 0), "Europe/London": (16, 30),
    "Asia/Shanghai": (15, 0), "Asia/Hong_Kong": (16, 0), "Asia/Tokyo": (15, 0),
}
ELSEWHERE = (13, 0)
_QUANTUM = 900  # seconds; no zone changes its clock but on a quarter of an hour


def closes(days: np.ndarray, zone: str = NEW_YORK) -> np.ndarray:
    """datetime64[s] (n,), UTC: the close of each day, datetime64[D] (n,).

    16:00 in New York, 13:00 on its half days; other exchanges as in `CLOSE`, and where
    theirs is not known `ELSEWHERE`, which is early and so never looks ahead.

    Raises `UnknownZone`.
    """
    find_zone(zone)
    once, place = np.unique(np.asarray(days, DAY), return_inverse=True)
    found = [_close(day, zone) for day in once.tolist()]
    return np.array(found, AT)[place]


def half_day(day: date) -> bool:
    """Whether New York's exchanges close at 13:00: the day after Thanksgiving, Christmas Eve
    and the eve of Independence Day where they are trading days.

    Source: NYSE, Holidays and Trading Hours.
    """
    if day.month == 11 and day.weekday() == 4:
        return 23 <= day.day <= 29
    return (day.month, day.day) in ((7, 3), (12, 24)) and day.weekday() < 4


def to_utc(local: np.ndarray, zone: str) -> np.ndarray:
    """datetime64[s] (n,): UTC of a local clock's times, datetime64[s] (n,).

    An hour that the clock shows twice is taken as the later one, and one that it skips as
    after the change: a text is never dated before it can have been public.

    Raises `UnknownZone`.
    """
    clock, local = find_zone(zone), np.asarray(local, AT)
    once, place = _quarters(local)
    ahead = [
        min(_offset(t.replace(tzinfo=clock, fold=0)), _offset(t.replace(tzinfo=clock, fold=1)))
        for t in once.tolist()
    ]
    return local - np.array(ahead, "timedelta64[s]")[place]


def to_local(at: np.ndarray, zone: str = NEW_YORK) -> np.ndarray:
    """datetime64[s] (n,): what a local clock shows at these times, datetime64[s] (n,), UTC.

    Raises `UnknownZone`.
    """
    clock, at = find_zone(zone), np.asarray(at, AT)
    once, place = _quarters(at)
    ahead = [_offset(t.replace(tzinfo=UTC).astimezone(clock)) for t in once.tolist()]
    return at + np.array(ahead, "timedelta64[s]")[place]


@lru_cache(maxsize=64)
def find_zone(zone: str) -> ZoneInfo:
    """Raises `UnknownZone`."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZone(zone) from error


def weekend(days: Iterable[date]) -> int:
    """How many of the days are Saturdays or Sundays."""
    return sum(day.weekday() > 4 for day in days)


@lru_cache(maxsize=2**16)
def _close(day: date, zone: str) -> datetime:
    early = zone == NEW_YORK and half_day(day)
    hour, minute = HALF_DAY if early else CLOSE.get(zone, ELSEWHERE)
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=find_zone(zone))
    return local.astimezone(UTC).replace(tzinfo=None)


def _quarters(times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each quarter of an hour once, as datetime64[s], and which one every time lies in."""
    once, place = np.unique(times.astype(np.int64) // _QUANTUM, return_inverse=True)
    return (once * _QUANTUM).astype(AT), place


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta(0)
