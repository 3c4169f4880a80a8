"""One word in two sentences: which heads look elsewhere, and by how much."""

from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

from core.contract import Encoded, TraceRequest
from core.engine.protocol import Engine
from core.errors import WordNotShared

NOTICEABLE = 0.10  # a tenth of a head's attention moved
NOTICEABLE_FOR_ONE = 0.05  # a single piece's weight changed by five points


@dataclass(frozen=True)
class Request:
    text: str = "The animal didn't cross the street because it was too tired."
    other: str = "The animal didn't cross the street because it was too wide."
    word: str = "it"
    model: str = "embedded"


@dataclass(frozen=True)
class Result:
    """Attention from one word, by its first piece, in two texts of n and n' pieces.

    place, other_place : where that piece stands
    shared : (place, place in the other) of the m pieces that correspond and are the same
    first, second : float32[L, A, m], weights from the word to each shared piece
    moved : float32[L, A], total variation distance of the two rows, 0 the same to 1 disjoint
    noticeable : how many heads moved by more than `NOTICEABLE`
    """

    tokens: tuple[str, ...]
    other_tokens: tuple[str, ...]
    place: int
    other_place: int
    shared: tuple[tuple[int, int], ...]
    first: np.ndarray
    second: np.ndarray
    moved: np.ndarray
    noticeable: int

    def ranked(self) -> tuple[tuple[int, int], ...]:
        """(layer, head) from most to least moved."""
        order = np.argsort(-self.moved, axis=None, kind="stable")
        return tuple(
            (int(layer), int(head))
            for layer, head in zip(*np.unravel_index(order, self.moved.shape), strict=True)
        )

    def names(self) -> list[str]:
        """The shared pieces as "place piece", by their place in the first text."""
        return [f"{i} {self.tokens[i]}" for i, _ in self.shared]

    def change(self, m: int) -> np.ndarray:
        """Weight from the word to shared piece m, second text minus first, float32[L, A]."""
        return self.second[..., m] - self.first[..., m]


def run(engine: Engine, request: Request) -> Result:
    """Compare the row of `word` in two texts, over all heads.

    Raises `WordNotShared`, and the errors of `Engine.trace`.
    """
    keep = frozenset({"weights"})
    one, two = (
        engine.trace(TraceRequest(t, None, request.model, keep))
        for t in (request.text, request.other)
    )
    place, other_place = places(engine, request)
    mine, others = (
        np.stack([layer.weights[0, :, at] for layer in trace.layers if layer.weights is not None])
        for trace, at in ((one, place), (two, other_place))
    )  # (L, A, n), (L, A, n')
    pairs = partners(one.encoded.tokens, two.encoded.tokens)
    shared = tuple(
        (i, j) for i, j in pairs if one.encoded.tokens[i] == two.encoded.tokens[j]
    )
    moved = total_variation(mine, others, pairs)  # (L, A)
    return Result(
        one.encoded.tokens, two.encoded.tokens, place, other_place, shared,
        mine[..., [i for i, _ in shared]], others[..., [j for _, j in shared]],
        moved, int((moved > NOTICEABLE).sum()),
    )


def places(engine: Engine, request: Request) -> tuple[int, int]:
    """Where the word's first piece stands in each text. Needs no forward pass.

    Raises `WordNotShared`.
    """
    word = engine.tokenize(request.model, request.word).tokens[1:-1]
    found = [
        _find(engine.tokenize(request.model, text), word)
        for text in (request.text, request.other)
    ]
    if found[0] is None or found[1] is None:
        raise WordNotShared(request.word)
    return found[0], found[1]


def _find(encoded: Encoded, word: tuple[str, ...]) -> int | None:
    starts = range(1, len(encoded) - len(word))
    return next((i for i in starts if word and encoded.tokens[i : i + len(word)] == word), None)


def partners(one: tuple[str, ...], two: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Places that correspond: equal runs, and replaced runs of the same length."""
    runs = SequenceMatcher(None, one, two, autojunk=False).get_opcodes()
    return tuple(
        (i, i - start + other_start)
        for kind, start, stop, other_start, other_stop in runs
        if kind in ("equal", "replace") and stop - start == other_stop - other_start
        for i in range(start, stop)
    )


def total_variation(
    one: np.ndarray, two: np.ndarray, pairs: tuple[tuple[int, int], ...]
) -> np.ndarray:
    """Half the summed difference of rows float[..., n] and float[..., n'] -> float[...].

    A piece without a partner counts with its whole weight.
    """
    here, there = [i for i, _ in pairs], [j for _, j in pairs]
    paired = np.abs(one[..., here] - two[..., there]).sum(-1)
    alone = np.delete(one, here, axis=-1).sum(-1) + np.delete(two, there, axis=-1).sum(-1)
    return 0.5 * (paired + alone)


@dataclass(frozen=True)
class Shift:
    """From the first text to the second, over all heads, for two watched pieces.

    more, less : heads in which a piece's weight rose or fell by over `NOTICEABLE_FOR_ONE`,
        one count for each of the two; along : heads, however little they changed, in which
        the first piece lost and the second gained
    """

    more: tuple[int, int]
    less: tuple[int, int]
    along: int


def shift(result: Result, loser: int, gainer: int) -> Shift:
    """How the weights on two shared pieces changed."""
    changes = [result.change(m) for m in (loser, gainer)]
    more, less = (
        tuple(int((sign * change > NOTICEABLE_FOR_ONE).sum()) for change in changes)
        for sign in (1, -1)
    )
    along = int(((changes[0] < 0) & (changes[1] > 0)).sum())
    return Shift((more[0], more[1]), (less[0], less[1]), along)
