"""What an adapter is, in numbers, and what each scored beside what was published. No torch."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import ModelUnavailable
from core.tasks import adapter as adapters
from core.tasks.adapter import Adapter
from core.tasks.registry import TASKS, WEIGHTS, find

PUBLISHED = Path(__file__).with_name("published.toml")
COUNTS = ("n", "words", "names", "with_answer")


@dataclass(frozen=True)
class About:
    """Of what an adapter consists, in counts of numbers.

    low_rank : of all matrices U and D, in `maps` linear maps; moved : of biases and LayerNorms
    head : W and b; before, after : of the weight of one map written out, and of its U and D
    """

    rank: int
    parameters: int
    maps: int
    low_rank: int
    moved: int
    head: int
    before: int
    after: int
    bytes: int


def about(task: str, adapter: Adapter) -> About:
    """The counts of one adapter and the size of its file."""
    low = [c for c in adapter.changes.values() if c.down is not None and c.up is not None]
    sizes = [(c.down.size + c.up.size, c.up.shape[0] * c.down.shape[1])  # type: ignore[union-attr]
             for c in low]
    head = adapter.weight.size + adapter.bias.size
    low_rank = sum(size for size, _ in sizes)
    file = find(task).folder / WEIGHTS
    return About(
        adapter.rank, adapter.parameters, len(low), low_rank, adapter.parameters - low_rank - head,
        head, sizes[0][1], sizes[0][0], file.stat().st_size if file.is_file() else 0,
    )


@dataclass(frozen=True)
class Published:
    """A published figure of BERT-base: as printed, what it is of, where it stands."""

    value: str
    on: dict[str, str]
    source: str


@dataclass(frozen=True)
class Score:
    """One held-out figure of ours, with how many examples it was measured on."""

    task: str
    where: dict[str, str]
    figure: str
    value: float
    count: int | None
    published: Published | None


@cache
def _said() -> dict[str, Any]:
    with open(PUBLISHED, "rb") as file:
        return tomllib.load(file)


def available() -> tuple[str, ...]:
    """The tasks whose adapter is among the assets, in the registry's order."""
    return tuple(task.name for task in TASKS if adapters.is_here(task.name))


def published(task: str) -> Published:
    said = _said()[task]
    return Published(said["value"], said["on"], said.get("source", ""))


def scores(names: tuple[str, ...]) -> tuple[Score, ...]:
    """Every held-out figure that is shown; the published one beside the first of a task."""
    found = []
    for name in names:
        try:
            said, measured = _said()[name], adapters.facts(find(name).folder)["evaluation"]
        except ModelUnavailable:
            continue  # an adapter without its figures: it can be asked, and shows none
        beside: Published | None = published(name)
        for key, where in said["sets"].items():
            figures = measured.get(key, {})
            count = next((int(figures[c]) for c in COUNTS if c in figures), None)
            for figure in said["figures"]:
                if figure in figures:
                    found.append(Score(name, where, figure, figures[figure], count, beside))
                    beside = None
    return tuple(found)
