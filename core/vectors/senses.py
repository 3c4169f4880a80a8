"""Words with two meanings in sentences of the project's own, and pairs made from them."""

import random
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product

from core.models.registry import ASSETS

FOLDER = ASSETS / "vectors"
FILES = {"en": "senses.toml", "zh": "senses_zh.toml"}  # by the language of the sentences
PAIRS_A_KIND = 3  # of each word: three pairs with the same meaning, three with different ones


@dataclass(frozen=True)
class Sense:
    """One meaning: its name by interface language, and sentences that hold the word once."""

    name: dict[str, str]
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Word:
    """An ambiguous word with its senses."""

    word: str
    senses: tuple[Sense, ...]


@dataclass(frozen=True)
class WordPair:
    """A word in two different sentences; `same` when it means the same in both."""

    word: str
    text: str
    text_b: str
    same: bool


@cache
def senses(language: str = "en") -> tuple[Word, ...]:
    """The words of one language, in the order of the file."""
    with open(FOLDER / FILES[language], "rb") as file:
        rows = tomllib.load(file)["word"]
    return tuple(
        Word(row["word"], tuple(Sense(s["name"], tuple(s["sentences"])) for s in row["sense"]))
        for row in rows
    )


def find(word: str) -> Word | None:
    """The word's entry in any language, whatever its case."""
    wanted = word.strip().casefold()
    return next((w for name in FILES for w in senses(name) if w.word == wanted), None)


def pairs(seed: int = 0, language: str = "en") -> tuple[WordPair, ...]:
    """As many pairs of the same meaning as of different ones, for every word alike.

    Who knows only the word is therefore right in half of the cases, whatever rule is chosen.
    """
    draw = random.Random(seed)
    found: list[WordPair] = []
    for word in senses(language):
        same = [(a, b) for s in word.senses for a, b in combinations(s.sentences, 2)]
        different = [
            (a, b) for one, other in combinations(word.senses, 2)
            for a, b in product(one.sentences, other.sentences)
        ]
        for kind, choices in ((True, same), (False, different)):
            for a, b in draw.sample(choices, PAIRS_A_KIND):
                text, text_b = draw.sample((a, b), 2)
                found.append(WordPair(word.word, text, text_b, kind))
    return tuple(found)


def halves(pairs: Sequence[WordPair]) -> tuple[tuple[WordPair, ...], tuple[WordPair, ...]]:
    """The pairs in two halves that share no word: one to choose a threshold on, one to test it."""
    words = sorted({pair.word for pair in pairs})
    first = set(words[::2])
    return (
        tuple(p for p in pairs if p.word in first),
        tuple(p for p in pairs if p.word not in first),
    )
