"""A small table of days made by a recipe: no market, no tweets, but every column filled."""

import numpy as np

from core.stocks.table import DayTable

TICKERS = ("AAA", "BBB", "CCC")
DAYS = 90


def small_days(seed: int = 0, days: int = DAYS, tickers: tuple[str, ...] = TICKERS) -> DayTable:
    """A random walk a ticker, with texts on two days of three."""
    rng = np.random.default_rng(seed)
    dates = np.busday_offset("2015-01-05", np.arange(days + 1), roll="forward")
    n = days * len(tickers)
    moves = rng.normal(0.0005, 0.01, (len(tickers), days + 1))
    close = 100 * np.cumprod(1 + moves, axis=1)
    texts = rng.poisson(2, n) * (rng.random(n) < 2 / 3)
    some = np.where(texts > 0, 1.0, np.nan)
    next_move = close[:, 1:] / close[:, :-1] - 1
    return DayTable.of(
        ticker=np.repeat(tickers, days), sector=np.repeat("Toys", n),
        date=np.tile(dates[:-1], len(tickers)), next_date=np.tile(dates[1:], len(tickers)),
        tweets=texts, close=close[:, :-1].ravel(), next_return=next_move.ravel(),
        mean=rng.normal(0, 0.3, n) * some, spread=rng.random(n) * some,
        positive=rng.random(n) * some, negative=rng.random(n) * some,
        change=rng.normal(0, 0.3, n) * some,
        vector=rng.normal(0, 1, (n, 16)) * some[:, None],
        return_1=moves[:, :-1].ravel(), return_5=rng.normal(0, 0.02, n),
        return_20=rng.normal(0, 0.04, n), volatility=rng.random(n) * 0.02,
        volume_change=rng.normal(0, 0.3, n),
    )
