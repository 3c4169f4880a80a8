"""How often two words of a large text stand near each other, as a sparse table."""

from pathlib import Path

import numpy as np
from scipy.sparse import coo_array, csr_array, load_npz, save_npz

from core.training.word_corpus import WordCorpus

WINDOW = 10
_AT_A_TIME = 1_000_000  # words; what is held at once grows with it


def cooccurrence(
    ids: np.ndarray, sentence: np.ndarray, size: int, window: int = WINDOW
) -> csr_array:
    """X[i, j]: the sum of 1/d over all places where j stands d <= window words from i.

    ids : int[total], word numbers below `size`
    sentence : int[total], which sentence each word stands in, rising; no pair crosses its end

    Returns a symmetric csr_array[size, size] of float64. Both words of a pair count, so a
    word d words from itself adds 2/d to X[i, i].

    Source: Pennington, Socher and Manning (2014), section 4.2.
    """
    forward = csr_array((size, size))
    for begin in range(0, len(ids), _AT_A_TIME):
        end = min(begin + _AT_A_TIME, len(ids))
        forward += _pairs_from(ids, sentence, begin, end, size, window)
    return csr_array(forward + forward.T)


def _pairs_from(
    ids: np.ndarray, sentence: np.ndarray, begin: int, end: int, size: int, window: int
) -> csr_array:
    """The pairs whose first word stands in begin..end - 1, each counted in one direction."""
    rows, columns, shares = [], [], []
    for d in range(1, window + 1):
        first = np.arange(begin, min(end, len(ids) - d))
        first = first[sentence[first] == sentence[first + d]]
        rows.append(ids[first].astype(np.int32))
        columns.append(ids[first + d].astype(np.int32))
        shares.append(np.full(len(first), 1 / d))
    places = np.concatenate(rows), np.concatenate(columns)
    return coo_array((np.concatenate(shares), places), shape=(size, size)).tocsr()


def load_cooccurrence(corpus: WordCorpus, size: int, cache: Path) -> csr_array:
    """`cooccurrence` of a corpus, kept in `cache` (.npz)."""
    if not cache.exists():
        cache.parent.mkdir(parents=True, exist_ok=True)
        save_npz(cache, cooccurrence(corpus.ids, corpus.sentence_of(), size), compressed=False)
    return csr_array(load_npz(cache))
