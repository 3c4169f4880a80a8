"""LDA: scikit-learn's fit, and its document shares by the update that Blei writes."""

import numpy as np
import pytest

from core.vectors import topics

COUNTS = np.array([
    [3, 2, 1, 0, 0, 0], [2, 3, 2, 0, 0, 0], [1, 2, 3, 0, 0, 1],
    [0, 0, 0, 3, 2, 1], [0, 1, 0, 2, 3, 2], [0, 0, 0, 1, 2, 3],
])
QUERY = np.array([0, 0, 0, 2, 1, 0])


@pytest.fixture(scope="module")
def lda():
    return topics.fit(COUNTS, QUERY, 2, 0)


def test_topics_and_shares_are_distributions(lda):
    np.testing.assert_allclose(lda.topics.sum(axis=1), 1)
    np.testing.assert_allclose(lda.mixtures.sum(axis=1), 1)
    assert lda.query.sum() == pytest.approx(1)
    assert lda.alpha == lda.eta == 0.5


def test_two_kinds_of_documents_are_two_topics_and_a_new_one_joins_its_own(lda):
    kinds = lda.mixtures.argmax(axis=1)
    assert set(kinds[:3]) == {kinds[0]} and set(kinds[3:]) == {kinds[3]} != {kinds[0]}
    assert lda.query.argmax() == kinds[3]


def test_every_documents_shares_are_those_of_the_papers_update(lda):
    for row, mixture in zip((*COUNTS, QUERY), (*lda.mixtures, lda.query), strict=True):
        np.testing.assert_allclose(topics.mixture_by_hand(row, lda.weights, lda.alpha), mixture,
                                   atol=1e-6)


def test_a_document_without_words_has_the_prior_alone(lda):
    np.testing.assert_allclose(topics.mixture_by_hand(np.zeros(6, int), lda.weights, lda.alpha),
                               [0.5, 0.5])


def test_the_weights_hold_every_word_once_beside_the_prior(lda):
    """lambda = eta + expected counts, and these add up to all words of the collection."""
    assert lda.weights.sum() == pytest.approx(COUNTS.sum() + lda.eta * lda.weights.size)


def test_a_seed_fixes_the_topics(lda):
    np.testing.assert_array_equal(topics.fit(COUNTS, QUERY, 2, 0).topics, lda.topics)
    assert lda.perplexity < 6  # six equally likely words would be 6
