"""The sets of labelled lines to start from, and what a model reads of a learner's lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.engine.protocol import Engine
from core.live import lines as live
from core.live.lines import Kind, Lines

FOLDER = Path(__file__).with_name("lines")
SETS: dict[str, Kind] = {
    "spam": "sentence", "sentiment": "sentence", "topic": "sentence", "weather": "sentence",
    "intent": "sentence", "names": "tags", "parts": "tags", "zh_weather": "sentence",
    "zh_sentiment": "sentence", "zh_names": "tags",
}
MANY_UNKNOWN = 0.05  # share of unknown pieces from which the page says what it costs


@cache
def text_of(name: str) -> str:
    """The lines of a set as a learner would type them."""
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8").rstrip("\n")


@dataclass(frozen=True)
class Request:
    lines: str
    kind: Kind
    model: str = "embedded"


@dataclass(frozen=True)
class Material:
    """pieces, unknown : of all lines together; cut : lines longer than what is read of them"""

    lines: Lines
    pieces: int
    unknown: int
    cut: int

    @property
    def unknown_share(self) -> float:
        return self.unknown / max(1, self.pieces)


def run(engine: Engine, request: Request) -> Material:
    """The lines parsed and seen as word pieces. Raises what `core.live.lines.parse` raises."""
    parsed = live.parse(request.lines, request.kind)
    inner = [_inner(engine, request.model, item.text) for item in parsed.items]
    return Material(
        parsed, sum(map(len, inner)), sum(pieces.count("[UNK]") for pieces in inner),
        sum(len(pieces) + 2 > LENGTH for pieces in inner),
    )


LENGTH = 128  # pieces that a training reads of a line; tested against core.live.training


def _inner(engine: Engine, model: str, text: str) -> Sequence[str]:
    return engine.tokenize(model, text).tokens[1:-1]
