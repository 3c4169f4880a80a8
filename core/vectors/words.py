"""Text as lower-cased words, the way word2vec, GloVe and ELMo all read it here."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

UNKNOWN = "<unk>"
VOCABULARY_SIZE = 20_000
# In the order in which they are tried: u.s. | 's | 1,000.5 | don't, well-known | any other mark
_TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}"
    r"|(?<=[\w.])'(?:s|ll|re|ve|d|m)\b"
    r"|\d+(?:[.,]\d+)+(?!\w)"
    r"|[^\W_]+(?:-[^\W_]+|'(?!(?:s|ll|re|ve|d|m)\b)[^\W_]+)*"
    r"|[^\w\s]|_"
)
_ONE_APOSTROPHE = str.maketrans("’ʼ", "''")


def split(text: str) -> tuple[str, ...]:
    """The words and punctuation marks of a text, lower-cased.

    A word keeps an inner hyphen or apostrophe (well-known, don't); the endings 's, 'll, 're,
    've, 'd and 'm stand alone, so that bank's is the word bank and its ending; numbers
    (1,000.5) and abbreviations (u.s.) stay whole; every other mark is a token of its own.

    >>> split("The bank's 1,000 well-known customers don't wait.")
    ('the', 'bank', "'s", '1,000', 'well-known', 'customers', "don't", 'wait', '.')
    """
    plain = unicodedata.normalize("NFC", text).translate(_ONE_APOSTROPHE).lower()
    return tuple(_TOKEN.findall(plain))


def is_word(token: str) -> bool:
    """True for a token with a letter or a digit in it, false for punctuation."""
    return any(map(str.isalnum, token))


class Vocabulary:
    """A word list in a fixed order, with how often each word was counted.

    words : distinct, most frequent first when `count` made the list
    counts : int64[V]; zeros when nothing was counted
    """

    def __init__(self, words: Iterable[str], counts: Sequence[int] | np.ndarray = ()) -> None:
        self.words = tuple(words)
        self._index = {word: i for i, word in enumerate(self.words)}
        if len(self._index) != len(self.words):
            raise ValueError("a word stands twice in the vocabulary")
        counted = counts if len(counts) else np.zeros(len(self.words))
        self.counts = np.asarray(counted, dtype=np.int64)
        if len(self.counts) != len(self.words):
            raise ValueError(f"{len(self.counts)} counts for {len(self.words)} words")

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._index

    def index(self, word: str) -> int | None:
        """The word's place in the list, None when it is not there."""
        return self._index.get(word)

    def ids(self, words: Iterable[str]) -> list[int]:
        """The words' places; `<unk>`, if listed, stands for a missing one, else it is left out."""
        unknown = self._index.get(UNKNOWN)
        found = (self._index.get(word, unknown) for word in words)
        return [i for i in found if i is not None]

    @classmethod
    def count(
        cls, sentences: Iterable[Sequence[str]], size: int = VOCABULARY_SIZE, *,
        first: Sequence[str] = (),
    ) -> "Vocabulary":
        """The `size` most frequent words, equal counts in alphabetical order.

        first : words put before all others whatever their count, such as `<unk>`; part of size
        """
        counter: Counter[str] = Counter()
        for sentence in sentences:
            counter.update(sentence)
        return cls.of_counts(counter, size, first=first)

    @classmethod
    def of_counts(
        cls, counter: Mapping[str, int], size: int = VOCABULARY_SIZE, *, first: Sequence[str] = ()
    ) -> "Vocabulary":
        """`count`, from counts at hand."""
        ranked = sorted((w for w in counter if w not in first), key=lambda w: (-counter[w], w))
        words = [*first, *ranked][:size]
        return cls(words, [counter.get(w, 0) for w in words])

    def save(self, path: Path) -> None:
        """Write a line `word<TAB>count` for each word."""
        lines = (f"{word}\t{n}\n" for word, n in zip(self.words, self.counts, strict=True))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(lines), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Vocabulary":
        """Read what `save` wrote. Raises OSError, ValueError for a damaged file."""
        pairs = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
        return cls((word for word, _ in pairs), [int(n) for _, n in pairs])
