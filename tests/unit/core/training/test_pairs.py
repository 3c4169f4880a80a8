"""Sentence pairs: half true, half from another document, none longer than the model reads."""

import numpy as np
import pytest

from core.training.corpus import TokenizedCorpus
from core.training.pairs import IS_NEXT, NOT_NEXT, Pair, document_pairs


def corpus(*documents):
    """A corpus from lists of sentence lengths; the ids count up, so each piece is known."""
    lengths = [n for document in documents for n in document]
    return TokenizedCorpus(
        np.arange(sum(lengths)),
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        np.concatenate([[0], np.cumsum([len(d) for d in documents])]).astype(np.int64),
    )


def drawn(text, index, times=300, max_length=64):
    rng = np.random.default_rng(0)
    return [p for _ in range(times) for p in document_pairs(text, index, rng, max_length)]


SMALL = corpus([5, 6, 7, 4], [8, 3], [9, 9, 9])


def test_a_true_pair_is_one_run_of_the_document():
    for pair in drawn(SMALL, 0):
        if pair.label == IS_NEXT:
            both = np.concatenate([pair.a, pair.b])
            assert (both == np.arange(len(both))).all()


def test_a_false_second_side_is_of_another_document():
    for pair in drawn(SMALL, 1):
        assert set(pair.a) <= set(range(22, 33))
        if pair.label == NOT_NEXT:
            assert not set(pair.b) & set(range(22, 33))


def test_half_of_the_pairs_are_true():
    """1,000 fair draws: within four standard deviations, 4 sqrt(0.25 / 1000) = 0.063."""
    labels = [pair.label for pair in drawn(SMALL, 0, times=1000)]
    assert abs(np.mean(labels) - 0.5) < 0.064


@pytest.mark.parametrize("longest", [24, 64, 128])
def test_no_pair_is_longer_than_the_limit_with_its_special_tokens(longest):
    text = corpus([40, 90, 10, 70], [100, 5, 60])
    pairs = drawn(text, 0, times=100, max_length=longest)
    assert max(map(len, pairs)) == longest
    assert all(len(pair) == len(pair.a) + len(pair.b) + 3 for pair in pairs)
    assert all(len(pair.a) and len(pair.b) for pair in pairs)


def test_a_document_of_one_sentence_gives_no_pair():
    text = corpus([9], [5, 5])
    assert drawn(text, 0, times=5) == []


def test_a_long_document_gives_many_pairs_that_cover_it_once():
    text = corpus([10] * 40, [10] * 40)
    rng = np.random.default_rng(3)
    pairs = list(document_pairs(text, 0, rng, 64))
    assert len(pairs) > 3
    starts = [int(pair.a[0]) for pair in pairs]
    assert starts == sorted(starts) and starts[-1] < 400


def test_the_length_of_a_pair_counts_cls_and_two_separators():
    assert len(Pair(np.arange(4), np.arange(5), IS_NEXT)) == 12
