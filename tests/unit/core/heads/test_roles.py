"""Roles of heads by measured rules, on attention matrices made by hand."""

import numpy as np
import pytest

from core.heads.roles import BROAD, NONE, ROLES, assign, entropy, is_mark, thresholds, totals

TOKENS = ("[CLS]", "the", "cat", ",", "the", "dog", "[SEP]")
N = len(TOKENS)
WORDS = [1, 2, 3, 4, 5]


def looking_at(*targets):
    """One head that gives all the attention of piece i to targets[i], as float[1, 1, n, n]."""
    weights = np.zeros((N, N), np.float32)
    weights[np.arange(N), targets] = 1
    return weights[None, None]


def measured(weights, tokens=TOKENS):
    return dict(zip(ROLES, totals(weights, tokens).measures()[:, 0, 0], strict=True))


def role_of(weights, tokens=TOKENS):
    number = assign(totals(weights, tokens).measures())[0, 0]
    return None if number == NONE else ROLES[number]


@pytest.mark.parametrize("role, targets", [
    ("previous", (0, 0, 1, 2, 3, 4, 5)),
    ("next", (1, 2, 3, 4, 5, 6, 6)),
    ("self", (0, 1, 2, 3, 4, 5, 6)),
    ("sep", (6, 6, 6, 6, 6, 6, 6)),
    ("cls", (0, 0, 0, 0, 0, 0, 0)),
])
def test_a_head_that_always_looks_at_one_place_has_its_role_with_measure_one(role, targets):
    assert measured(looking_at(*targets))[role] == 1
    assert role_of(looking_at(*targets)) == role


def test_special_pieces_are_looked_at_but_do_not_look():
    # every word looks at itself, [CLS] and [SEP] look elsewhere: still 1 for the words
    weights = looking_at(3, 1, 2, 3, 4, 5, 3)
    assert measured(weights)["self"] == 1


def test_equal_weights_are_broad_and_nothing_else():
    even = np.full((1, 1, N, N), 1 / N, np.float32)
    found = measured(even)
    assert found["broad"] == pytest.approx(1, abs=1e-6)
    assert found["previous"] == pytest.approx(1 / 7)  # one of seven pieces
    assert role_of(even) == "broad"


def test_punctuation_counts_for_words_that_are_none_themselves():
    # the four words look at the comma, the comma looks at [CLS]
    weights = looking_at(0, 3, 3, 0, 3, 3, 0)
    assert measured(weights)["punctuation"] == 1
    assert totals(weights, TOKENS).rows[ROLES.index("punctuation")] == 4


def test_the_same_word_counts_only_where_it_stands_twice():
    # "the" (1) looks at "the" (4) and back; the others at [CLS]: mean over the two is 1
    weights = looking_at(0, 4, 0, 0, 1, 0, 0)
    assert measured(weights)["same_word"] == 1
    assert totals(weights, TOKENS).rows[ROLES.index("same_word")] == 2
    # were only one of the two to look back, half
    assert measured(looking_at(0, 4, 0, 0, 0, 0, 0))["same_word"] == 0.5


def test_what_a_text_has_not_is_not_measured():
    tokens = ("[CLS]", "a", "cat", "ran", "to", "bed", "[SEP]")
    found = measured(looking_at(*range(N)), tokens)
    assert np.isnan(found["punctuation"]) and np.isnan(found["same_word"])
    assert found["self"] == 1


def test_a_repeated_mark_is_no_same_word():
    tokens = ("[CLS]", ",", "cat", ",", "ran", ",", "[SEP]")
    assert np.isnan(measured(looking_at(*range(N)), tokens)["same_word"])


def test_both_separators_of_a_pair_count():
    tokens = ("[CLS]", "a", "b", "[SEP]", "c", "d", "[SEP]")
    # a, b look at the first [SEP], c, d at the second
    assert measured(looking_at(0, 3, 3, 0, 6, 6, 0), tokens)["sep"] == 1


def test_sums_over_texts_add_up_to_the_mean_over_all_pieces():
    half = 0.5 * looking_at(*range(N)) + 0.5 * looking_at(0, 0, 0, 0, 0, 0, 0)
    other = totals(looking_at(*range(N))[..., :3, :3], ("[CLS]", "a", "[SEP]"))
    both = totals(half, TOKENS) + other
    at = ROLES.index("self")
    # five pieces with 0.5 and one with 1: 3.5 of 6
    assert both.rows[at] == 6 and both.measures()[at, 0, 0] == pytest.approx(3.5 / 6)


def test_the_bars_are_half_for_what_is_rare_and_fixed_for_broad():
    bars = dict(zip(ROLES, thresholds(0.6), strict=True))
    assert bars["previous"] == bars["cls"] == 0.6
    assert bars["punctuation"] == bars["same_word"] == 0.3
    assert bars["broad"] == BROAD


def test_of_several_roles_the_one_that_exceeds_its_bar_most():
    measures = np.zeros((len(ROLES), 1, 3))
    cls, same, before = (ROLES.index(r) for r in ("cls", "same_word", "previous"))
    measures[cls, 0, 0], measures[same, 0, 0] = 0.55, 0.45  # 1.1 and 1.8 times the bar
    measures[before, 0, 1] = 0.49  # below the bar
    measures[before, 0, 2] = 0.5  # at the bar
    assert assign(measures).tolist() == [[same, NONE, before]]
    assert assign(measures, share=0.4)[0, 1] == before


def test_a_text_of_special_pieces_alone_has_no_roles():
    weights = np.full((1, 2, 2, 2), 0.5, np.float32)
    found = totals(weights, ("[CLS]", "[SEP]"))
    assert found.rows.sum() == 0 and np.isnan(found.measures()).all()
    assert (assign(found.measures()) == NONE).all()


def test_entropy_of_equal_weights_is_the_logarithm_of_their_number():
    assert entropy(np.full(8, 1 / 8)) == pytest.approx(np.log(8))
    assert entropy(np.array([1.0, 0.0])) == 0


@pytest.mark.parametrize("token, mark", [
    (",", True), ("...", True), ("。", True), ("[MASK]", False), ("##s", False), ("a", False),
])
def test_marks_are_pieces_of_nothing_but_punctuation(token, mark):
    assert is_mark(token) == mark
