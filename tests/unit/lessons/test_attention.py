"""The self-attention lesson: one head opened, one number followed, two sentences compared."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from core.engine import local_engine
from core.errors import EmptyText, OutOfRange
from lessons.attention import compare, figures
from lessons.attention.classic import classic
from lessons.attention.lesson import (
    Request,
    all_heads,
    attention_by_hand,
    default_request,
    run,
    to_json,
)
from lessons.attention.story import entropy, follow, row_softmax, sharpness
from lessons.text import presets
from lessons.theme import LIGHT

TEXT = "The animal didn't cross the street because it was too tired."


@pytest.fixture(scope="module")
def engine():
    return local_engine()


@pytest.fixture(scope="module")
def result(engine):
    return run(engine, Request(TEXT, layer=3, head=7))


def test_every_step_equals_the_models_own(engine):
    for layer in range(6):
        proof = run(engine, Request(TEXT, layer=layer, head=11 - layer)).proof
        assert [c.name for c in proof.checks] == [
            "q", "k", "v", "scores", "scaled", "weights", "z"
        ]
        assert proof.holds
        assert proof.difference < 1e-4


def test_by_hand_is_equation_one_on_numbers_that_can_be_checked_on_paper():
    from lessons.attention.lesson import Projection

    same = Projection(np.eye(2), np.zeros(2))
    x = np.array([[1.0, 0.0], [0.0, 2.0]])
    q, _, _, scores, scaled, weights, z = attention_by_hand(
        x, same, same, same, np.ones((2, 2), bool)
    )
    np.testing.assert_array_equal(q, x)
    np.testing.assert_array_equal(scores, [[1, 0], [0, 4]])
    np.testing.assert_allclose(scaled, np.array([[1, 0], [0, 4]]) / np.sqrt(2))
    grown = np.exp(1 / np.sqrt(2))
    np.testing.assert_allclose(weights[0], [grown / (grown + 1), 1 / (grown + 1)])
    np.testing.assert_allclose(z, weights @ x)


def test_a_causal_head_never_looks_ahead(engine):
    causal = run(engine, Request(TEXT, mask="causal"))
    assert np.all(np.triu(causal.weights, 1) == 0)
    np.testing.assert_allclose(causal.weights.sum(1), 1, atol=1e-5)
    assert causal.proof.holds


@pytest.mark.parametrize("i, j, c", [(0, 0, 0), (10, 2, 5), (15, 15, 31)])
def test_the_story_ends_at_the_numbers_of_the_matrix(result, i, j, c):
    story = follow(result, i, j, c)
    assert story.score == pytest.approx(float(result.scores[i, j]), abs=1e-4)
    assert story.scaled == pytest.approx(float(result.scaled[i, j]), abs=1e-4)
    assert story.weight == pytest.approx(float(result.weights[i, j]), abs=1e-5)
    assert story.z == pytest.approx(float(result.z[i, c]), abs=1e-4)
    assert story.q == pytest.approx(float(result.q[i, c]), abs=1e-4)
    assert story.products.sum() == pytest.approx(story.score)
    assert story.exponentials.sum() == pytest.approx(story.total)


def test_without_the_division_the_softmax_is_sharper(result):
    facts = sharpness(result)
    assert facts.raw_variance == pytest.approx(facts.scaled_variance * result.d_k, rel=1e-3)
    assert facts.raw_entropy < facts.scaled_entropy
    assert facts.raw_peak > facts.scaled_peak
    before, after = row_softmax(result, 10)
    assert before.sum() == pytest.approx(1) and after.sum() == pytest.approx(1)
    np.testing.assert_allclose(after, result.weights[10], atol=1e-5)


def test_entropy_counts_bits():
    assert entropy(np.array([0.25] * 4)) == pytest.approx(2)
    assert entropy(np.array([1.0, 0.0])) == 0


def test_the_textbook_example_comes_out_as_printed():
    example = classic()
    assert example.root == 8 and example.scaled == (14, 12)
    assert [round(w, 2) for w in example.weights] == [0.88, 0.12]
    assert example.exponentials == pytest.approx((1.0, np.exp(-2)))


def test_the_overview_is_every_head_in_one_byte_a_weight(engine, result):
    heads = all_heads(engine, Request(TEXT))
    assert heads.shape == (6, 12, 16, 16) and heads.dtype == np.uint8
    np.testing.assert_allclose(heads[3, 7] / 255, result.weights, atol=0.5 / 255 + 1e-6)


def test_two_sentences_that_are_one_differ_nowhere(engine):
    found = compare.run(engine, compare.Request(TEXT, TEXT, "it"))
    np.testing.assert_array_equal(found.moved, np.zeros((6, 12)))
    assert found.noticeable == 0 and len(found.shared) == 16


def test_the_exchanged_word_is_not_shared_and_all_else_is(engine):
    found = compare.run(engine, compare.Request())
    assert found.tokens[found.place] == found.other_tokens[found.other_place] == "it"
    left_out = set(range(len(found.tokens))) - {i for i, _ in found.shared}
    assert [found.tokens[i] for i in left_out] == ["tired"]
    assert found.ranked()[0] == np.unravel_index(found.moved.argmax(), found.moved.shape)
    assert found.noticeable == (found.moved > compare.NOTICEABLE).sum()


def test_moved_attention_is_the_total_variation_distance():
    one, two = np.array([0.5, 0.3, 0.2]), np.array([0.1, 0.3, 0.4, 0.2])
    pairs = compare.partners(("a", "b", "c"), ("a", "b", "c", "d"))
    assert pairs == ((0, 0), (1, 1), (2, 2))
    # half of |0.5 - 0.1| + 0 + |0.2 - 0.4| + the lone 0.2
    assert compare.total_variation(one, two, pairs) == pytest.approx(0.4)


def test_a_shift_counts_heads_that_lose_one_piece_and_gain_the_other(engine):
    found = compare.run(engine, compare.Request())
    names = [found.tokens[i] for i, _ in found.shared]
    animal, street = names.index("animal"), names.index("street")
    shift = compare.shift(found, animal, street)
    away, to = found.change(animal), found.change(street)
    assert shift.along == ((away < 0) & (to > 0)).sum()
    assert shift.less[0] == (away < -0.05).sum() and shift.more[1] == (to > 0.05).sum()


@pytest.mark.parametrize("word", ["zebra", "animal street"])
def test_a_word_that_is_not_in_both_is_said_so(engine, word):
    with pytest.raises(compare.WordNotShared):
        compare.places(engine, compare.Request(word=word))


def test_the_json_names_everything_of_the_head(engine):
    shown = json.loads(json.dumps(to_json(run(engine, Request("a b", layer=5, head=11)))))
    assert (shown["d_k"], shown["layer"], shown["head"]) == (32, 5, 11)
    assert np.shape(shown["q"]) == (4, 32) and np.shape(shown["weights"]) == (4, 4)


def test_presets_open_the_head_and_mask_that_they_name(engine):
    for preset in presets("attention"):
        assert run(engine, default_request(preset, "embedded")).proof.holds


@pytest.mark.parametrize("layer, head", [(6, 0), (0, 12), (-1, 0)])
def test_a_head_the_model_has_not_is_refused(engine, layer, head):
    with pytest.raises(OutOfRange):
        run(engine, Request("a", layer=layer, head=head))


def test_an_empty_text_is_refused(engine):
    with pytest.raises(EmptyText):
        run(engine, Request("  "))


def test_figures_end_at_the_numbers_they_explain(result):
    story = follow(result, 10, 2, 5)
    assert figures.products(story, "d", LIGHT).data[1].y[-1] == pytest.approx(story.score)
    assert sum(figures.terms(story, list(result.encoded.tokens), LIGHT).data[0].y) == (
        pytest.approx(story.z)
    )
    waterfall = figures.largest_inputs(story, LIGHT).data[0]
    assert sum(waterfall.y[:-1]) == pytest.approx(waterfall.y[-1])


def test_plotly_knows_every_property_of_the_figures_that_are_drawn_unchecked(result):
    story, names = follow(result, 10, 2, 5), list(result.encoded.tokens)
    for figure in (
        figures.products(story, "d", LIGHT),
        figures.two_softmaxes(result.weights[0], result.weights[1], names, ("a", "b"), LIGHT),
        figures.terms(story, names, LIGHT),
        figures.largest_inputs(story, LIGHT),
    ):
        assert go.Figure(figure.to_plotly_json()) == figure
