"""WordPiece: how BERT cuts a text, with every look into the vocabulary."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.contract import Encoded
from core.engine.protocol import Engine
from core.models.files import folder_of
from core.wordpiece import search
from core.wordpiece.search import CONTINUATION, UNKNOWN, Stage, Word
from lessons.proof import Check, Proof, check
from lessons.text import Preset

SPECIALS = ("[CLS]", "[SEP]")


@dataclass(frozen=True)
class Request:
    text: str
    model: str = "embedded"


@dataclass(frozen=True)
class Vocabulary:
    """Counts over a vocabulary; `whole` entries are words, `continued` begin with ##."""

    size: int
    whole: int
    continued: int
    unused: int


@dataclass(frozen=True)
class Result:
    """The text's way from characters to ids.

    encoded : the library's answer, with [CLS] and [SEP]; stages : the text after each
    normalization; words : each with pieces, ids and steps; known_whole : for each word whether
    the vocabulary has it as one entry, as a word-level vocabulary would need
    """

    encoded: Encoded
    stages: tuple[Stage, ...]
    words: tuple[Word, ...]
    known_whole: tuple[bool, ...]
    vocabulary: Vocabulary
    proof: Proof

    @property
    def lost(self) -> int:
        """Words that a word-level vocabulary of the same size would turn into [UNK]."""
        return sum(not known for known in self.known_whole)


def run(engine: Engine, request: Request) -> Result:
    """Tokenize with the library and, beside it, with our own visible search.

    Raises `EmptyText`, `TextTooLong`, `UnknownModel`, `ModelUnavailable`.
    """
    encoded = engine.tokenize(request.model, request.text)
    folder = folder_of(engine.info(request.model).id)
    words = search.words(folder, request.text)
    entries = search.vocabulary_of(folder)
    return Result(
        encoded=encoded,
        stages=search.stages(folder, request.text),
        words=words,
        known_whole=tuple(word.word in entries for word in words),
        vocabulary=_count(tuple(entries)),
        proof=Proof((_same_ids(words, encoded),)),
    )


def _same_ids(words: tuple[Word, ...], encoded: Encoded) -> Check:
    """Ours against the library's, up to where the text was cut; a length mismatch counts."""
    ours = [i for word in words for i in word.ids]
    library = [i for i, w in zip(encoded.ids, encoded.word_index, strict=True) if w is not None]
    formula = "greedy longest match first"
    if len(ours) != len(library) + encoded.dropped:
        return Check("ids", formula, float("inf"))
    return check("ids", formula, np.array(ours[: len(library)]), np.array(library))


def _count(entries: tuple[str, ...]) -> Vocabulary:
    continued = sum(entry.startswith(CONTINUATION) and len(entry) > 2 for entry in entries)
    unused = sum(entry.startswith("[unused") for entry in entries)
    return Vocabulary(len(entries), len(entries) - continued - unused, continued, unused)


def whole_word_row(result: Result) -> tuple[str, ...]:
    """The text as a word-level vocabulary would keep it."""
    return tuple(
        word.word if known else UNKNOWN
        for word, known in zip(result.words, result.known_whole, strict=True)
    )


def default_request(preset: Preset, model: str) -> Request:
    return Request(preset.text, model)


def to_json(result: Result) -> dict[str, Any]:
    """tokens, ids, words: [{word, pieces, steps}]."""
    return {
        "tokens": list(result.encoded.tokens),
        "ids": list(result.encoded.ids),
        "normalized": result.stages[-1].text,
        "dropped": result.encoded.dropped,
        "words": [
            {
                "word": word.word,
                "pieces": list(word.pieces),
                "ids": list(word.ids),
                "steps": [vars(step) for step in word.steps],
            }
            for word in result.words
        ],
    }
