"""Heads held against dependency arcs: what each head guesses, and how often it is right.

Source: Clark et al. 2019, section 4.2.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DIRECTIONS = ("dependent", "governor")  # which of the two words does the looking
OFFSETS = tuple(offset for offset in range(-10, 11) if offset)
CONFIDENT = 1.959964  # standard normal quantile of a 95 % interval


def guesses(attention: np.ndarray, direction: str) -> np.ndarray:
    """For each word the one that a head would call its governor, int[..., m].

    attention : float[..., m, m] between words, m >= 2, special pieces left out. "dependent":
    the word that this word looks at most. "governor": the word that looks at this word most.
    No word governs itself.
    """
    looks = attention if direction == "dependent" else np.swapaxes(attention, -1, -2)
    alone = np.eye(attention.shape[-1], dtype=bool)
    return np.where(alone, -1.0, looks).argmax(axis=-1)


@dataclass(frozen=True)
class Arcs:
    """The arcs of one sentence between words that have pieces.

    dependent, governor, relation : int[k], places among those words and relation numbers
    """

    dependent: np.ndarray
    governor: np.ndarray
    relation: np.ndarray


class Tally:
    """Right guesses and arcs by relation, added up sentence by sentence.

    heads : int64[R, 2, L, A], directions as in `DIRECTIONS`; offsets : int64[R, len(OFFSETS)];
    arcs : int64[R]
    """

    def __init__(self, relations: int, layers: int, heads: int) -> None:
        self.heads = np.zeros((relations, 2, layers, heads), np.int64)
        self.offsets = np.zeros((relations, len(OFFSETS)), np.int64)
        self.arcs = np.zeros(relations, np.int64)

    def add(self, attention: np.ndarray, arcs: Arcs) -> None:
        """attention : float[L, A, m, m] between the words of one sentence."""
        for number, direction in enumerate(DIRECTIONS):
            guessed = guesses(attention, direction)[..., arcs.dependent]  # (L, A, k)
            right = np.moveaxis(guessed == arcs.governor, -1, 0)  # (k, L, A)
            np.add.at(self.heads[:, number], arcs.relation, right)
        distance = arcs.governor - arcs.dependent
        np.add.at(self.offsets, arcs.relation, distance[:, None] == np.array(OFFSETS))
        np.add.at(self.arcs, arcs.relation, 1)


def arcs_of(
    governors: Sequence[int | None], relations: Sequence[int | None],
    groups: Sequence[Sequence[int]],
) -> Arcs:
    """The arcs whose two words both have pieces, counted among the words that have.

    governors : for each word its governor or None; relations : its number or None, which
    leaves the arc out; groups : the pieces of each word.
    """
    places: dict[int, int] = {}
    for word, pieces in enumerate(groups):
        if pieces:
            places[word] = len(places)
    rows = [
        (places[word], places[governor], relation)
        for word, (governor, relation) in enumerate(zip(governors, relations, strict=True))
        if governor is not None and relation is not None
        and word in places and governor in places
    ]
    return Arcs(*np.array(rows, np.int64).reshape(-1, 3).T)


def wilson(right: int, n: int) -> tuple[float, float]:
    """A 95 % interval of a share, (low, high); (0, 1) where nothing was tried.

    Source: Wilson 1927.
    """
    if n == 0:
        return 0.0, 1.0
    z2 = CONFIDENT**2
    middle = (right + z2 / 2) / (n + z2)
    spread = CONFIDENT / (n + z2) * math.sqrt(right * (n - right) / n + z2 / 4)
    return max(0.0, middle - spread), min(1.0, middle + spread)
