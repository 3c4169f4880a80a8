"""Which outputs of the encoder a head reads, and one number of the head as a sum of products."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.contract import SpanWindow, TaggedWord
from core.tasks.spans import allowed
from lessons.tasks.lesson import Result

CLS = 0


@dataclass(frozen=True)
class Sum:
    """x . w + b, taken apart: x, w float[H], bias b."""

    x: np.ndarray
    w: np.ndarray
    bias: float

    @cached_property
    def products(self) -> np.ndarray:
        """float64[H], x_h w_h."""
        return self.x.astype(np.float64) * self.w.astype(np.float64)

    @cached_property
    def order(self) -> np.ndarray:
        """int[H], the coordinates, largest product in size first."""
        return np.argsort(-np.abs(self.products), kind="stable")

    @property
    def total(self) -> float:
        return float(self.products.sum()) + self.bias

    def largest(self, top: int) -> np.ndarray:
        """The coordinates of the `top` largest products, int[top]."""
        return self.order[:top]

    def rest(self, top: int) -> float:
        """What all others add together."""
        return float(self.products[self.order[top:]].sum())


def sum_of(result: Result, piece: int, row: int) -> Sum:
    """The head's number `row` for one piece, T_i . w_row + b_row."""
    return Sum(result.vectors[piece], result.weight[row], float(result.bias[row]))


def lit(result: Result) -> tuple[bool, ...]:
    """For each output whether the head reads it: C; all of the paragraph and C; first pieces."""
    n = len(result.answer.encoded)
    if result.answer.shape == "span":
        return (True, *allowed(result.answer.encoded).tolist()[1:])
    read = {CLS}
    if result.answer.shape == "tags":
        read = {word.piece for word in result.answer.words}
    return tuple(i in read for i in range(n))


def default_piece(result: Result) -> int:
    """The output to open first: C, the answer's start, or the surest name's or longest word's."""
    answer = result.answer
    if answer.shape == "span" and answer.spans:
        return answer.spans[0].first
    if answer.shape == "tags" and answer.words:
        named = [word for word in answer.words if word.tag not in ("O", "PUNCT")]
        return max(named or answer.words, key=lambda word: len(word.text)).piece
    return CLS


def read_piece(result: Result, chosen: int) -> int:
    """The output that the head reads for a chosen one: itself, its word's first piece, or C."""
    if lit(result)[chosen]:
        return chosen
    word = word_at(result, chosen)
    if word is not None:
        return word.piece
    return default_piece(result)


def word_at(result: Result, piece: int) -> TaggedWord | None:
    """The tagged word that a piece belongs to."""
    encoded = result.answer.encoded
    if encoded.word_index[piece] is None:
        return None
    start, end = encoded.spans[piece]
    found = None
    for word in result.answer.words:
        if word.piece == piece:
            return word
        if word.start <= start < word.end or start <= word.start < end:
            found = found or word
    return found


def pieces_of(result: Result, word: TaggedWord) -> tuple[int, ...]:
    """All pieces that stand for a word, in their order."""
    encoded = result.answer.encoded
    return tuple(
        i for i, (start, end) in enumerate(encoded.spans)
        if encoded.word_index[i] is not None and start < word.end and end > word.start
    )


def split_word(result: Result) -> TaggedWord | None:
    """The word of the most pieces, one of letters first; None where each word is one piece."""
    split = [word for word in result.answer.words if len(pieces_of(result, word)) > 1]
    return max(split, key=lambda word: (word.text.isalpha(), len(pieces_of(result, word))),
               default=None)


def open_window(result: Result) -> int:
    """The number of the window that `answer.encoded` is."""
    return result.answer.spans[0].window if result.answer.spans else 0


def paragraph_pieces(window: SpanWindow) -> np.ndarray:
    """int[m]: the pieces that a span may begin and end at."""
    return np.flatnonzero(allowed(window.encoded))


def shared_pieces(windows: tuple[SpanWindow, ...]) -> int:
    """How many pieces the first two windows have in common."""
    first, second = windows[0], windows[1]
    ends = [first.encoded.spans[i][1] + first.offset for i in paragraph_pieces(first)]
    return sum(end > second.offset for end in ends)
