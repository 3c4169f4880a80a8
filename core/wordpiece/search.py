"""WordPiece with every attempt shown: greedy, longest match first.

Source: `WordpieceTokenizer` in the `tokenization.py` published with Devlin et al. 2019
(section 3); the vocabulary is the WordPiece of Wu et al. 2016.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.wordpiece.encoder import tokenizer
from core.wordpiece.normalize import rules, split_words, stages

CONTINUATION = "##"
UNKNOWN = "[UNK]"
LONGEST_WORD = 100  # characters; longer words are [UNK] without a search


@dataclass(frozen=True)
class Step:
    """One look into the vocabulary: from which character, what was tried, whether it is there."""

    start: int
    candidate: str
    hit: bool

    @property
    def letters(self) -> str:
        """The candidate without the ## that marks a continuation."""
        return self.candidate.removeprefix(CONTINUATION) if self.start else self.candidate


@dataclass(frozen=True)
class Word:
    """A word, the pieces found for it, their ids, and every attempt in order.

    `special` marks a token such as [MASK] that stands for itself and is never searched.
    """

    word: str
    pieces: tuple[str, ...]
    ids: tuple[int, ...]
    steps: tuple[Step, ...]
    special: bool = False

    @property
    def unknown(self) -> bool:
        return self.pieces == (UNKNOWN,) and not self.special

    @property
    def too_long(self) -> bool:
        return len(self.word) > LONGEST_WORD and not self.special


def search(word: str, vocabulary: Mapping[str, int]) -> Word:
    """Greedy longest match first.

    From each start the whole rest is tried, then one character less, until a candidate is in
    the vocabulary; candidates inside a word carry "##". If none is found the word is [UNK].
    """
    steps: list[Step] = []
    pieces: list[str] = []
    start = 0
    while start < len(word) <= LONGEST_WORD:
        for end in range(len(word), start, -1):
            candidate = (CONTINUATION if start else "") + word[start:end]
            hit = candidate in vocabulary
            steps.append(Step(start, candidate, hit))
            if hit:
                pieces.append(candidate)
                start = end
                break
        else:
            pieces.clear()
            break
    found = tuple(pieces) or (UNKNOWN,)
    return Word(word, found, tuple(vocabulary[p] for p in found), tuple(steps))


def words(model_folder: Path, text: str) -> tuple[Word, ...]:
    """Every word of a text with its search; special tokens in the text stand for themselves."""
    vocabulary = vocabulary_of(model_folder)
    seen: dict[str, Word] = {}
    found: list[Word] = []
    for place, part in enumerate(stages(text, rules(model_folder))[-1].parts):
        if place % 2:
            found.append(Word(part, (part,), (_special_id(model_folder, part),), (), True))
            continue
        for word in split_words(part):
            if word not in seen:
                seen[word] = search(word, vocabulary)
            found.append(seen[word])
    return tuple(found)


def _special_id(model_folder: Path, special: str) -> int:
    found = tokenizer(model_folder).token_to_id(special)
    assert found is not None
    return found


@cache
def vocabulary_of(model_folder: Path) -> Mapping[str, int]:
    """Piece -> id, as the tokenizer has it."""
    entries: dict[str, int] = tokenizer(model_folder).get_vocab(with_added_tokens=False)
    return entries
