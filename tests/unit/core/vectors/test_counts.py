"""Bags of words and TF-IDF: against scikit-learn's own vectorizers and numbers written out."""

import math

import numpy as np
import pytest

from core.vectors import counts
from core.vectors.documents import MOST_WORDS, OnlyFunctionWords

DOCUMENTS = (("dog", "chases", "cat"), ("cat", "chases", "dog", "dog"), ("bag", "falls"))


def test_words_stand_in_reading_order_and_are_counted_by_document():
    bag = counts.count(DOCUMENTS)
    assert bag.words == ("dog", "chases", "cat", "bag", "falls") and bag.dropped == 0
    assert bag.matrix.tolist() == [[1, 1, 1, 0, 0], [2, 1, 1, 0, 0], [0, 0, 0, 1, 1]]


def test_the_bag_is_the_sum_of_the_words_one_hot_vectors():
    bag = counts.count(DOCUMENTS)
    one_hot = np.eye(len(bag.words))
    added = sum(one_hot[bag.words.index(word)] for word in DOCUMENTS[1])
    np.testing.assert_array_equal(bag.matrix[1], added)


def test_counts_are_those_of_scikit_learns_vectorizer():
    from sklearn.feature_extraction.text import CountVectorizer

    bag = counts.count(DOCUMENTS)
    theirs = CountVectorizer(vocabulary=list(bag.words)).transform(map(" ".join, DOCUMENTS))
    np.testing.assert_array_equal(bag.matrix, theirs.toarray())


def test_without_any_word_left_there_is_nothing_to_count():
    with pytest.raises(OnlyFunctionWords):
        counts.count([(), ()])


def test_of_too_many_words_the_most_frequent_are_kept():
    words = tuple(f"w{n}" for n in range(MOST_WORDS + 3))
    bag = counts.count([words, words[3:]])
    assert len(bag.words) == MOST_WORDS and bag.dropped == 3
    assert not {"w0", "w1", "w2"} & set(bag.words)


def test_words_outside_the_collection_are_not_seen():
    assert counts.bags([("cat", "puppy")], ("cat", "dog")).tolist() == [[1, 0]]


def test_tf_idf_is_scikit_learns_from_text_to_weight():
    from sklearn.feature_extraction.text import TfidfVectorizer

    bag = counts.count(DOCUMENTS)
    theirs = TfidfVectorizer(vocabulary=list(bag.words)).fit(map(" ".join, DOCUMENTS))
    query = counts.bags([("cat", "bag")], bag.words)[0]
    ours = counts.tfidf(bag.matrix, query)
    np.testing.assert_allclose(ours.idf, theirs.idf_)
    np.testing.assert_allclose(
        ours.matrix, theirs.transform(map(" ".join, DOCUMENTS)).toarray()
    )
    np.testing.assert_allclose(ours.query, theirs.transform(["cat bag"]).toarray()[0])
    np.testing.assert_allclose(counts.tfidf_by_hand(bag.matrix), ours.matrix)


def test_one_cell_on_numbers_that_can_be_checked_on_paper():
    """dog: 2 times in document 2, in 2 of 3 documents; chases and cat once each, df 2 too."""
    one = counts.cell(counts.count(DOCUMENTS).matrix, 1, 0)
    idf = math.log(4 / 3) + 1
    assert (one.tf, one.n, one.df) == (2, 3, 2)
    assert one.idf == pytest.approx(idf)
    assert one.product == pytest.approx(2 * idf)
    assert one.length == pytest.approx(idf * math.sqrt(6))  # (2 idf)^2 + idf^2 + idf^2
    assert one.weight == pytest.approx(2 / math.sqrt(6))


def test_a_word_of_all_documents_has_the_smallest_idf_one():
    assert counts.tfidf(np.ones((4, 2), int), np.zeros(2, int)).idf.tolist() == [1, 1]


def test_a_document_without_words_stays_zero():
    matrix = np.array([[1, 2], [0, 0]])
    assert counts.tfidf_by_hand(matrix)[1].tolist() == [0, 0]
    assert counts.cell(matrix, 1, 0).weight == 0


def test_cosines_are_those_of_the_angles_and_zero_for_nothing():
    rows = np.array([[3.0, 4.0], [0.0, 0.0]])
    others = np.array([[1.0, 0.0], [4.0, -3.0], [-6.0, -8.0]])
    np.testing.assert_allclose(counts.cosines(rows, others), [[0.6, 0, -1], [0, 0, 0]],
                               atol=1e-15)
