"""LSA: against LAPACK's full decomposition, and word classes by hand."""

import numpy as np
import pytest

from core.errors import OutOfRange, TooFewWords
from core.vectors import lsa
from core.vectors.documents import OneDocument

# car and automobile never meet, but both meet the engine; the soup has words of its own
COUNTS = np.array([
    [1, 0, 1, 0, 0],  # car engine
    [0, 1, 1, 0, 0],  # automobile engine
    [0, 0, 0, 1, 1],  # soup salt
    [0, 0, 0, 1, 1],
])
CAR, AUTOMOBILE, ENGINE, SOUP, SALT = range(5)


@pytest.fixture(scope="module")
def matrix():
    return np.random.default_rng(0).random((7, 12))


@pytest.mark.parametrize("k", [2, 3, 7])
def test_k_directions_are_the_best_approximation_of_that_rank(matrix, k):
    found = lsa.decompose(matrix, k)
    u, s, vt = np.linalg.svd(matrix, full_matrices=False)
    best = (u[:, :k] * s[:k]) @ vt[:k]  # Eckart and Young
    np.testing.assert_allclose(found.documents @ found.directions, best, atol=1e-8)
    np.testing.assert_allclose(found.singular, s)
    np.testing.assert_allclose(np.abs(found.words), np.abs(vt[:k].T * s[:k]), atol=1e-6)


def test_what_is_kept_is_the_share_of_squared_numbers(matrix):
    found = lsa.decompose(matrix, 3)
    left = ((matrix - found.documents @ found.directions) ** 2).sum()
    assert found.kept == pytest.approx(1 - left / (matrix**2).sum())


def test_a_document_of_the_collection_is_placed_where_it_lies(matrix):
    found = lsa.decompose(matrix, 2)
    np.testing.assert_allclose(found.place(matrix[3]), found.documents[3], atol=1e-8)


def test_words_that_never_meet_become_alike_through_a_common_neighbour():
    words = lsa.decompose(COUNTS.astype(float), 2).words
    pair = lsa.never_together(COUNTS, words)
    assert {pair.one, pair.two} == {CAR, AUTOMOBILE}
    assert pair.cosine == pytest.approx(1)
    assert lsa.never_together(np.ones((2, 3), int), np.ones((3, 2))) is None


def test_one_document_or_one_word_has_no_directions():
    with pytest.raises(OneDocument):
        lsa.decompose(np.array([[1.0, 2.0], [0.0, 0.0]]), 2)
    with pytest.raises(TooFewWords):
        lsa.decompose(np.array([[1.0, 0.0], [2.0, 0.0]]), 2)
    with pytest.raises(OutOfRange):
        lsa.decompose(COUNTS.astype(float), 5)


def test_classes_are_groups_of_one_direction_whatever_the_lengths():
    vectors = np.array([[1.0, 0], [5, 0.1], [0, 2], [0.1, 9], [-3, 0]])
    assert lsa.classes(vectors, 3) == (0, 0, 1, 1, 2)
    assert lsa.classes(vectors, 1) == (0,) * 5
    assert lsa.classes(vectors, 5) == (0, 1, 2, 3, 4)
    assert lsa.classes(vectors[:1], 1) == (0,)
    with pytest.raises(OutOfRange):
        lsa.classes(vectors, 6)
