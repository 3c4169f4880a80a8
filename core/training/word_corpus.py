"""The training text as word numbers, read once and shared by word2vec and GloVe.

    python -m core.training.word_corpus --data DIR

Keeps both sides of the split in build/words and writes the word list to
assets/vectors/words.txt. The list is counted on the training side alone.
"""

import argparse
from array import array
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core.training.corpus import articles, is_held_out, sentences
from core.vectors.static import FOLDER, WORDS
from core.vectors.words import VOCABULARY_SIZE, Vocabulary, split

CORPUS = "simplewiki_en.txt.xz"
WORK = Path("build/words")


@dataclass(frozen=True)
class WordCorpus:
    """Sentences as one flat array of word numbers; words outside the list are left out.

    ids : uint16[total]
    start : int64[sentences + 1], offsets into ids
    read : how many words the text had, with those left out
    """

    ids: np.ndarray
    start: np.ndarray
    read: int

    def __len__(self) -> int:
        return len(self.start) - 1

    def sentence(self, index: int) -> np.ndarray:
        return self.ids[self.start[index] : self.start[index + 1]]

    def sentence_of(self) -> np.ndarray:
        """Which sentence each word stands in, int32[total]."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.start))


class _Side:
    """One side of the split while it is read: numbers in order of first appearance."""

    def __init__(self) -> None:
        self.words, self.lengths = array("i"), array("i")

    def numbered(self, place: np.ndarray, size: int) -> WordCorpus:
        """The corpus with word w renumbered place[w]; places from `size` on are left out."""
        ids = place[np.frombuffer(self.words, dtype=np.int32)]
        kept = np.concatenate([[0], np.cumsum(ids < size)])
        ends = np.concatenate([[0], np.cumsum(self.lengths)]).astype(np.int64)
        start = np.unique(kept[ends])  # a sentence of unlisted words alone is gone
        return WordCorpus(ids[ids < size].astype(np.uint16), start.astype(np.int64), len(ids))


def read_corpus(
    path: Path, size: int = VOCABULARY_SIZE
) -> tuple[Vocabulary, WordCorpus, WordCorpus]:
    """The word list, the training side and the held-out side of a corpus file."""
    index: defaultdict[str, int] = defaultdict()
    index.default_factory = index.__len__
    sides = _Side(), _Side()
    for article in tqdm(articles(path), desc=f"words of {path.name}", unit=" articles"):
        side = sides[is_held_out(article)]
        for words in map(split, sentences(article)):
            side.words.extend(map(index.__getitem__, words))
            side.lengths.append(len(words))
    index.default_factory = None
    counts = np.bincount(np.frombuffer(sides[0].words, dtype=np.int32), minlength=len(index))
    counted = {word: int(counts[i]) for word, i in index.items() if counts[i]}
    vocabulary = Vocabulary.of_counts(counted, size)
    place = np.full(len(index), size)
    place[[index[word] for word in vocabulary.words]] = np.arange(len(vocabulary))
    return vocabulary, sides[0].numbered(place, size), sides[1].numbered(place, size)


def load_words(
    data: Path, work: Path = WORK, size: int = VOCABULARY_SIZE
) -> tuple[Vocabulary, WordCorpus, WordCorpus]:
    """`read_corpus`, kept in `work` so that the next command starts at once."""
    caches = work / "train.npz", work / "held_out.npz"
    if not all(path.exists() for path in (work / WORDS, *caches)):
        vocabulary, *both = read_corpus(data / CORPUS, size)
        work.mkdir(parents=True, exist_ok=True)
        for path, corpus in zip(caches, both, strict=True):
            np.savez(path, **vars(corpus))
        vocabulary.save(work / WORDS)
    train, held_out = map(_load, caches)
    return Vocabulary.load(work / WORDS), train, held_out


def _load(path: Path) -> WordCorpus:
    with np.load(path, allow_pickle=False) as stored:
        return WordCorpus(stored["ids"], stored["start"], int(stored["read"]))


def lines(corpus: WordCorpus, words: tuple[str, ...], chosen: np.ndarray) -> Iterator[str]:
    """The chosen sentences as text, words between blanks, each ending in a line break."""
    for index in chosen:
        yield " ".join([words[i] for i in corpus.sentence(index)]) + "\n"


def save_list(vocabulary: Vocabulary, folder: Path = FOLDER) -> None:
    """Write the shared word list. Raises ValueError when another one is in its place."""
    path = folder / WORDS
    if path.exists() and Vocabulary.load(path).words != vocabulary.words:
        raise ValueError(f"{path} lists other words: remove it and train all static models again")
    vocabulary.save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help=f"folder with {CORPUS}")
    parser.add_argument("--work", type=Path, default=WORK)
    args = parser.parse_args()
    vocabulary, train, held_out = load_words(args.data, args.work)
    save_list(vocabulary)
    print(
        f"{len(vocabulary):,} words, the rarest {vocabulary.counts.min():,} times; "
        f"{len(train):,} sentences of {len(train.ids):,} listed words ({train.read:,} read); "
        f"held out: {len(held_out.ids):,} words"
    )


if __name__ == "__main__":
    main()
