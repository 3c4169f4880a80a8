"""What the judges said of many sentences: assets/judges/survey.json, read and checked.

Written by `python -m lessons.judges.survey`. Figures of other weights than the shipped ones are
not used.
"""

import json
from dataclasses import dataclass
from functools import cache
from statistics import mean

from core.heads.arcs import wilson
from core.models.files import checksum
from core.models.registry import ASSETS, EMBEDDED

FILE = ASSETS / "judges" / "survey.json"


@dataclass(frozen=True)
class Survey:
    """Attention and gradient against leaving out, over sentences with one word hidden in each.

    kendall : tau with leaving out of each sentence, by judge; same_first : share of sentences
    with the same favourite, by judge; chance_first : what a blind choice would reach
    """

    sentences: int
    source: str
    kendall: dict[str, tuple[float, ...]]
    same_first: dict[str, float]
    chance_first: float
    command: str
    date: str

    def interval(self, judge: str) -> tuple[float, float]:
        """95 % interval of the share with the same favourite."""
        return wilson(round(self.same_first[judge] * self.sentences), self.sentences)

    def mean(self, judge: str) -> float:
        return mean(self.kendall[judge])


@cache
def survey() -> Survey | None:
    """None where nothing is stored, or other weights were measured."""
    if not FILE.exists():
        return None
    read = json.loads(FILE.read_text(encoding="utf-8"))
    if read["model"] != checksum(EMBEDDED):
        return None
    return Survey(
        read["sentences"], read["source"],
        {judge: tuple(taus) for judge, taus in read["kendall"].items()},
        read["same_first"], read["chance_first"], read["command"], read["date"],
    )
