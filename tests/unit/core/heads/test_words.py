"""Attention between words from attention between pieces, by hand."""

import numpy as np

from core.contract import Encoded
from core.engine import local_engine
from core.heads.words import merge, pieces_of_spans, words_of


def test_what_a_word_gets_is_summed_and_how_it_looks_is_averaged():
    # [CLS] a b1 b2 [SEP]; words: a = {1}, b = {2, 3}
    weights = np.array([
        [0.2, 0.2, 0.2, 0.2, 0.2],
        [0.1, 0.2, 0.3, 0.3, 0.1],
        [0.0, 0.4, 0.1, 0.5, 0.0],
        [0.2, 0.2, 0.3, 0.1, 0.2],
        [1.0, 0.0, 0.0, 0.0, 0.0],
    ])
    found = merge(weights, [(1,), (2, 3)])
    # a to b: 0.3 + 0.3; b to a: (0.4 + 0.2) / 2; b to b: ((0.1 + 0.5) + (0.3 + 0.1)) / 2
    np.testing.assert_allclose(found, [[0.2, 0.6], [0.3, 0.5]])


def test_all_heads_are_merged_at_once():
    weights = np.random.default_rng(0).random((2, 3, 4, 4)).astype(np.float32)
    together = merge(weights, [(0, 2), (1,), (3,)])
    assert together.shape == (2, 3, 3, 3)
    np.testing.assert_allclose(together[1, 2], merge(weights[1, 2], [(0, 2), (1,), (3,)]), 1e-6)


def test_the_words_of_a_pair_are_apart_even_with_the_same_number():
    encoded = Encoded(
        ("[CLS]", "play", "##ing", "[SEP]", "now", "[SEP]"), (0,) * 6, (0, 0, 0, 0, 1, 1),
        (None, 0, 0, None, 0, None), ((0, 0),) * 6,
    )
    assert words_of(encoded) == ((1, 2), (4,))


def test_a_piece_belongs_to_the_word_its_first_letter_is_in():
    # BERT: do n't -> don ' t; cannot is one piece
    encoded = local_engine().tokenize("embedded", "I don't, I cannot.")
    assert encoded.tokens == ("[CLS]", "i", "don", "'", "t", ",", "i", "cannot", ".", "[SEP]")
    spans = [(0, 1), (2, 4), (4, 7), (7, 8), (9, 10), (11, 14), (14, 17), (17, 18)]
    assert pieces_of_spans(encoded, spans) == (
        (1,), (2,), (3, 4), (5,), (6,), (7,), (), (8,)
    )
