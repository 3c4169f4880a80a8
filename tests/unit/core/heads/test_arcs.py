"""Heads held against arcs: guesses, the fixed offset, and the interval, on a toy tree."""

import numpy as np
import pytest

from core.heads.arcs import OFFSETS, Tally, arcs_of, guesses, wilson

# she reads long books: she -> reads (0), reads root, long -> books (1), books -> reads (2)
GOVERNORS = [1, None, 3, 1]
RELATIONS = [0, None, 1, 2]
ONE_PIECE_EACH = [(1,), (2,), (3,), (4,)]


def attention(*targets):
    """One head, one layer; word i gives 0.9 to targets[i] and the rest to itself."""
    m = len(targets)
    weights = 0.1 * np.eye(m)
    weights[np.arange(m), targets] += 0.9
    return weights[None, None]


def test_the_dependent_points_at_the_word_it_looks_at_most():
    assert guesses(attention(1, 0, 3, 1), "dependent")[0, 0].tolist() == [1, 0, 3, 1]


def test_for_the_other_direction_the_word_that_looks_at_it_most_is_taken():
    weights = np.array([[0.0, 0.2, 0.8], [0.5, 0.0, 0.5], [0.4, 0.6, 0.0]])
    # column 0: 0.5 from 1; column 1: 0.6 from 2; column 2: 0.8 from 0
    assert guesses(weights, "governor").tolist() == [1, 2, 0]


def test_no_word_governs_itself_however_much_it_looks_at_itself():
    weights = np.array([[0.9, 0.1], [0.0, 1.0]])
    assert guesses(weights, "dependent").tolist() == [1, 0]
    assert guesses(weights, "governor").tolist() == [1, 0]


def test_right_guesses_are_counted_by_relation_direction_and_head():
    tally = Tally(3, 1, 2)
    arcs = arcs_of(GOVERNORS, RELATIONS, ONE_PIECE_EACH)
    # head 0 follows the tree from the dependents, head 1 always looks one word on
    both = np.concatenate([attention(1, 0, 3, 1), attention(1, 2, 3, 0)], axis=1)
    tally.add(both, arcs)
    assert tally.arcs.tolist() == [1, 1, 1]
    assert tally.heads[:, 0, 0].tolist() == [[1, 1], [1, 1], [1, 0]]
    # the other direction, head 0: who looks at she? reads: right; at long? nobody: wrong
    assert tally.heads[:, 1, 0, 0].tolist()[0] == 1


def test_the_offset_baseline_counts_distances_on_the_toy_tree():
    tally = Tally(3, 1, 1)
    tally.add(attention(1, 0, 3, 1), arcs_of(GOVERNORS, RELATIONS, ONE_PIECE_EACH))
    at = {offset: index for index, offset in enumerate(OFFSETS)}
    # she -> reads is +1, long -> books is +1, books -> reads is -2
    assert tally.offsets[0, at[1]] == tally.offsets[1, at[1]] == tally.offsets[2, at[-2]] == 1
    assert tally.offsets.sum() == 3


def test_an_arc_to_a_word_without_pieces_is_left_out_and_the_rest_counted_anew():
    arcs = arcs_of(GOVERNORS, RELATIONS, [(1,), (2,), (), (3,)])
    assert arcs.dependent.tolist() == [0, 2] and arcs.governor.tolist() == [1, 1]
    assert arcs.relation.tolist() == [0, 2]


def test_a_sentence_without_arcs_adds_nothing():
    arcs = arcs_of([None], [None], [(1,)])
    assert len(arcs.relation) == 0


def test_the_interval_is_wilsons():
    # Newcombe 1998, table I: 81 of 263 is 0.2553 to 0.3662; 0 of 20 is 0 to 0.1611
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(20, 20)[1] == 1
    assert wilson(0, 0) == (0.0, 1.0)
