"""WordPiece: how BERT cuts a text, with every look into the vocabulary. Needs no torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.contract import Encoded
from core.engine.protocol import Engine
from core.models.files import words_folder
from core.models.registry import find
from core.wordpiece import search
from core.wordpiece.normalize import Stage, rules, stages
from core.wordpiece.search import CONTINUATION, UNKNOWN, Word
from lessons.proof import Check, Proof
from lessons.text import Preset


@dataclass(frozen=True)
class Request:
    text: str
    model: str = "embedded"


@dataclass(frozen=True)
class Vocabulary:
    """Counts over the entries of a vocabulary; the five kinds add up to `size`.

    words : entries of two or more characters; characters : single ones; continued : those
    that begin with ##; unused : places kept free, [unused0] ...; special : [CLS], [MASK] ...
    """

    size: int
    words: int
    characters: int
    continued: int
    unused: int
    special: int

    @property
    def whole(self) -> int:
        """Entries that a word-level vocabulary could use: everything that can stand alone."""
        return self.words + self.characters


@dataclass(frozen=True)
class Result:
    """The text's way from characters to ids.

    encoded : the library's answer, with [CLS] and [SEP], cut to the model's limit
    stages : the text as typed and after each normalization step; words : every word of the
    text with pieces, ids and steps; known_whole : for each word whether it is one entry of
    the vocabulary, as a word-level vocabulary would need (True for special tokens)
    """

    encoded: Encoded
    stages: tuple[Stage, ...]
    words: tuple[Word, ...]
    known_whole: tuple[bool, ...]
    vocabulary: Vocabulary
    proof: Proof

    @property
    def searched(self) -> int:
        """Words and punctuation marks of the text, special tokens not counted."""
        return sum(not word.special for word in self.words)

    @property
    def lost(self) -> int:
        """Words that the vocabulary's whole entries alone would turn into [UNK]."""
        return sum(not known for known in self.known_whole)

    @property
    def unknown(self) -> int:
        """Words for which WordPiece itself finds no pieces."""
        return sum(word.unknown for word in self.words)


def run(engine: Engine, request: Request) -> Result:
    """Cut the text with our own visible search, and hold it against the library's answer.

    Raises `EmptyText`, `TextTooLong`, `UnknownModel`, `ModelUnavailable`.
    """
    encoded = engine.tokenize(request.model, request.text)
    folder = words_folder(find(request.model).id)
    entries = search.vocabulary_of(folder)
    words = search.words(folder, request.text)
    return Result(
        encoded=encoded,
        stages=stages(request.text, rules(folder)),
        words=words,
        known_whole=tuple(word.special or word.word in entries for word in words),
        vocabulary=_count(entries, rules(folder).specials),
        proof=Proof(_checks(words, encoded, entries)),
    )


def _checks(
    words: tuple[Word, ...], encoded: Encoded, entries: Mapping[str, int]
) -> tuple[Check, ...]:
    own = [i for i, word in enumerate(encoded.word_index) if word is not None]
    library = [(encoded.tokens[i], encoded.ids[i]) for i in own]
    ours = [pair for word in words for pair in zip(word.pieces, word.ids, strict=True)]
    missing = abs(len(ours) - len(library) - encoded.dropped)
    differing = sum(a != b for a, b in zip(ours, library, strict=False)) + missing
    misnamed = sum(
        entries.get(piece, id_) != id_
        for piece, id_ in zip(encoded.tokens, encoded.ids, strict=True)
    )
    rebuilt = ("".join([w.pieces[0], *(p[len(CONTINUATION):] for p in w.pieces[1:])])
               for w in words if not w.unknown)
    unlike = sum(a != w.word for a, w in zip(rebuilt, (w for w in words if not w.unknown),
                                             strict=True))
    return (
        Check("pieces that differ from the tokenizers library", "our search = library", differing),
        Check("ids that are not the piece's row", "id = vocabulary[piece]", misnamed),
        Check("words that are not their pieces joined", "word = piece + piece + ...", unlike),
    )


def _count(entries: Mapping[str, int], specials: tuple[str, ...]) -> Vocabulary:
    kinds = dict.fromkeys(("words", "characters", "continued", "unused", "special"), 0)
    for entry in entries:
        if entry in specials:
            kinds["special"] += 1
        elif entry.startswith("[unused"):
            kinds["unused"] += 1
        elif entry.startswith(CONTINUATION) and len(entry) > len(CONTINUATION):
            kinds["continued"] += 1
        else:
            kinds["characters" if len(entry) == 1 else "words"] += 1
    return Vocabulary(len(entries), **kinds)


def whole_word_row(result: Result) -> tuple[str, ...]:
    """The text as a word-level vocabulary would keep it."""
    return tuple(
        word.word if known else UNKNOWN
        for word, known in zip(result.words, result.known_whole, strict=True)
    )


def hardest_word(result: Result, among: int) -> int:
    """Which of the first words has the most to see: the most pieces, then the most attempts."""
    return max(
        range(min(among, len(result.words))),
        key=lambda i: (len(result.words[i].pieces), len(result.words[i].steps)),
        default=0,
    )


def taken_before(word: Word, attempt: int) -> int:
    """How many pieces have been taken once attempt 1..attempt are done."""
    return sum(step.hit for step in word.steps[:attempt])


def default_request(preset: Preset, model: str) -> Request:
    return Request(preset.text, model)


def to_json(result: Result) -> dict[str, Any]:
    """tokens, ids, words: [{word, pieces, steps}], and the text after each normalization."""
    return {
        "tokens": list(result.encoded.tokens),
        "ids": list(result.encoded.ids),
        "normalized": result.stages[-1].text,
        "stages": {stage.name: stage.text for stage in result.stages},
        "dropped": result.encoded.dropped,
        "lost_by_a_word_list": result.lost,
        "unknown": result.unknown,
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
