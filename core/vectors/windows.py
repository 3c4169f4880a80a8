"""A text as sentences of words, and the training examples that a sliding window makes of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from core.errors import NoNeighbours
from core.limits import check_text
from core.vectors.words import split
from core.wordpiece.characters import CJK

Kind = Literal["cbow", "skipgram"]
MAX_WORDS = 2_000  # running words of a text that are read: a class shares one server
MAX_VOCABULARY = 300
_ENDS = frozenset(".!?;…。！？；")


@dataclass(frozen=True)
class Corpus:
    """A text as numbers.

    words : the vocabulary, most frequent first, equals in order of appearance; counts : how
    often each stands in `sentences`; sentences : word numbers, no sentence is empty
    running : words in `sentences`; cut : running words beyond the limits, which are not read
    """

    words: tuple[str, ...]
    counts: tuple[int, ...]
    sentences: tuple[tuple[int, ...], ...]
    cut: int

    @property
    def running(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Example:
    """One training example: from the words `inputs` the network shall predict `target`.

    sentence, place : where the window's centre stands
    """

    inputs: tuple[int, ...]
    target: int
    sentence: int
    place: int


def tokens(line: str) -> Iterator[str]:
    """Lower-cased words and marks; every Chinese character is a word of its own."""
    for token in split(line):
        if CJK.search(token):
            run = ""
            for character in token:
                if CJK.match(character):
                    yield from (run, character) if run else (character,)
                    run = ""
                else:
                    run += character
            if run:
                yield run
        else:
            yield token


def sentences(text: str) -> list[list[str]]:
    """Words without punctuation, cut at line ends and at the marks that end a sentence."""
    found: list[list[str]] = []
    for line in text.splitlines():
        found.append([])
        for token in tokens(line):
            if any(c.isalnum() for c in token):
                found[-1].append(token)
            elif token[-1:] in _ENDS:
                found.append([])
    return [s for s in found if s]


def read(text: str) -> Corpus:
    """The first `MAX_WORDS` words, with the `MAX_VOCABULARY` most frequent as vocabulary.

    Raises `EmptyText`, `TextTooLong`, and `NoNeighbours` where no two different words stand
    side by side, so that there is nothing to predict.
    """
    kept: list[list[str]] = []
    room, total = MAX_WORDS, 0
    for sentence in sentences(check_text(text)):
        total += len(sentence)
        kept.append(sentence[:room])
        room -= len(kept[-1])
    counts = Counter(word for sentence in kept for word in sentence)
    common = dict(counts.most_common(MAX_VOCABULARY))
    number = {word: i for i, word in enumerate(common)}
    ids = [tuple(number[w] for w in s if w in number) for s in kept]
    if not any(len(set(s)) > 1 for s in ids):
        raise NoNeighbours
    return Corpus(
        tuple(common), tuple(common.values()), tuple(s for s in ids if s),
        total - sum(common.values()),
    )


def around(length: int, place: int, window: int) -> tuple[int, ...]:
    """Places of the context: up to `window` on each side of `place`, within the sentence."""
    return tuple(
        p for p in range(max(0, place - window), min(length, place + window + 1)) if p != place
    )


def examples_at(corpus: Corpus, sentence: int, place: int, window: int, kind: Kind
                ) -> tuple[Example, ...]:
    """What one position of the window asks of the network.

    CBOW makes one example, from all context words to the centre; skip-gram makes one for each
    context word, from the centre to it. word2vec.c also shortens each window at random, which
    gives near words more weight; here every window has its full width.

    Source: Mikolov et al. 2013, "Efficient Estimation of Word Representations in Vector Space".
    """
    ids = corpus.sentences[sentence]
    context = tuple(ids[p] for p in around(len(ids), place, window))
    if not context:
        return ()
    if kind == "cbow":
        return (Example(context, ids[place], sentence, place),)
    return tuple(Example((ids[place],), c, sentence, place) for c in context)


def examples(corpus: Corpus, window: int, kind: Kind) -> tuple[Example, ...]:
    """All examples of a text, in reading order."""
    return tuple(
        example
        for s, ids in enumerate(corpus.sentences)
        for place in range(len(ids))
        for example in examples_at(corpus, s, place, window, kind)
    )
