"""Which trading day a text belongs to, and what the next one brought: never looking ahead."""

from typing import Literal

import numpy as np

from core.stocks.source import Prices

Rule = Literal["direction", "stocknet"]
UP, DOWN = 0.0055, -0.005


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
