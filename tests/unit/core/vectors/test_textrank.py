"""TextRank: windows and similarities counted by hand, ranks held to networkx and to a star."""

import math

import networkx as nx
import numpy as np
import pytest

from core.vectors import textrank


def test_an_edge_joins_words_within_a_window_and_counts_the_words_between():
    sentences = [("storm", "on", "the", "coast", "road")]
    words = ("storm", "coast", "road")
    assert textrank.word_weights(sentences, words, 3).tolist() == [
        [0, 0, 0], [0, 0, 1], [0, 1, 0],
    ]
    assert textrank.word_weights(sentences, words, 4)[0].tolist() == [0, 1, 0]


def test_no_edge_crosses_the_end_of_a_sentence_or_returns_to_its_word():
    weights = textrank.word_weights([("a", "a"), ("b",)], ("a", "b"), 5)
    assert not weights.any()


def test_similarity_is_shared_words_over_both_logarithms():
    one, two = ("rain", "hit", "coast"), ("rain", "left", "coast", "today")
    expected = 2 / (math.log(3) + math.log(4))
    assert textrank.sentence_similarity(one, two) == pytest.approx(expected)
    weights = textrank.sentence_weights([one, two, ()])
    np.testing.assert_allclose(weights, [[0, expected, 0], [expected, 0, 0], [0, 0, 0]])


def test_two_sentences_of_one_word_have_no_similarity_instead_of_infinity():
    assert textrank.sentence_similarity(("rain",), ("rain",)) == 0


def test_the_centre_of_a_star_ranks_as_arithmetic_says():
    """c = (1-d)/4 + d * 3l and l = (1-d)/4 + d * c/3 give c = (1/4)(1-d)(1+3d) / (1-d^2)."""
    weights = np.zeros((4, 4))
    weights[0, 1:] = weights[1:, 0] = 1
    d = textrank.DAMPING
    centre = (1 - d) * (1 + 3 * d) / 4 / (1 - d * d)
    found = textrank.rank("cxyz", weights)
    assert found.ranks[0] == pytest.approx(centre, abs=1e-8)
    assert found.ranks.sum() == pytest.approx(1) and found.order() == (0, 1, 2, 3)
    np.testing.assert_allclose(found.ranks[1:], (1 - centre) / 3, atol=1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_ranks_by_power_iteration_are_networkxs_also_with_lonely_nodes(seed):
    random = np.random.default_rng(seed)
    weights = np.triu(random.random((9, 9)) * (random.random((9, 9)) < 0.3), 1)
    weights[:, 8] = 0  # one node without edges
    weights += weights.T
    theirs = nx.pagerank(nx.from_numpy_array(weights), alpha=textrank.DAMPING, tol=1e-12,
                         max_iter=1000)
    np.testing.assert_allclose(textrank.rank_by_hand(weights), list(theirs.values()), atol=1e-8)


def test_every_node_has_a_finite_place_of_its_own():
    weights = textrank.word_weights([tuple("abcdef"), tuple("xyz")], tuple("abcdefxyz"), 3)
    places = textrank.rank("abcdefxyz", weights).places
    assert np.isfinite(places).all() and len({tuple(p) for p in places.round(3)}) == 9


def test_key_words_side_by_side_are_phrases_each_once():
    sentences = [("strong", "wind", "hit", "home", "team"), ("a", "strong", "wind")]
    keywords = {"strong", "wind", "home", "team"}
    assert textrank.phrases(sentences, keywords) == ("strong wind", "home team")
    assert textrank.phrases(sentences, {"wind"}) == ()
