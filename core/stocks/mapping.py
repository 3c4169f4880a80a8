"""Which column of a table holds what."""

import re
from collections.abc import Sequence
from math import isnan
from typing import Literal

from core.stocks.csvs import Table
from core.stocks.dates import parse_number, parse_time

Kind = Literal["texts", "prices"]
ROLES: dict[Kind, tuple[str, ...]] = {
    "texts": ("date", "time", "text", "ticker"),
    "prices": ("date", "close", "adj_close", "open", "high", "low", "volume", "ticker"),
}
NEEDED: dict[Kind, tuple[str, ...]] = {"texts": ("date", "text"), "prices": ("date", "close")}
NAMES = {
    "date": (
        "date", "datetime", "timestamp", "createdat", "created", "publishedat", "published",
        "pubdate", "day", "日期", "发布时间", "创建时间", "交易日期", "交易日", "时间",
    ),
    "time": ("time", "clock", "hour", "时刻"),
    "text": (
        "text", "tweet", "fulltext", "headline", "title", "content", "message", "body", "news",
        "sentence", "文本", "正文", "内容", "标题", "推文", "微博", "新闻",
    ),
    "ticker": (
        "ticker", "symbol", "cashtag", "stock", "code", "股票代码", "代码", "股票", "证券代码",
    ),
    "close": (
        "close", "closeprice", "closelast", "closingprice", "price", "last", "收盘价", "收盘",
    ),
    "adj_close": (
        "adjclose", "adjustedclose", "closeadj", "adjclosing", "复权收盘价", "后复权", "前复权",
    ),
    "open": ("open", "openprice", "开盘价", "开盘"),
    "high": ("high", "highprice", "最高价", "最高"),
    "low": ("low", "lowprice", "最低价", "最低"),
    "volume": ("volume", "vol", "shares", "成交量", "交易量"),
}
HALF = 0.5  # of the cells must look like it


def guess(table: Table, kind: Kind) -> dict[str, str]:
    """Which column probably holds what: role -> column, "" where none does.

    By name first; a date, a text and a close that no name tells by what the cells look like.
    """
    plain = {column: re.sub(r"[\W_]", "", column.lower()) for column in table.columns}
    found: dict[str, str] = {}
    for role in ROLES[kind]:
        free = [column for column in table.columns if column not in found.values()]
        named = [
            (NAMES[role].index(plain[column]), column)
            for column in free if plain[column] in NAMES[role]
        ]
        found[role] = min(named)[1] if named else ""
    if kind == "texts" and not found["date"] and found["time"]:
        found["date"], found["time"] = found["time"], ""
    for role in NEEDED[kind]:
        free = [column for column in table.columns if column not in found.values()]
        found[role] = found[role] or _by_look(table, role, free)
    return found


def _by_look(table: Table, role: str, free: Sequence[str]) -> str:
    """The free column whose cells look most like a date, a text or a price; "" for none."""
    scores = {}
    for column in free:
        place = table.columns.index(column)
        cells = [row[place] for row in table.sample if row[place]]
        if not cells:
            continue
        times = sum(parse_time(cell) is not None for cell in cells) / len(cells)
        numbers = sum(_is_number(cell) for cell in cells) / len(cells)
        look = {
            "date": times if times > HALF else 0.0,
            "close": numbers if numbers > HALF and times <= HALF else 0.0,
            "text": sum(map(len, cells)) / len(cells) if max(times, numbers) < HALF else 0.0,
        }
        scores[column] = look[role]
    best = max(scores, key=lambda column: scores[column], default="")
    return best if best and scores[best] > 0 else ""


def _is_number(cell: str) -> bool:
    try:
        return not isnan(parse_number(cell))
    except ValueError:
        return False
