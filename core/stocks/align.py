"""Which trading day a text belongs to, and what the next one brought: never looking ahead."""

from typing import Literal

import numpy as np

from core.stocks.calendar import NEW_YORK, closes
from core.stocks.source import Prices, Tweets

Rule = Literal["direction", "stocknet"]
UP, DOWN = 0.0055, -0.005
WAIT = np.timedelta64(14, "D")  # longer than any holiday; what is older is no news


def trading_day(at: np.ndarray, days: np.ndarray, zone: str = NEW_YORK) -> np.ndarray:
    """int64 (n,): for each time the first of the days whose close it does not come after.

    day(t) = min { d : t <= close(d) }, so what is written after the close, at the weekend or
    on a holiday rolls forward.

    at : datetime64[s] (n,), UTC
    days : datetime64[D] (m,), ascending, each once: the trading days
    Returns m where there is no such day or where it is more than `WAIT` away.
    """
    close = closes(days, zone)
    found = np.searchsorted(close, at, side="left")
    inside = found < len(days)
    late = np.zeros(len(at), bool)
    late[inside] = close[found[inside]] - at[inside] > WAIT
    return np.where(late, len(days), found)


def align(tweets: Tweets, prices: Prices) -> np.ndarray:
    """int64 (n,): the row of `prices` that each text belongs to, len(prices) where none.

    A ticker's trading days are the dates of its own prices, which must not repeat
    (`checks.clean`).
    """
    found = np.full(len(tweets), len(prices))
    blocks = prices.blocks()
    for ticker, texts in tweets.blocks().items():
        block = blocks.get(ticker)
        if block is not None:
            days = prices.date[block]
            place = trading_day(tweets.at[texts], days, prices.zone)
            found[texts] = np.where(place < len(days), place + block.start, len(prices))
    return found


def moves(prices: Prices) -> np.ndarray:
    """float64 (n,): the move from each row's adjusted close to the same ticker's next one.

    move_t = adj_close_{t+1} / adj_close_t - 1; NaN on a ticker's last day and where either
    close is missing or not positive.
    """
    close = np.where(prices.adj_close > 0, prices.adj_close, np.nan)
    found = np.full(len(prices), np.nan)
    for block in prices.blocks().values():
        part = close[block]
        found[block.start : block.stop - 1] = part[1:] / part[:-1] - 1
    return found


def labels(prices: Prices, rule: Rule = "direction") -> np.ndarray:
    """float64 (n,): 1 up, 0 not, NaN where there is no next day or the rule drops the move.

    direction: move > 0 is 1, anything else 0. stocknet: move >= 0.55 % is 1, <= -0.5 % is 0,
    what lies between is dropped.

    Source: Xu and Cohen 2018, section 3 (the two thresholds).
    """
    move = moves(prices)
    if rule == "direction":
        return np.where(np.isnan(move), np.nan, (move > 0).astype(np.float64))
    return np.select([move >= UP, move <= DOWN], [1.0, 0.0], np.nan)
