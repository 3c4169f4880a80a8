"""The 80/10/10 recipe: what is chosen, what the model reads, what it must say."""

import numpy as np
import pytest

from core.training.masking import (
    ACTION_NAMES,
    IGNORED,
    KEEP_OUT,
    KEPT,
    MASKED,
    RANDOM,
    mask_tokens,
)

MASK_ID, VOCABULARY, FIRST_WORD = 103, 30522, 999


def roll(ids, maskable=None, seed=0):
    ids = np.array(ids)
    if maskable is None:
        maskable = np.ones(ids.shape, dtype=bool)
    rng = np.random.default_rng(seed)
    return mask_tokens(ids, maskable, rng, mask_id=MASK_ID, vocab_size=VOCABULARY)


def many(rows=2000, n=100, seed=1):
    ids = np.random.default_rng(0).integers(FIRST_WORD, VOCABULARY, (rows, n))
    return ids, roll(ids, seed=seed)


def test_the_same_seed_gives_the_same_draw():
    a, b, c = roll([[2000] * 50], seed=3), roll([[2000] * 50], seed=3), roll([[2000] * 50], seed=4)
    assert (a.input_ids == b.input_ids).all() and (a.action == b.action).all()
    assert (a.action != c.action).any()


@pytest.mark.parametrize("n, chosen", [(1, 1), (3, 1), (10, 2), (20, 3), (100, 15), (510, 76)])
def test_fifteen_per_cent_are_chosen_and_at_least_one(n, chosen):
    """round(0.15 n): 0.15 -> 1 by the floor of one, 1.5 -> 2, 3, 15, 76.5 -> 76 (to even)."""
    assert (roll([[2000] * n]).action[0] != KEEP_OUT).sum() == chosen


def test_nothing_is_chosen_where_nothing_may_be():
    ids = np.full((2, 8), 2000)
    maskable = np.zeros((2, 8), dtype=bool)
    maskable[1, 2:5] = True
    draw = roll(ids, maskable)
    assert (draw.labels[0] == IGNORED).all() and (draw.input_ids[0] == 2000).all()
    assert (draw.action[1] != KEEP_OUT).sum() == 1
    assert (draw.labels[1][~maskable[1]] == IGNORED).all()


def test_labels_are_the_originals_at_chosen_places_and_minus_100_elsewhere():
    ids, draw = many(200)
    chosen = draw.action != KEEP_OUT
    assert (draw.labels[chosen] == ids[chosen]).all()
    assert (draw.labels[~chosen] == -100).all()


def test_what_the_model_reads_follows_the_action():
    ids, draw = many(200)
    assert (draw.input_ids[draw.action == MASKED] == MASK_ID).all()
    kept = (draw.action == KEPT) | (draw.action == KEEP_OUT)
    assert (draw.input_ids[kept] == ids[kept]).all()
    replaced = draw.input_ids[draw.action == RANDOM]
    assert replaced.min() >= FIRST_WORD and replaced.max() < VOCABULARY


def test_over_many_draws_the_shares_are_80_10_10():
    """30,000 chosen pieces: each share within four standard deviations, 4 sqrt(p(1-p)/30000)."""
    _, draw = many()
    actions = draw.action[draw.action != KEEP_OUT]
    assert len(actions) == 2000 * 15
    for kind, share in ((MASKED, 0.8), (RANDOM, 0.1), (KEPT, 0.1)):
        allowed = 4 * np.sqrt(share * (1 - share) / len(actions))
        assert abs((actions == kind).mean() - share) < allowed


def test_every_place_is_chosen_as_often_as_any_other():
    """2,000 rows choose a place with p = 0.15: within five standard deviations of it."""
    _, draw = many()
    often = (draw.action != KEEP_OUT).mean(axis=0)
    assert np.abs(often - 0.15).max() < 5 * np.sqrt(0.15 * 0.85 / 2000)


def test_one_sequence_may_come_without_the_batch_axis():
    assert roll([2000, 2001, 2002], np.array([True, True, True])).input_ids.shape == (1, 3)


def test_each_action_has_a_name():
    named = {k: ACTION_NAMES[k] for k in (KEEP_OUT, MASKED, RANDOM, KEPT)}
    assert named == {0: "not chosen", 1: "mask", 2: "random", 3: "keep"}
