"""The stored measurements of all models, as `core.training.measures` wrote them."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.models.registry import ASSETS

FILE = ASSETS / "vectors" / "measures.json"
LABELS = {
    "cbow": "word2vec (CBOW)", "skipgram": "word2vec (skip-gram)", "glove": "GloVe",
    "elmo": "ELMo", "gpt": "GPT", "bert": "BERT",
}


@dataclass(frozen=True)
class InContext:
    """One model and layer at "same meaning or not"; layer None for a static table.

    accuracy : share of the pairs judged rightly; low, high : its 95 % interval
    same, different : mean cosine of the pairs of either kind
    """

    model: str
    layer: int | None
    accuracy: float
    low: float
    high: float
    same: float
    different: float
    pairs: int
    words: int


@dataclass(frozen=True)
class Alike:
    """One model and layer at word similarity: Spearman's rho by test set."""

    model: str
    layer: int | None
    wordsim353: float
    simlex999: float


@dataclass(frozen=True)
class Analogies:
    """A static table at analogies: right answers among the questions whose words it has."""

    model: str
    correct: int
    covered: int
    total: int

    @property
    def share(self) -> float:
        return self.correct / max(self.covered, 1)


@dataclass(frozen=True)
class Measures:
    """Everything that was measured; `neutral` is the sentence that a word alone was put into."""

    neutral: str
    in_context: tuple[InContext, ...]
    alike: tuple[Alike, ...]
    analogies: tuple[Analogies, ...]

    @property
    def models(self) -> tuple[str, ...]:
        """The measured models in the order of `LABELS`."""
        there = {row.model for row in self.in_context}
        return tuple(name for name in LABELS if name in there)

    def rows_of(self, model: str) -> tuple[InContext, ...]:
        """A model's rows, one a layer."""
        return tuple(row for row in self.in_context if row.model == model)


def load(path: Path = FILE) -> Measures | None:
    """The measurements, None where they have not been made."""
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else None


@cache
def _read(path: Path, written: int) -> Measures:
    found = json.loads(path.read_text(encoding="utf-8"))
    return Measures(
        found["neutral"],
        tuple(
            InContext(
                r["model"], r["layer"], r["accuracy"], r["low"], r["high"],
                r["mean_cosine_same"], r["mean_cosine_different"], r["pairs"], r["words"],
            )
            for r in found["word_in_context"]
        ),
        tuple(
            Alike(r["model"], r["layer"], r["wordsim353"]["rho"], r["simlex999"]["rho"])
            for r in found["similarity"]
        ),
        tuple(
            Analogies(r["model"], r["correct"], r["covered"], r["total"])
            for r in found["analogies"]
        ),
    )
