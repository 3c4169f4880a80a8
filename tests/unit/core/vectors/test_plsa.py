"""pLSA: one EM step on paper, the fast step against Hofmann's, the likelihood never falls."""

import numpy as np
import pytest

from core.vectors import plsa

COUNTS = np.random.default_rng(1).poisson(1.0, (6, 9))


def start(k=3, seed=0):
    model = plsa.fit(COUNTS, k, 0, seed)
    return model.topics, model.mixtures


def test_the_start_is_a_distribution_in_every_row():
    topics, mixtures = start()
    np.testing.assert_allclose(topics.sum(axis=1), 1)
    np.testing.assert_allclose(mixtures.sum(axis=1), 1)


def test_one_step_on_numbers_that_can_be_checked_on_paper():
    """One document with words a, b, b; two topics with shares 1/2.

    E: P(z1 | a) = .8 / (.8 + .2) = .8 and P(z1 | b) = .2 / (.2 + .8) = .2
    M: n P: a gives .8, b gives 2 x .2 = .4, so P(a | z1) = 2/3 and P(z1 | d) = 1.2 / 3 = .4
    """
    counts = np.array([[1, 2]])
    topics, mixtures = np.array([[0.8, 0.2], [0.2, 0.8]]), np.array([[0.5, 0.5]])
    np.testing.assert_allclose(plsa.posterior(topics, mixtures)[0], [[0.8, 0.2], [0.2, 0.8]])
    for step in (plsa.step, plsa.step_by_hand):
        words, shares = step(counts, topics, mixtures)
        np.testing.assert_allclose(words, [[2 / 3, 1 / 3], [1 / 9, 8 / 9]])
        np.testing.assert_allclose(shares, [[0.4, 0.6]])


def test_the_step_without_posteriors_is_the_step_of_the_paper():
    for fast, slow in zip(plsa.step(COUNTS, *start()), plsa.step_by_hand(COUNTS, *start()),
                          strict=True):
        np.testing.assert_allclose(fast, slow)


@pytest.mark.parametrize("seed", range(4))
def test_the_likelihood_never_falls(seed):
    rises = np.diff(plsa.fit(COUNTS, 3, 60, seed).likelihoods)
    assert len(rises) == 60 and (rises >= -1e-9).all() and rises[0] > 0


def test_a_step_is_that_of_nmf_with_the_kullback_leibler_loss():
    """Lee and Seung's update of H, rows normed afterwards; Ding, Li and Peng 2008 show the tie."""
    topics, mixtures = start()
    ratio = COUNTS / (mixtures @ topics)
    theirs = topics * (mixtures.T @ ratio) / mixtures.sum(axis=0)[:, None]
    ours, _ = plsa.step(COUNTS, topics, mixtures)
    np.testing.assert_allclose(ours, theirs / theirs.sum(axis=1, keepdims=True))


def test_words_of_separate_documents_end_in_separate_topics():
    counts = np.array([[3, 2, 0, 0], [2, 3, 0, 0], [0, 0, 3, 2], [0, 0, 2, 3]])
    found = plsa.fit(counts, 2, 100, 0)
    one, other = found.mixtures[0].argmax(), found.mixtures[2].argmax()
    assert one != other
    assert found.mixtures[:2, one].min() > 0.99 and found.mixtures[2:, other].min() > 0.99
    np.testing.assert_allclose(found.topics[one], [0.5, 0.5, 0, 0], atol=1e-6)


def test_an_empty_document_keeps_its_shares_and_everything_stays_finite():
    counts = np.vstack([COUNTS, np.zeros(9, int)])
    found = plsa.fit(counts, 3, 20, 0)
    before = plsa.fit(counts, 3, 0, 0)
    np.testing.assert_array_equal(found.mixtures[-1], before.mixtures[-1])
    assert np.isfinite(found.topics).all()


def test_a_folded_in_document_takes_the_topic_of_its_words_and_leaves_topics_still():
    topics = np.array([[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]])
    np.testing.assert_allclose(plsa.fold_in(np.array([2, 1, 0, 1]), topics), [0.75, 0.25])
    np.testing.assert_allclose(plsa.fold_in(np.zeros(4, int), topics), [0.5, 0.5])
