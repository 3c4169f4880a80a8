"""All examples of the page before the judges, and how often the judges agree over them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lessons.judges.lesson import Request, Result, default_request
from lessons.text import Preset


@dataclass(frozen=True)
class Score:
    """Over several texts: how often attention's (0) and the gradient's (1) favourite is also
    leaving out's, and the mean of their tau with leaving out over the texts that have one."""

    count: int
    same_first: tuple[int, int]
    kendall: tuple[float | None, float | None]


def requests(shown: Sequence[Preset], ways: Request) -> list[Request]:
    """Each example judged the way that `ways` says."""
    asked = (default_request(preset, ways.model) for preset in shown)
    return [
        replace(ways, text=own.text, text_b=own.text_b, watch=own.watch, word=own.word)
        for own in asked
    ]


def score(results: Sequence[Result]) -> Score:
    taus: list[float | None] = []
    for judge in (0, 1):
        found = [r.agreement(judge, 2).kendall for r in results]
        known = [tau for tau in found if tau is not None]
        taus.append(sum(known) / len(known) if known else None)
    same = tuple(sum(r.agreement(judge, 2).same_first for r in results) for judge in (0, 1))
    return Score(len(results), (same[0], same[1]), (taus[0], taus[1]))
