"""What a head looks at, as shares of its attention, and the rule that names its role.

Source: Clark, Khandelwal, Levy and Manning 2019, "What Does BERT Look At?", section 3.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.wordpiece.characters import PUNCTUATION

ROLES = ("previous", "next", "self", "sep", "cls", "punctuation", "same_word", "broad")
SPECIAL = frozenset({"[CLS]", "[SEP]", "[PAD]"})
SHARE = 0.5  # Clark et al.'s bar for position heads: over half of the attention
RARE = frozenset({"punctuation", "same_word"})  # few pieces to look at: half of that is enough
BROAD = 0.8  # of the entropy that equal weights on all pieces would have
NONE = -1


@dataclass(frozen=True)
class Totals:
    """Sums over looking pieces, which add up over texts.

    sums : float64[R, L, A], each role's measure summed over its rows; rows : int64[R]
    """

    sums: np.ndarray
    rows: np.ndarray

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(self.sums + other.sums, self.rows + other.rows)

    def measures(self) -> np.ndarray:
        """float32[R, L, A], the mean over the rows; NaN for a role without rows."""
        rows = self.rows[:, None, None]
        means = np.full(self.sums.shape, np.nan)
        np.divide(self.sums, rows, out=means, where=rows > 0)
        return means.astype(np.float32)


def totals(weights: np.ndarray, tokens: Sequence[str]) -> Totals:
    """Each measure of every head over one text.

    weights : float[L, A, n, n], rows look. [CLS] and [SEP] are looked at but do not look
    here. A piece i counts towards

    previous, next, self : the weight on piece i - 1, i + 1, i
    sep, cls : the weight on all [SEP], on [CLS]
    punctuation : the weight on all punctuation marks, where i is none itself
    same_word : the weight on the same word piece elsewhere, where i is no mark and has such
    broad : the row's entropy over log n, 1 where all n pieces get the same
    """
    kinds = _kinds(tokens)
    found = [_sums(layer, kinds) for layer in weights]  # one at a time: n x n is large
    return Totals(np.stack([sums for sums, _ in found], axis=1), found[0][1])


def _sums(weights: np.ndarray, kinds: tuple[np.ndarray, ...]) -> tuple[np.ndarray, np.ndarray]:
    """float64[R, A] summed over rows, and int64[R] how many rows; weights float[A, n, n]."""
    words, marks, seps, same = kinds
    at = np.flatnonzero(words)
    speaking = np.flatnonzero(words & ~marks) if marks.any() else at[:0]
    repeated = np.flatnonzero(same.any(axis=1))
    rows = weights[:, at]  # (A, m, n)
    looked = (
        weights[:, at, at - 1],
        weights[:, at, at + 1],
        weights[:, at, at],
        rows[..., seps].sum(-1),
        rows[..., 0],
        weights[:, speaking][..., marks].sum(-1),
        np.where(same[repeated], weights[:, repeated], 0).sum(-1),
        entropy(rows) / math.log(len(words)),
    )
    sums = np.stack([values.sum(axis=-1, dtype=np.float64) for values in looked])
    return sums, np.array([values.shape[-1] for values in looked])


def _kinds(tokens: Sequence[str]) -> tuple[np.ndarray, ...]:
    """bool[n] words, punctuation marks, [SEP], and bool[n, n] the same word piece elsewhere."""
    names = np.array(tokens, dtype=object)
    words = np.array([token not in SPECIAL for token in tokens])
    marks = np.array([is_mark(token) for token in tokens])
    seps = np.array([token == "[SEP]" for token in tokens])
    speaks = words & ~marks
    same = (names[:, None] == names[None]) & speaks[:, None] & ~np.eye(len(tokens), dtype=bool)
    return words, marks, seps, same


def is_mark(token: str) -> bool:
    """True for a piece of nothing but punctuation."""
    return all(PUNCTUATION.match(character) for character in token)


def entropy(weights: np.ndarray) -> np.ndarray:
    """Nats along the last axis; 0 log 0 = 0."""
    safe = np.where(weights > 0, weights, 1.0)
    return -(weights * np.log(safe)).sum(-1)


def thresholds(share: float = SHARE) -> np.ndarray:
    """float64[R], what a measure must reach for its role."""
    halves = (share / 2 if role in RARE else share for role in ROLES)
    return np.array([BROAD if r == "broad" else t for r, t in zip(ROLES, halves, strict=True)])


def assign(measures: np.ndarray, share: float = SHARE) -> np.ndarray:
    """int[L, A], an index into `ROLES`, or `NONE`.

    Of the roles whose measure reaches its threshold the one that exceeds it most, as a ratio.
    """
    known = np.nan_to_num(measures, nan=0.0)
    ratio = known / thresholds(share)[:, None, None]  # (R, L, A)
    return np.where((ratio >= 1).any(axis=0), ratio.argmax(axis=0), NONE)
