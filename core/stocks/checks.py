"""What is odd about prices and texts: cleaned where that is safe, and always said."""

from dataclasses import replace

import numpy as np

from core.stocks.align import align
from core.stocks.calendar import NEW_YORK, weekend
from core.stocks.source import Finding, Prices, Tweets, frozen

LEAST_DAYS = 60
LEAST_SHARE = 0.2  # of the days should have texts
CLOSURE = {NEW_YORK: 7}  # calendar days between two closes; 2001-09-10 to 17 was the longest
LONGEST_CLOSURE = 12  # elsewhere, as Shanghai's New Year
SPLIT = np.log(1.2)  # no ordinary dividend moves a close apart from its adjusted close so far
JUMP = np.log(1.6)  # in one day: rather a split that was not adjusted than a move


def clean(prices: Prices) -> tuple[Prices, tuple[Finding, ...]]:
    """Prices with one row a ticker and day and a close on each, and what was done for that.

    duplicates : of rows with the same ticker and day the last is kept
    no_close : rows without a positive close are left out; an adjusted close that is missing
        where there is a close is taken from it with the day's neighbours' factor
    """
    found: list[Finding] = []
    last = np.ones(len(prices), bool)
    for block in prices.blocks().values():
        last[block.start : block.stop - 1] = prices.date[block][1:] != prices.date[block][:-1]
    if not last.all():
        first = int(np.flatnonzero(~last)[0])
        found.append(Finding.of(
            "duplicates", count=int((~last).sum()), ticker=prices.ticker[first],
            date=str(prices.date[first]),
        ))
        prices = prices.rows(last)
    with_close = np.isfinite(prices.close) & (prices.close > 0)
    if not with_close.all():
        found.append(Finding.of("no_close", count=int((~with_close).sum()), of=len(prices)))
        prices = prices.rows(with_close)
    lacking = ~(np.isfinite(prices.adj_close) & (prices.adj_close > 0))
    if lacking.any():
        found.append(Finding.of("no_adjusted", count=int(lacking.sum()), of=len(prices)))
        prices = replace(prices, adj_close=_adjusted(prices, lacking))
    return prices, tuple(found)


def check_prices(prices: Prices) -> tuple[Finding, ...]:
    """What is odd in clean prices; each finding names the first ticker it holds for.

    few_days, one_way : too little to learn from. gaps : closes further apart than any holiday.
    splits : days on which the close fell or rose by a split that the adjusted close is free
    of. jumps : moves of the adjusted close so large that a split may not have been adjusted.
    weekend : trading days on Saturdays or Sundays, as when day and month are exchanged.
    """
    found: dict[str, Finding] = {}
    counts: dict[str, int] = {}
    for ticker, block in prices.blocks().items():
        for code, facts in _odd(prices, block):
            counts[code] = counts.get(code, 0) + 1
            found.setdefault(code, Finding.of(code, ticker=ticker, **facts))
    return tuple(
        Finding(code, (*finding.facts, ("tickers", counts[code])))
        for code, finding in found.items()
    )


def check_texts(tweets: Tweets, prices: Prices) -> tuple[Finding, ...]:
    """few_texts : most trading days have no text. outside : texts that belong to no day.
    no_prices : texts about tickers without prices."""
    row = align(tweets, prices)
    known = set(prices.tickers())
    strange = np.array([ticker not in known for ticker in tweets.ticker], bool)
    outside = (row == len(prices)) & ~strange
    days = len(np.unique(row[row < len(prices)]))
    found = []
    if strange.any():
        first = tweets.ticker[int(np.flatnonzero(strange)[0])]
        found.append(Finding.of(
            "no_prices", count=int(strange.sum()), of=len(tweets), ticker=first
        ))
    if outside.any():
        found.append(Finding.of("outside", count=int(outside.sum()), of=len(tweets)))
    if len(prices) and days < LEAST_SHARE * len(prices):
        found.append(Finding.of("few_texts", days=days, of=len(prices)))
    return tuple(found)


def _odd(prices: Prices, block: slice) -> list[tuple[str, dict[str, object]]]:
    """(code, facts) of one ticker."""
    dates = prices.date[block]
    found: list[tuple[str, dict[str, object]]] = []
    if len(dates) < LEAST_DAYS:
        found.append(("few_days", {"days": len(dates), "least": LEAST_DAYS}))
    apart = np.diff(dates).astype(np.int64)  # (days - 1,)
    gap = np.flatnonzero(apart > CLOSURE.get(prices.zone, LONGEST_CLOSURE))
    if gap.size:
        at = int(gap[np.argmax(apart[gap])])
        found.append(("gaps", {
            "count": gap.size, "longest": int(apart[at]), "start": str(dates[at]),
            "end": str(dates[at + 1]),
        }))
    saturdays = weekend(dates.tolist())
    if saturdays:
        found.append(("weekend", {"count": saturdays}))
    return found + _steps(prices, block)


def _steps(prices: Prices, block: slice) -> list[tuple[str, dict[str, object]]]:
    """(code, facts) of one ticker's moves from day to day."""
    dates = prices.date[block][1:]
    raw, adjusted = np.diff(np.log(prices.close[block])), np.diff(np.log(prices.adj_close[block]))
    found: list[tuple[str, dict[str, object]]] = []
    split = np.flatnonzero(np.abs(raw - adjusted) > SPLIT)
    if split.size:
        found.append(("splits", {"count": split.size, "date": str(dates[split[-1]])}))
    jump = np.flatnonzero(np.abs(adjusted) > JUMP)
    if jump.size:
        largest = int(jump[np.argmax(np.abs(adjusted[jump]))])
        found.append(("jumps", {
            "count": jump.size, "date": str(dates[largest]),
            "percent": round(100 * float(np.expm1(adjusted[largest])), 1),
        }))
    if len(dates) > 1 and ((adjusted > 0).all() or (adjusted <= 0).all()):
        way = "up" if adjusted[0] > 0 else "down"
        found.append((f"all_{way}", {"days": len(dates)}))
    return found


def _adjusted(prices: Prices, lacking: np.ndarray) -> np.ndarray:
    """float64 (n,): adj_close; where it lacks, close times the last factor known before."""
    factor = np.where(lacking, np.nan, prices.adj_close / prices.close)
    for block in prices.blocks().values():
        part = factor[block]
        known = np.flatnonzero(~np.isnan(part))
        if not known.size:
            factor[block] = 1.0
            continue
        before = np.searchsorted(known, np.arange(len(part)), side="right") - 1
        factor[block] = part[known[np.maximum(before, 0)]]
    return frozen(prices.close * factor)
