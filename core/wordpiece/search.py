"""WordPiece with every attempt shown: normalize, split into words, greedy longest match first.

Source: Devlin et al. 2019, section 3 (WordPiece of Wu et al. 2016); the search is the one of
the published `tokenization.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from core.wordpiece.encoder import tokenizer, without_surrogates

CONTINUATION = "##"
UNKNOWN = "[UNK]"
LONGEST_WORD = 100  # characters; longer words are [UNK] without a search
_SPECIAL = re.compile(r"(\[(?:PAD|UNK|CLS|SEP|MASK)\])")


@dataclass(frozen=True)
class Step:
    """One look into the vocabulary: from which character, what was tried, whether it is there."""

    start: int
    candidate: str
    hit: bool


@dataclass(frozen=True)
class Word:
    """A word, the pieces found for it, their ids, and every attempt in order."""

    word: str
    pieces: tuple[str, ...]
    ids: tuple[int, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Stage:
    """The text after one step of normalization."""

    name: str
    text: str


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


def stages(model_folder: Path, text: str) -> tuple[Stage, ...]:
    """The text as typed, cleaned, with CJK characters apart, lower-cased, without accents."""
    lowercase = tokenizer(model_folder).normalizer.normalize_str("A") == "a"
    steps = [("clean", _normalizer(clean=True)), ("cjk", _normalizer(clean=True, cjk=True))]
    if lowercase:
        steps.append(("lower", _normalizer(clean=True, cjk=True, lower=True)))
        steps.append(("accents", _normalizer(clean=True, cjk=True, lower=True, accents=True)))
    typed = without_surrogates(text)
    return (Stage("typed", typed), *(Stage(name, _outside_specials(n, typed)) for name, n in steps))


def _normalizer(
    *, clean: bool, cjk: bool = False, lower: bool = False, accents: bool = False
) -> BertNormalizer:
    return BertNormalizer(
        clean_text=clean, handle_chinese_chars=cjk, lowercase=lower, strip_accents=accents
    )


def _outside_specials(normalizer: BertNormalizer, text: str) -> str:
    parts = _SPECIAL.split(text)
    return "".join(p if _SPECIAL.fullmatch(p) else normalizer.normalize_str(p) for p in parts)


def words(model_folder: Path, text: str) -> tuple[Word, ...]:
    """Every word of a text with its search; special tokens in the text stand for themselves."""
    vocabulary = vocabulary_of(model_folder)
    splitter = BertPreTokenizer()
    found: list[Word] = []
    for part in _SPECIAL.split(stages(model_folder, text)[-1].text):
        if _SPECIAL.fullmatch(part) and part in vocabulary:
            found.append(Word(part, (part,), (vocabulary[part],), (Step(0, part, True),)))
        else:
            found += [search(w, vocabulary) for w, _ in splitter.pre_tokenize_str(part)]
    return tuple(found)


def vocabulary_of(model_folder: Path) -> Mapping[str, int]:
    """Piece -> id, as the tokenizer has it."""
    kept = _vocabularies.get(model_folder)
    if kept is None:
        kept = _vocabularies[model_folder] = tokenizer(model_folder).get_vocab()
    return kept


_vocabularies: dict[Path, Mapping[str, int]] = {}
