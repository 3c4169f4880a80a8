"""GLUE as published: tasks, systems, gains, and how the paper's average comes about. No torch."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
KINDS = ("sentence", "paraphrase", "inference")
BERT = ("base", "large")
BEST = "best"  # the best of the systems before BERT, task by task
ORDERS = ("paper", "gain", "size", "score")


@dataclass(frozen=True)
class Task:
    """A GLUE task. `chance` is what guessing scores, in percent.

    metric : accuracy, f1, matthews or spearman; adapter : our own nearest head, "" for none
    classes : of a balanced set; positive : the share of "yes" of an unbalanced one
    """

    id: str
    name: str
    kind: str
    train: int
    columns: tuple[str, ...]
    metric: str
    pair: bool
    adapter: str
    classes: int | None
    positive: float | None

    @property
    def chance(self) -> float:
        """Balanced classes: 100 / K. F1 of always "yes": 2p / (1 + p). A correlation: 0."""
        if self.classes is not None:
            return 100 / self.classes
        if self.positive is not None:
            return 200 * self.positive / (1 + self.positive)
        return 0.0


@dataclass(frozen=True)
class System:
    """A row of table 1. scores : by column; average : as published."""

    id: str
    name: str
    scores: dict[str, float]
    average: float

    def score(self, task: Task) -> float:
        """The task's first column: for MNLI the matched part."""
        return self.scores[task.columns[0]]

    @property
    def mean_of_columns(self) -> float:
        """Over the nine columns, so that MNLI counts twice."""
        return float(np.mean(list(self.scores.values())))

    def mean_of_tasks(self) -> float:
        """Over the eight tasks, MNLI being the mean of its two columns."""
        return float(np.mean([np.mean([self.scores[c] for c in t.columns]) for t in tasks()]))


@cache
def _file(name: str) -> dict[str, Any]:
    with open(HERE / f"{name}.toml", "rb") as file:
        return tomllib.load(file)


@cache
def tasks() -> tuple[Task, ...]:
    """The eight tasks in the order of table 1, which is that of their training sets' sizes."""
    return tuple(
        Task(
            row["id"], row["name"], row["kind"], row["train"], tuple(row["columns"]),
            row["metric"], row["pair"], row.get("adapter", ""), row.get("classes"),
            row.get("positive"),
        )
        for row in _file("glue")["task"]
    )


def task(name: str) -> Task:
    return next(t for t in tasks() if t.id == name)


@cache
def systems() -> tuple[System, ...]:
    """The five rows of table 1."""
    columns = _file("glue")["reported"]
    return tuple(
        System(row["id"], row["name"], dict(zip(columns, row["scores"], strict=True)),
               row["average"])
        for row in _file("glue")["system"]
    )


def system(name: str) -> System:
    """A row by its id, or `BEST`: the best of the rows before BERT in each column."""
    if name != BEST:
        return next(s for s in systems() if s.id == name)
    before = [s for s in systems() if s.id not in BERT]
    scores = {column: max(s.scores[column] for s in before) for column in before[0].scores}
    return System(BEST, BEST, scores, max(s.average for s in before))


def source() -> str:
    return str(_file("glue")["source"])


def leaderboard() -> dict[str, float]:
    """GLUE's own score of BERT-large and of GPT at the time, WNLI included."""
    return {key: _file("glue")["leaderboard"][key] for key in ("large", "gpt")}


@dataclass(frozen=True)
class Gain:
    """What the second system scores more than the first on a task, in points."""

    task: Task
    first: float
    second: float

    @property
    def points(self) -> float:
        return round(self.second - self.first, 1)

    @property
    def errors_gone(self) -> float:
        """The share of what the first lacked to 100 that the second has."""
        return self.points / (100 - self.first)


def gains(first: str, second: str, kind: str = "all", order: str = "paper") -> tuple[Gain, ...]:
    """A gain for every task of a kind, in one of `ORDERS`: largest first, smallest set first."""
    one, other = system(first), system(second)
    found = [
        Gain(t, one.score(t), other.score(t)) for t in tasks() if kind in ("all", t.kind)
    ]
    keys = {
        "gain": lambda gain: -gain.points,
        "size": lambda gain: gain.task.train,
        "score": lambda gain: -gain.second,
    }
    return tuple(sorted(found, key=keys[order])) if order in keys else tuple(found)


def size_and_gain(found: tuple[Gain, ...]) -> float:
    """Spearman's correlation of the training set's size and the gain."""
    from scipy.stats import spearmanr

    sizes, points = [g.task.train for g in found], [g.points for g in found]
    return float(spearmanr(sizes, points).statistic)
