"""Which tasks there are: the shape of each head and where its adapter lies. No torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import UnknownTask
from core.models.registry import ASSETS

FOLDER = ASSETS / "tasks"
WEIGHTS, FACTS, CARD = "adapter.safetensors", "task.json", "README.md"
MAX_BYTES = 3 * 10**6

Shape = Literal["sentence", "pair", "span", "tags"]

UPOS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN",
    "PUNCT", "SCONJ", "SYM", "VERB", "X",
)


@dataclass(frozen=True)
class Task:
    """One of the four shapes of fine-tuning with its classes.

    name : as the command line has it
    shape : "sentence" and "pair" read [CLS]; "span" scores every piece as start and as end;
        "tags" labels every word
    labels : the classes in the order of the head's rows; for a span its two vectors, S and E

    Source: Devlin et al. 2019, figure 4.
    """

    name: str
    shape: Shape
    labels: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return FOLDER / self.name

    @property
    def needs_pair(self) -> bool:
        return self.shape in ("pair", "span")


TASKS = (
    Task("sentiment", "sentence", ("negative", "positive")),
    Task("tweets", "sentence", ("negative", "neutral", "positive")),
    Task("spam", "sentence", ("ham", "spam")),
    Task("nli", "pair", ("entailment", "neutral", "contradiction")),
    Task("qa", "span", ("start", "end")),
    Task("ner", "tags", ("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG")),
    Task("pos", "tags", UPOS),
)
NAMES = tuple(task.name for task in TASKS)


def find(name: str) -> Task:
    """The task of that name. Raises `UnknownTask`."""
    for task in TASKS:
        if task.name == name:
            return task
    raise UnknownTask(name, NAMES)
