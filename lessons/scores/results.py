"""The BERT paper's other tables, and the models that came after, as published. No torch."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from lessons.scores.published import _file


@dataclass(frozen=True)
class Row:
    """A line of one of the paper's tables, as printed; "" where it prints none."""

    set: str
    system: str
    metric: str
    dev: str
    test: str
    table: int
    human: bool


@dataclass(frozen=True)
class Variant:
    """A BERT with something taken away (table 5), or of another size (table 6)."""

    id: str
    scores: tuple[float, ...]
    layers: int = 12
    hidden: int = 768
    heads: int = 12
    perplexity: float | None = None


@dataclass(frozen=True)
class Ablation:
    """columns : what was measured, on development sets; table : its number in the paper."""

    table: int
    columns: tuple[str, ...]
    variants: tuple[Variant, ...]

    def loss(self, variant: int, column: int) -> float:
        """Points that a variant lacks to the first one."""
        return round(self.variants[0].scores[column] - self.variants[variant].scores[column], 1)


@dataclass(frozen=True)
class Later:
    """A model after BERT. scores : by GLUE task on development sets, empty where unknown.

    million : parameters, without the word embeddings where `body`; published : the mean as
    printed, None where there is none
    """

    id: str
    name: str
    year: int
    month: int
    million: float
    body: bool
    scores: dict[str, float]
    published: float | None
    paper: str
    source: str

    @property
    def mean(self) -> float | None:
        """Over the eight tasks, computed here."""
        return float(np.mean(list(self.scores.values()))) if self.scores else None

    @property
    def when(self) -> float:
        return self.year + (self.month - 0.5) / 12


@cache
def others() -> tuple[Row, ...]:
    return tuple(
        Row(part["set"], row["system"], part["metric"], row["dev"], row["test"], part["table"],
            row.get("human", False))
        for part in _file("results")["result"] for row in part["rows"]
    )


def paper() -> str:
    return str(_file("results")["paper"])


@cache
def ablation() -> Ablation:
    """What was left out of pretraining: table 5."""
    return _ablation("ablation", lambda row: Variant(row["id"], tuple(row["scores"])))


@cache
def sizes() -> Ablation:
    """Layers, hidden size and heads: table 6, the smallest first."""
    return _ablation("sizes", lambda row: Variant(
        f"{row['layers']}/{row['hidden']}/{row['heads']}", tuple(row["scores"]), row["layers"],
        row["hidden"], row["heads"], row["perplexity"],
    ))


def _ablation(name: str, read: Any) -> Ablation:
    part = _file("results")[name]
    return Ablation(part["table"], tuple(part["columns"]), tuple(map(read, part["rows"])))


@cache
def models() -> tuple[Later, ...]:
    """BERT and what came after, by date."""
    columns = _file("later")["columns"]
    return tuple(
        Later(
            row["id"], row["name"], row["year"], row["month"], row["million"],
            row.get("body", False),
            dict(zip(columns, row["glue"], strict=True)) if "glue" in row else {},
            row.get("published"), row["paper"], row["source"],
        )
        for row in _file("later")["model"]
    )


def model(name: str) -> Later:
    return next(m for m in models() if m.id == name)


def claims(name: str) -> dict[str, Any]:
    """Single published figures of a model that the text quotes; empty for most."""
    found: dict[str, Any] = _file("later").get("claims", {}).get(name, {})
    return found
