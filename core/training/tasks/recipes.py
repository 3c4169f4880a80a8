"""Each task's data and settings. What is said of them on the card stands in cards.toml."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import UnknownTask
from core.training.tasks import pairs, questions, sentences, tagged
from core.training.tasks.items import Material
from core.training.tasks.run import Settings
from core.training.tasks.teacher import Teaching


@dataclass(frozen=True)
class Recipe:
    """load : reads the task's material from the data folder; start : a task to begin from

    teaching : learn from what a teacher says of the texts instead of from their labels
    """

    load: Callable[[Path], Material]
    settings: Settings
    start: str | None = None
    teaching: Teaching | None = None


RECIPES = {
    "sentiment": Recipe(
        sentences.sst2, Settings(epochs=2, batch=64, rate=1.5e-3, rank=32, alpha=64, length=96),
        teaching=Teaching(
            Settings(epochs=2, batch=32, rate=8e-5, rank=0, length=96, dropout=0.1), temperature=2.0
        ),
    ),
    "tweets": Recipe(sentences.tweets, Settings(epochs=2)),
    "spam": Recipe(sentences.spam, Settings(epochs=3)),
    "pos": Recipe(tagged.pos, Settings(epochs=2, length=192, rate=8e-4, dropout=0.1)),
    "ner": Recipe(tagged.ner, Settings(epochs=5, batch=16, length=192), start="pos"),
    "nli": Recipe(pairs.nli, Settings(epochs=4)),
    "qa": Recipe(questions.qa, Settings(epochs=1, batch=12, length=320)),
}


def find(name: str) -> Recipe:
    """The recipe of a task. Raises `UnknownTask`."""
    if name not in RECIPES:
        raise UnknownTask(name, tuple(RECIPES))
    return RECIPES[name]
