"""Training text for ELMo: runs of whole sentences, every word kept in its spelling.

The character encoder reads words the softmax does not know, so a corpus stores the index
of each distinct spelling, not the index into the vocabulary.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core.training.corpus import articles, is_held_out, sentences
from core.vectors.words import split

JOIN_UP_TO, MOST_WORDS = 40, 60


@dataclass(frozen=True)
class ElmoText:
    """Sequences of words as one flat array.

    spellings : every distinct word, in order of first appearance
    words : int32[total], indices into spellings
    start : int64[sequences + 1], offsets into words
    """

    spellings: tuple[str, ...]
    words: np.ndarray
    start: np.ndarray

    def __len__(self) -> int:
        return len(self.start) - 1

    def targets(self, vocabulary: Sequence[str]) -> np.ndarray:
        """Softmax row of each spelling, len(vocabulary) for unknown ones; int64[spellings]."""
        rows = {word: row for row, word in enumerate(vocabulary)}
        unknown = len(vocabulary)
        return np.array([rows.get(s, unknown) for s in self.spellings], dtype=np.int64)


def sequences(article: str) -> Iterator[list[str]]:
    """Consecutive sentences joined up to JOIN_UP_TO words; a longer one is cut at MOST_WORDS."""
    joined: list[str] = []
    for sentence in sentences(article):
        words = list(split(sentence))
        if joined and len(joined) + len(words) > JOIN_UP_TO:
            yield joined[:MOST_WORDS]
            joined = []
        joined = joined + words
    if joined:
        yield joined[:MOST_WORDS]


def read_text(path: Path, *, held_out: bool) -> ElmoText:
    """One side of the hold-out split of a corpus file."""
    index: dict[str, int] = {}
    words, start = array("i"), array("q", [0])
    for article in tqdm(articles(path), desc=f"words of {path.name}", unit=" articles"):
        if is_held_out(article) != held_out:
            continue
        for sequence in sequences(article):
            if len(sequence) > 1:
                words.extend(index.setdefault(word, len(index)) for word in sequence)
                start.append(len(words))
    return ElmoText(
        tuple(index), np.array(words, dtype=np.int32), np.array(start, dtype=np.int64)
    )


def load_text(path: Path, cache: Path, *, held_out: bool) -> ElmoText:
    """`read_text`, kept in `cache` (.npz) so that a resumed run starts at once."""
    if not cache.exists():
        text = read_text(path, held_out=held_out)
        cache.parent.mkdir(parents=True, exist_ok=True)
        letters = "\n".join(text.spellings).encode("utf-8")
        np.savez(
            cache,
            spellings=np.frombuffer(letters, dtype=np.uint8), words=text.words, start=text.start,
        )
    with np.load(cache, allow_pickle=False) as stored:
        spellings = tuple(stored["spellings"].tobytes().decode("utf-8").split("\n"))
        return ElmoText(spellings, stored["words"], stored["start"])


@dataclass(frozen=True)
class Batch:
    """Sequences of similar length side by side.

    words : int32[T, B], indices into spellings; -1 behind the end of a sequence
    lengths : int64[B]
    """

    words: np.ndarray
    lengths: np.ndarray

    @property
    def tokens(self) -> int:
        return int(self.lengths.sum())


def batches(
    text: ElmoText, chosen: np.ndarray, batch_tokens: int, generator: np.random.Generator | None
) -> list[Batch]:
    """The chosen sequences, sorted by length and cut into batches, in random order if asked.

    A batch has at most batch_tokens places, those of padding included.
    """
    lengths = np.diff(text.start)[chosen]
    order = np.argsort(-lengths, kind="stable")
    groups: list[np.ndarray] = []
    first = 0
    while first < len(order):
        size = max(1, batch_tokens // int(lengths[order[first]]))
        groups.append(order[first : first + size])
        first += size
    if generator is not None:
        groups = [groups[i] for i in generator.permutation(len(groups))]
    return [_batch(text, chosen[g], lengths[g]) for g in groups]


def _batch(text: ElmoText, chosen: np.ndarray, lengths: np.ndarray) -> Batch:
    words = np.full((int(lengths.max()), len(chosen)), -1, dtype=np.int32)
    for column, sequence in enumerate(chosen):
        words[: lengths[column], column] = text.words[
            text.start[sequence] : text.start[sequence + 1]
        ]
    return Batch(words, lengths)


def pool_of_batches(
    text: ElmoText, pool: int, *, seed: int, batch_tokens: int, pool_sequences: int = 16384
) -> list[Batch]:
    """Batches of the pool-th part of the text; every pass over the text has its own order."""
    pools_a_pass = max(1, len(text) // pool_sequences)
    this_pass, part = divmod(pool, pools_a_pass)
    order = np.random.default_rng([seed, this_pass]).permutation(len(text))
    chosen = np.array_split(order, pools_a_pass)[part]
    return batches(text, chosen, batch_tokens, np.random.default_rng([seed, 7, pool]))
