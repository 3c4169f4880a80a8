"""Texts as pieces without padding, and the slices they go through the model in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.encode.pieces import AT_ONCE, Pieces, pieces_of, slices
from core.wordpiece.encoder import encode
from tests.random_bert import EMBEDDED

TEXTS = [
    "The cat sat.", "a", "unaffable embeddings, aren't they?", "\x07", "[MASK] and [SEP] [CLS]",
    "$AAL up 5% 🚀 https://t.co/x #gain", "一些字 and \ud800 a lone surrogate", "word " * 600,
]


@pytest.mark.parametrize("limit", [512, 16])
def test_the_pieces_are_those_of_every_text_alone(limit):
    found = pieces_of(EMBEDDED, TEXTS, limit)
    assert len(found) == len(TEXTS)
    for i, text in enumerate(TEXTS):
        own = found.ids[found.starts[i] : found.starts[i + 1]]
        assert tuple(own) == encode(EMBEDDED, text, None, limit).ids


def test_more_texts_than_are_read_at_once_keep_their_places():
    texts = [str(i) for i in range(AT_ONCE + 3)]
    found = pieces_of(EMBEDDED, texts, 512)
    assert found.lengths.tolist() == [len(encode(EMBEDDED, text)) for text in texts]


def test_no_texts_are_no_pieces_and_no_slices():
    found = pieces_of(EMBEDDED, [], 512)
    assert len(found) == 0 and found.ids.size == 0 and slices(found, 100) == []


@settings(deadline=None)
@given(
    lengths=st.lists(st.integers(2, 60), min_size=1, max_size=80),
    most=st.integers(1, 200),
)
def test_every_text_is_in_one_slice_and_no_slice_is_too_large(lengths, most):
    """The pieces are numbered, so that a slice shows whose it holds."""
    starts = np.concatenate([[0], np.cumsum(lengths)])
    pieces = Pieces(np.arange(starts[-1], dtype=np.int32), starts)
    cut = slices(pieces, most)
    assert sorted(i for some in cut for i in some.texts) == list(range(len(lengths)))
    seen = []
    for some in cut:
        assert len(some.ids) <= most or len(some.texts) == 1
        own = [np.arange(starts[i], starts[i + 1]) for i in some.texts]
        assert np.array_equal(some.ids, np.concatenate(own))
        spread = [n for count, n in some.runs for _ in range(count)]
        assert spread == [lengths[i] for i in some.texts]
        seen += spread
    assert seen == sorted(seen, reverse=True)
