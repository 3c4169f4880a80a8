"""A lesson's reading matter: sections of en.md and zh.md, presets and quiz questions.

A section starts with a heading that ends in its key, `## Title {#key}`. Computed numbers are
written `{{name}}` and filled in by the page, so that no prose number is ever typed.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh")
_HEADING = re.compile(r"^## (?P<title>.+?) \{#(?P<key>[a-z0-9-]+)\}\s*$", re.MULTILINE)
_NUMBER = re.compile(r"\{\{(\w+)\}\}")
_LESSONS = Path(__file__).parent


@dataclass(frozen=True)
class Section:
    """One titled piece of Markdown."""

    title: str
    body: str

    def filled(self, **numbers: object) -> str:
        """The body with every {{name}} replaced. Raises KeyError for one that is not given."""
        return _NUMBER.sub(lambda m: str(numbers[m[1]]), self.body)


@dataclass(frozen=True)
class Preset:
    """An example that fills the text boxes; `controls` are URL names and their values."""

    id: str
    label: dict[str, str]
    languages: tuple[str, ...]
    text: str
    text_b: str
    controls: dict[str, str]


@dataclass(frozen=True)
class Question:
    """A multiple-choice question in both languages."""

    question: dict[str, str]
    options: tuple[dict[str, str], ...]
    answer: int
    why: dict[str, str]


@cache
def sections(lesson: str, language: str) -> dict[str, Section]:
    """Sections of a lesson by key, in reading order."""
    source = (_LESSONS / lesson / f"{language}.md").read_text(encoding="utf-8")
    heads = list(_HEADING.finditer(source))
    ends = [h.start() for h in heads[1:]] + [len(source)]
    return {
        h["key"]: Section(h["title"], source[h.end() : end].strip())
        for h, end in zip(heads, ends, strict=True)
    }


@cache
def presets(lesson: str) -> tuple[Preset, ...]:
    """The presets of `presets.toml`, in order.

    Each `[[preset]]` has id, label.en, label.zh, text, optionally text_b, languages (default
    both) and a table `controls`.
    """
    with open(_LESSONS / lesson / "presets.toml", "rb") as file:
        rows = tomllib.load(file)["preset"]
    return tuple(
        Preset(
            row["id"],
            row["label"],
            tuple(row.get("languages", LANGUAGES)),
            row["text"],
            row.get("text_b", ""),
            {k: str(v) for k, v in row.get("controls", {}).items()},
        )
        for row in rows
    )


@cache
def quiz(lesson: str) -> tuple[Question, ...]:
    """The questions of `quiz.toml`: `[[question]]` with question, options, answer, why."""
    with open(_LESSONS / lesson / "quiz.toml", "rb") as file:
        rows = tomllib.load(file)["question"]
    return tuple(
        Question(row["question"], tuple(row["options"]), int(row["answer"]), row["why"])
        for row in rows
    )
