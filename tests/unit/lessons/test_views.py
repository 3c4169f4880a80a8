"""All heads at once: bytes that fit, shares that add up, averages and rollout by the book."""

import json

import numpy as np
import pytest

from core.engine import local_engine
from core.errors import EmptyText, OutOfRange
from lessons.attention.lesson import Request as OneHead
from lessons.attention.lesson import run as one_head
from lessons.theme import DARK, LIGHT
from lessons.views import figures, flow, pair
from lessons.views.lesson import Request, run, to_json, traced, weights_of
from lessons.views.opened import Opening, opened
from lessons.views.rollout import averaged, rollout, running_mean, spread
from lessons.views.shares import crossing, kinds_of, to_kinds
from lessons.views.thumbnails import BUDGET, pool_of, thumbnails
from lessons.views.tour import measures

TEXT = "The animal didn't cross the street because it was too tired."
A, B = "the man went to the store", "he bought a gallon of milk"


@pytest.fixture(scope="module")
def engine():
    return local_engine()


@pytest.fixture(scope="module")
def result(engine):
    return run(engine, Request(TEXT))


def test_every_weight_of_every_head_follows_from_its_queries_and_keys(result):
    assert len(result.proof.checks) == 6 and result.proof.holds


def test_a_byte_is_the_weight_to_half_a_step(engine, result):
    for layer in (0, 5):
        exact = one_head(engine, OneHead(TEXT, layer=layer, head=3)).weights
        np.testing.assert_allclose(result.grid[layer, 3] / 255, exact, atol=0.5 / 255 + 1e-6)


@pytest.mark.parametrize("heads, n, pool", [
    (72, 54, 1), (144, 64, 1), (144, 65, 2), (72, 91, 2), (72, 512, 6), (384, 39, 1), (384, 40, 2),
])
def test_long_texts_share_cells_so_that_no_picture_outgrows_the_budget(heads, n, pool):
    assert pool_of(heads, n) == pool
    side = -(-n // pool)
    assert heads * side * side <= BUDGET


def test_a_shared_cell_is_the_largest_weight_in_it():
    weights = np.zeros((1, 3, 3), np.float32)
    weights[0, 0, 1], weights[0, 1, 0], weights[0, 2, 2] = 0.2, 0.6, 1.0
    assert thumbnails([weights], 2).tolist() == [[[[153, 0], [0, 255]]]]  # 0.6 * 255 = 153


def test_kinds_are_told_by_the_piece():
    tokens = ("[CLS]", "it", "##s", ".", "…", "##,", "[MASK]", "世", "。", "[SEP]")
    assert kinds_of(tokens) == "cwwpppwwps"


def test_shares_on_kinds_add_up_and_are_column_means():
    weights = np.array([[[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.0, 0.0, 1.0]]])
    assert to_kinds(weights, "cws")[0] == pytest.approx([0.2, 1.3 / 3, 0.0, 1.1 / 3])  # c, s, p, w


def test_shares_on_kinds_of_the_model_add_up_to_one(result):
    np.testing.assert_allclose(result.to_kind.sum(-1), 1, atol=1e-5)


def test_crossing_is_what_one_sentence_spends_on_the_other():
    weights = np.array([[[0.6, 0.4, 0.0], [0.2, 0.2, 0.6], [0.5, 0.0, 0.5]]])
    # A is pieces 0 and 1: on itself (1.0 + 0.4) / 2; B is piece 2
    np.testing.assert_allclose(crossing(weights, (0, 0, 1))[0], [[0.7, 0.3], [0.5, 0.5]])


def test_a_pair_is_measured_and_a_single_text_is_not(engine, result):
    assert result.between is None
    two = run(engine, Request(A, B)).between
    assert two.shape == (6, 12, 2, 2)
    np.testing.assert_allclose(two.sum(-1), 1, atol=1e-5)


def test_a_head_that_looks_back_is_found_to_look_back():
    back = np.eye(5, k=-1)
    back[0, 0] = 1
    even = np.full((5, 5), 0.2)
    found = measures(np.stack([back, even]), "cwwws", (0,) * 5)
    assert found["previous"].argmax() == 0 and found["previous"][0] == 1
    assert found["broad"] == pytest.approx([0, np.log2(5)])
    assert found["sep"] == pytest.approx([0, 0.2])
    assert "cross" not in found


def test_finds_are_the_largest_of_all_heads(engine, result):
    layers = weights_of(traced(engine, Request(TEXT)))
    find = next(f for f in result.finds if f.name == "previous")
    values = [measures(w, result.kinds, result.encoded.segments)["previous"] for w in layers]
    assert find.value == pytest.approx(float(np.max(values)))
    assert values[find.layer][find.head] == np.max(values)


def test_an_opened_head_is_exact_and_the_one_behind_the_last_is_the_average(engine):
    exact = opened(engine, Opening(TEXT, "", "embedded", 2, 7))
    np.testing.assert_array_equal(exact, one_head(engine, OneHead(TEXT, layer=2, head=7)).weights)
    average = opened(engine, Opening(TEXT, "", "embedded", 2, 12))
    heads = [opened(engine, Opening(TEXT, "", "embedded", 2, h)) for h in range(12)]
    np.testing.assert_allclose(average, np.mean(heads, axis=0), atol=1e-6)


@pytest.mark.parametrize("layer, head", [(6, 0), (-1, 0), (0, 13), (0, -1)])
def test_a_head_that_is_not_there_is_refused(engine, layer, head):
    with pytest.raises(OutOfRange):
        opened(engine, Opening(TEXT, "", "embedded", layer, head))


def test_rollout_of_two_layers_by_hand():
    first, second = np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [1.0, 0.0]])
    # 0.5 A + 0.5 I: [[.5, .5], [0, 1]] and [[1, 0], [.5, .5]]; their product from the left
    rolled = rollout(np.stack([first, second]))
    np.testing.assert_allclose(rolled[0], [[0.5, 0.5], [0, 1]])
    np.testing.assert_allclose(rolled[1], [[0.5, 0.5], [0.25, 0.75]])


def test_rollout_normalises_rows_that_do_not_add_up():
    rolled = rollout(np.array([[[0.0, 0.5], [0.25, 0.25]]]))
    np.testing.assert_allclose(rolled[0], [[2 / 3, 1 / 3], [0.125 / 0.75, 0.625 / 0.75]])


def test_every_summary_has_rows_that_add_up_to_one(engine):
    found = flow.run(engine, Request(TEXT))
    np.testing.assert_allclose(found.maps.sum(-1), 1, atol=1e-5)
    assert found.proof.holds and found.grid.shape == (6, 3, 16, 16)


def test_the_running_mean_ends_at_the_mean_of_all(engine):
    average = averaged(weights_of(traced(engine, Request(TEXT))))
    np.testing.assert_allclose(running_mean(average)[-1], average.mean(0))
    np.testing.assert_allclose(running_mean(average)[0], average[0])


def test_the_average_is_never_more_decided_than_its_heads(engine):
    found = flow.run(engine, Request(TEXT))
    assert np.all(found.average_bits >= found.head_bits)


def test_spread_is_zero_for_equal_rows_and_half_for_two_opposites():
    assert spread(np.full((3, 3), 1 / 3)) == 0
    assert spread(np.eye(2)) == pytest.approx(0.5)


def test_the_same_sentence_twice_moves_nothing(engine):
    found = pair.run(engine, pair.Request(TEXT, TEXT))
    assert not found.moved.any() and found.partner == tuple(range(16))


def test_an_exchanged_word_has_a_partner_and_a_lost_one_has_none(engine):
    found = pair.run(engine, pair.Request("the cat sat down", "the dog sat"))
    tokens = [side.encoded.tokens for side in found.sides]
    assert found.partner[tokens[0].index("cat")] == tokens[1].index("dog")
    assert found.partner[tokens[0].index("down")] == -1
    assert 0 < found.moved[found.most] <= 1


def test_a_text_of_512_pieces_fits_too(engine):
    long = run(engine, Request("word " * 600))
    assert long.pool == 6 and long.grid.shape == (6, 12, 86, 86)
    assert long.encoded.dropped


def test_no_text_is_refused(engine):
    with pytest.raises(EmptyText):
        run(engine, Request("  "))


def test_the_json_is_plain(engine, result):
    whole = to_json(run(engine, Request(A, B)))
    assert json.loads(json.dumps(whole))["kinds"][0] == "c"
    assert to_json(result)["between"] is None


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_figures_are_valid_and_hold_the_numbers(engine, result, theme):
    import plotly.graph_objects as go

    bars = figures.landing(result.to_kind, ["[CLS]", "[SEP]", "p", "w"], "layer", theme)
    go.Figure(bars.to_dict())
    stacked = np.sum([bar.y for bar in bars.data], axis=0)
    np.testing.assert_allclose(stacked, 1, atol=1e-5)
    found = flow.run(engine, Request(TEXT))
    hidden = figures.hidden_by_average(
        found.head_bits, found.average_bits, ("a", "b", "layer"), theme
    )
    go.Figure(hidden.to_dict())
    np.testing.assert_array_equal(hidden.data[1].y, found.average_bits)
