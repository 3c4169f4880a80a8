"""The same word in two sentences: which heads look elsewhere, and by how much."""

from dataclasses import dataclass

import numpy as np

from core.contract import Encoded, TraceRequest
from core.engine.protocol import Engine
from core.errors import BadInput

NOTICEABLE = 0.10  # a tenth of all attention moved


@dataclass(frozen=True)
class Request:
    text: str = "The animal didn't cross the street because it was too tired."
    other: str = "The animal didn't cross the street because it was too wide."
    word: str = "it"
    model: str = "embedded"


@dataclass(frozen=True)
class Result:
    """Attention from one piece in two texts over the pieces that both share.

    shared : names of the pieces at equal places in both, the others are left out of no row sum
    first, second : float32[L, A, m], weights from the word to each shared piece
    moved : float32[L, A], total variation distance of the two full rows, 0 same to 1 disjoint
    noticeable : how many heads moved by more than a tenth
    """

    tokens: tuple[str, ...]
    other_tokens: tuple[str, ...]
    place: int
    shared: tuple[int, ...]
    first: np.ndarray
    second: np.ndarray
    moved: np.ndarray
    noticeable: int

    def ranked(self) -> tuple[tuple[int, int], ...]:
        """(layer, head) from most to least moved."""
        order = np.argsort(-self.moved, axis=None)
        return tuple(
            (int(layer), int(head))
            for layer, head in zip(*np.unravel_index(order, self.moved.shape), strict=True)
        )


def run(engine: Engine, request: Request) -> Result:
    """Compare the rows of `word` in two texts of equally many pieces.

    Raises `BadInput` where the word is not at the same place in both, or lengths differ.
    """
    keep = frozenset({"weights"})
    one, two = (
        engine.trace(TraceRequest(t, None, request.model, keep))
        for t in (request.text, request.other)
    )
    place = _place(engine, request, one.encoded, two.encoded)
    rows = [
        np.stack(
            [layer.weights[0, :, place] for layer in trace.layers if layer.weights is not None]
        )
        for trace in (one, two)
    ]  # (L, A, n) each
    moved = 0.5 * np.abs(rows[0] - rows[1]).sum(-1)  # (L, A)
    shared = tuple(
        i for i, (a, b) in enumerate(zip(one.encoded.tokens, two.encoded.tokens, strict=True))
        if a == b
    )
    return Result(
        one.encoded.tokens, two.encoded.tokens, place, shared,
        rows[0][..., shared], rows[1][..., shared], moved, int((moved > NOTICEABLE).sum()),
    )


def _place(engine: Engine, request: Request, one: Encoded, two: Encoded) -> int:
    if len(one) != len(two):
        raise BadInput(
            f"The two sentences have {len(one)} and {len(two)} word pieces; "
            "to compare place by place they need equally many."
        )
    pieces = engine.tokenize(request.model, request.word or " ").tokens[1:-1]
    for i, token in enumerate(one.tokens):
        if pieces and token == pieces[0] and two.tokens[i] == token:
            return i
    raise BadInput("The word stands at no common place of the two sentences.")
