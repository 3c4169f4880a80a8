"""Texts as word pieces one behind the other, and which of them go through the model together.

No torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.wordpiece.encoder import tokenizer, without_surrogates

AT_ONCE = 1024  # texts tokenized in one call, on all cores


@dataclass(frozen=True)
class Pieces:
    """n texts as P word pieces without padding.

    ids : int32[P]; starts : int64[n + 1]: text i is ids[starts[i]:starts[i + 1]]
    """

    ids: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> np.ndarray:
        """int64[n]."""
        return np.diff(self.starts)


@dataclass(frozen=True)
class Slice:
    """Some texts, longest first.

    texts : int64[b], which they are; ids : int32[p], their pieces
    runs : (how many, of how many pieces each), for neighbours of equal length
    """

    texts: np.ndarray
    ids: np.ndarray
    runs: tuple[tuple[int, int], ...]


def pieces_of(model_folder: Path, texts: Sequence[str], limit: int) -> Pieces:
    """[CLS] text [SEP] for each, cut to `limit` pieces: the ids of `wordpiece.encoder.encode`."""
    words = tokenizer(model_folder)
    cls, sep = words.token_to_id("[CLS]"), words.token_to_id("[SEP]")
    rows = []
    for first in range(0, len(texts), AT_ONCE):
        some = [without_surrogates(text) for text in texts[first : first + AT_ONCE]]
        for found in words.encode_batch_fast(some, add_special_tokens=False):
            rows.append(np.array([cls, *found.ids[: limit - 2], sep], dtype=np.int32))
    starts = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    return Pieces(np.concatenate(rows) if rows else np.zeros(0, np.int32), starts)


def slices(pieces: Pieces, most: int) -> list[Slice]:
    """All texts, longest first, in slices of at most `most` pieces, or of one longer text.

    The longest come first because they need the most memory: what is to fail fails at once.
    """
    lengths = pieces.lengths
    order = np.argsort(-lengths, kind="stable")  # (n,)
    ends = np.cumsum(lengths[order])  # (n,)
    found, first = [], 0
    while first < len(order):
        before = ends[first] - lengths[order[first]]
        after = max(first + 1, int(np.searchsorted(ends, before + most, side="right")))
        found.append(_slice(pieces, order[first:after]))
        first = after
    return found


def _slice(pieces: Pieces, texts: np.ndarray) -> Slice:
    own = [pieces.ids[pieces.starts[i] : pieces.starts[i + 1]] for i in texts]
    lengths, counts = np.unique([len(ids) for ids in own], return_counts=True)
    runs = zip(counts[::-1].tolist(), lengths[::-1].tolist(), strict=True)
    return Slice(texts, np.concatenate(own), tuple(runs))
