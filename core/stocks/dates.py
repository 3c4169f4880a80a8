"""Dates, times and numbers as people and programs write them into tables."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

Order = Literal["auto", "month", "day"]
FIRST_YEAR, LAST_YEAR = 1900, 2100

_CLOCK = (
    r"(?:[T\s,]+(?P<before>上午|下午)?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?|上午|下午)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?"
)
_SHAPES = tuple(
    re.compile(shape + _CLOCK) for shape in (
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
        r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second_part>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})",
        r"(?:\w{3,9},?\s+)?(?P<name>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?"
        r"\s+(?P<year>\d{4})",
        r"(?:\w{3,9},?\s+)?(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-](?P<name>[A-Za-z]{3,9})\.?,?"
        r"[\s-](?P<year>\d{4})",
    )
)
_TWITTER = re.compile(
    r"\w{3} (?P<name>\w{3}) (?P<day>\d{1,2}) (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d) "
    r"(?P<zone>[+-]\d{4}) (?P<year>\d{4})"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?(?:\.\d+)?")
_NUMBER = re.compile(r"[+-]?\d[\d,.'\u00a0\u202f ]*(?:[eE][+-]?\d+)?")
_SCALES = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12, "万": 1e4, "亿": 1e8}
_NOTHING = {"", "-", "--", "n/a", "na", "nan", "null", "none", "#n/a"}


@dataclass(frozen=True)
class Moment:
    """A time as written: `at` is UTC when `exact_zone`, a local clock's time otherwise.

    has_clock : False for a day alone, which `at` gives at midnight
    """

    at: datetime
    has_clock: bool
    exact_zone: bool


def parse_time(cell: str, order: Order = "month") -> Moment | None:
    """A date with or without time of day and zone; None where it is none.

    order : which comes first in 01/02/2014 ("auto" reads as "month"; with dots the day does)
    """
    cell = cell.strip()
    if cell[4:5] == "-":
        try:
            at = datetime.fromisoformat(cell)
        except ValueError:
            at = None
        if at and FIRST_YEAR <= at.year <= LAST_YEAR:
            return _iso(at, len(cell) > 10)
    if _EPOCH.fullmatch(cell):
        seconds = float(cell)
        at = datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
        return Moment(at.replace(tzinfo=None), True, True)
    for shape in (*_SHAPES, _TWITTER):
        found = shape.fullmatch(cell)
        if found:
            return _moment(found.groupdict(), order)
    return None


def day_first(cells: Sequence[str]) -> bool | None:
    """Whether dates like 25/12/2014 in a column put the day first; None when none tells."""
    shape = _SHAPES[3]
    firsts, seconds = set(), set()
    for cell in cells:
        found = shape.fullmatch(cell.strip())
        if found:
            firsts.add(int(found["first"]))
            seconds.add(int(found["second_part"]))
            if found["mark"] == ".":
                return True
    if not firsts:
        return False
    if max(firsts) > 12:
        return True
    return False if max(seconds) > 12 else None


def decimal_comma(cells: Sequence[str]) -> bool:
    """Whether a column of numbers writes 3,14: some mark cannot be of the 1,234.5 kind, and none
    cannot be of the 1.234,5 kind."""
    commas = any(
        re.search(r",\d{1,2}$|,\d{4,}$|\.\d{3}[,.]", cell.strip()) for cell in cells
    )
    points = any(re.search(r"\.\d{1,2}$|\.\d{4,}$|,\d{3}[,.]", cell.strip()) for cell in cells)
    return commas and not points


def parse_number(cell: str, comma: bool = False) -> float:
    """A number with or without thousands marks, currency and a scale as in 1.2M; NaN where the
    cell says that there is none. Raises ValueError.

    comma : the decimal mark is a comma
    """
    cell = cell.strip().strip("$€£¥￥ ")
    if cell.lower() in _NOTHING:
        return float("nan")
    scale = _SCALES.get(cell[-1].lower(), 1.0)
    digits = cell[:-1].strip() if scale != 1.0 else cell
    if not _NUMBER.fullmatch(digits):
        raise ValueError(cell)
    if comma:
        digits = digits.replace(".", "").replace(",", ".")
    return float(re.sub(r"[,'\u00a0\u202f ]", "", digits)) * scale


def _iso(at: datetime, has_clock: bool) -> Moment:
    if at.tzinfo is None:
        return Moment(at, has_clock, False)
    return Moment(at.astimezone(UTC).replace(tzinfo=None), True, True)


def _moment(parts: dict[str, str | None], order: Order) -> Moment | None:
    year = int(parts["year"] or 0)
    if len(parts["year"] or "") == 2:
        year += 2000 if year < 70 else 1900
    if parts.get("name"):
        name = str(parts["name"])[:3].lower()
        month = _MONTHS.index(name) + 1 if name in _MONTHS else 0
        day = int(parts["day"] or 0)
    elif parts.get("first"):
        first, second = int(parts["first"] or 0), int(parts["second_part"] or 0)
        day_leads = order == "day" or parts["mark"] == "." or first > 12
        day, month = (first, second) if day_leads else (second, first)
    else:
        month, day = int(parts["month"] or 0), int(parts["day"] or 0)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        at = datetime(year, month, day, *_clock(parts))
    except ValueError:
        return None
    zone = parts.get("zone")
    if zone is None:
        return Moment(at, parts.get("hour") is not None, False)
    return Moment(at - _ahead(zone), True, True)


def _clock(parts: dict[str, str | None]) -> tuple[int, int, int]:
    hour, minute, second = (int(parts.get(k) or 0) for k in ("hour", "minute", "second"))
    half = (parts.get("half") or parts.get("before") or "").lower().replace(".", "")
    if half in ("pm", "下午") and hour < 12:
        hour += 12
    elif half in ("am", "上午") and hour == 12:
        hour = 0
    return hour, minute, second


def _ahead(zone: str) -> timedelta:
    """How far a written zone, as Z or +08:00, is ahead of UTC."""
    if zone[0] not in "+-":
        return timedelta(0)
    digits = zone[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return ahead if zone[0] == "+" else -ahead
