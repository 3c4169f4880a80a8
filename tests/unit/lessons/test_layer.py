"""A layer, entire: each station, its arithmetic, the residual stream, GPT's mask, the paper."""

import json

import numpy as np
import pytest

from core.engine import local_engine
from core.engine.stub import StubEngine
from core.errors import EmptyText, OutOfRange
from core.trace.recompute import gelu
from lessons.layer import activation, arithmetic, encoder, figures, lesson, masks, moves, paper
from lessons.layer.by_hand import Weights, layer_by_hand
from lessons.layer.lesson import STATIONS, Request, default_request, run, stations, to_json
from lessons.text import LANGUAGES, presets, sections
from lessons.theme import DARK, LIGHT

TEXT = "She sat on the bank of the river."
N = 11  # with [CLS] and [SEP]
AT = {"attention": "attention_output", "norm_attention": "after_attention", "up": "ffn_inner",
      "down": "ffn_output", "norm_ffn": "after_ffn"}


@pytest.fixture(scope="module")
def engine():
    return local_engine()


@pytest.fixture(scope="module")
def result(engine):
    return run(engine, Request(TEXT, layer=2))


# The block


def test_every_array_of_every_layer_is_what_the_textbook_computes(engine):
    for layer in range(6):
        proof = run(engine, Request(TEXT, layer=layer)).proof
        assert [c.name for c in proof.checks] == [
            "weights", "attention_output", "attention_residual", "after_attention", "ffn_inner",
            "ffn_activation", "ffn_output", "ffn_residual", "after_ffn",
        ]
        assert proof.holds


def test_a_layer_by_hand_on_numbers_that_can_be_checked_on_paper():
    # Values pass through (W = 1), every q is 0, so each piece takes the mean of both: a = (2, 0).
    # x + a = (3, 1) and (5, -1): mean 2, so LayerNorm gives (1, -1) twice. The FFN's only neuron
    # reads y[0] + y[1] = 0, GELU(0) = 0, so f = b_2 = (0.5, 0.5): a shift that LayerNorm removes.
    one, none, still = np.eye(2), np.zeros((2, 2)), (np.ones(2), np.zeros(2))
    w = Weights(
        query=(none, np.zeros(2)), key=(one, np.zeros(2)), value=(one, np.zeros(2)),
        output=(one, np.zeros(2)), norm_attention=still, up=(np.ones((1, 2)), np.zeros(1)),
        down=(np.ones((2, 1)), np.full(2, 0.5)), norm_ffn=still,
    )
    x = np.array([[1.0, 1.0], [3.0, -1.0]])
    found = layer_by_hand(x, w, 1, np.ones((2, 2), bool))
    np.testing.assert_allclose(found["attention_output"], [[2, 0], [2, 0]])
    np.testing.assert_allclose(found["after_attention"], [[1, -1], [1, -1]])
    np.testing.assert_allclose(found["ffn_activation"], [[0], [0]], atol=1e-12)
    np.testing.assert_allclose(found["ffn_residual"], [[1.5, -0.5], [1.5, -0.5]])
    np.testing.assert_allclose(found["after_ffn"], [[1, -1], [1, -1]])


def test_one_layers_output_is_the_next_layers_input(engine, result):
    np.testing.assert_array_equal(run(engine, Request(TEXT, layer=3)).x, result.after_ffn)


def test_stations_carry_the_size_of_their_own_vector(result):
    found = stations(result, 5)
    assert tuple(s.name for s in found) == STATIONS
    assert [len(s.vector) for s in found] == [384] * 4 + [1536] * 2 + [384] * 3
    for one in found:
        assert one.norm == pytest.approx(np.sqrt((one.vector.astype(float) ** 2).sum()))
        # |x|^2 = H (variance + mean^2)
        assert one.norm**2 == pytest.approx(len(one.vector) * (one.variance + one.mean**2))


def test_a_pair_has_segments_and_an_empty_second_text_is_none(engine):
    assert len(run(engine, Request("a cat", "a dog")).encoded) == 7
    assert len(run(engine, Request("a cat", " ")).encoded) == 4


@pytest.mark.parametrize("asked, error", [
    (Request(""), EmptyText), (Request(TEXT, layer=6), OutOfRange),
    (Request(TEXT, layer=-1), OutOfRange),
])
def test_what_cannot_be_answered_is_an_error_with_a_name(engine, asked, error):
    with pytest.raises(error):
        run(engine, asked)
    if error is OutOfRange:
        with pytest.raises(error):
            masks.run(engine, asked)


def test_the_range_of_a_layer_comes_from_the_model():
    stub = StubEngine()
    found = run(stub, Request("a cat", layer=1))
    assert found.x.shape[1] == 16 and found.ffn_inner.shape[1] == 64 and found.proof.holds
    with pytest.raises(OutOfRange):
        run(stub, Request("a cat", layer=2))


def test_the_json_holds_plain_lists(result):
    found = json.loads(json.dumps(to_json(result), allow_nan=False))
    assert found["layer"] == 2 and np.shape(found["weights"])[0] == 12
    np.testing.assert_allclose(found["after_ffn"], result.after_ffn)


def test_every_preset_points_at_a_layer_a_piece_and_a_station(engine):
    for preset in presets("layer"):
        found = run(engine, default_request(preset, "embedded"))
        assert int(preset.controls["token"]) < len(found.encoded)
        assert preset.controls.get("station", "attention") in STATIONS


# The arithmetic


@pytest.mark.parametrize("layer, token, c", [(0, 0, 99), (2, 5, 7), (5, 9, 383)])
def test_each_sum_ends_at_the_models_own_number(engine, layer, token, c):
    found = run(engine, Request(TEXT, layer=layer))
    story = arithmetic.run(engine, arithmetic.Request(TEXT, "", "embedded", layer, token, c))
    ours = {
        "attention": story.heads.total, "norm_attention": story.norm_attention.out,
        "down": story.down.total, "norm_ffn": story.norm_ffn.out,
    }
    for station, value in ours.items():
        assert value == pytest.approx(float(found.at(station)[token, c]), rel=1e-4, abs=1e-4)
    assert story.add_attention.total == pytest.approx(
        float(found.attention_residual[token, c]), rel=1e-4, abs=1e-4
    )
    assert story.add_ffn.total == pytest.approx(
        float(found.ffn_residual[token, c]), rel=1e-4, abs=1e-4
    )
    j = story.neuron.index
    assert story.neuron.u == pytest.approx(float(found.ffn_inner[token, j]), abs=1e-4)
    assert story.neuron.g == pytest.approx(float(found.ffn_activation[token, j]), abs=1e-4)


def test_the_shares_of_all_heads_are_the_whole_of_what_attention_writes(engine, result):
    sums = [
        arithmetic.run(engine, arithmetic.Request(TEXT, layer=2, token=5, coordinate=c)).heads
        for c in range(4)
    ]
    np.testing.assert_allclose([s.total for s in sums], result.attention_output[5, :4], atol=1e-5)
    heads = sums[0]
    assert (heads.looks_at == result.weights[:, 5].argmax(1)).all()
    np.testing.assert_allclose(heads.weights, result.weights[:, 5].max(1))


def test_the_neurons_that_fire_most_come_first_and_one_can_be_asked_for(engine, result):
    story = arithmetic.run(engine, arithmetic.Request(TEXT, layer=2, token=5))
    assert story.neuron.index == story.neuron.top[0] == result.ffn_activation[5].argmax()
    assert (np.diff(story.neuron.fired) <= 0).all() and len(story.neuron.top) == arithmetic.FIRED
    asked = arithmetic.run(engine, arithmetic.Request(TEXT, layer=2, token=5, neuron=700)).neuron
    assert asked.index == 700
    np.testing.assert_array_equal(asked.along, result.ffn_activation[:, 700])


@pytest.mark.parametrize("wrong", [
    {"token": 99}, {"coordinate": 384}, {"coordinate": -1}, {"neuron": 1536}, {"neuron": -2},
])
def test_a_place_that_is_not_there_is_an_error_with_a_name(engine, wrong):
    with pytest.raises(OutOfRange):
        arithmetic.run(engine, arithmetic.Request(TEXT, **wrong))


def test_half_of_a_sum_counts_the_fewest_terms_that_reach_it():
    # sizes 4, 2, 1, 1 of 8 in all: the first alone is half
    assert arithmetic.Down(np.array([1.0, -4.0, 2.0, 1.0]), 0.0).half == 1
    assert arithmetic.Down(np.ones(4), 0.0).half == 2


def test_adding_across_and_along():
    across = arithmetic.Added(np.array([3.0, 0.0]), np.array([0.0, 4.0]), 1)
    assert (across.ratio, across.cosine, across.total) == (pytest.approx(4 / 3), 0.0, 4.0)


# GELU


def test_the_curves_are_those_of_torch():
    torch = pytest.importorskip("torch")
    u = np.linspace(-6, 6, 1001)
    exact, tanh = (
        torch.nn.functional.gelu(torch.from_numpy(u), approximate=kind).numpy()
        for kind in ("none", "tanh")
    )
    np.testing.assert_allclose(gelu(u), exact, atol=1e-12)
    np.testing.assert_allclose(activation.gelu_tanh(u), tanh, atol=1e-12)
    found = activation.compared(u)
    assert found.from_tanh == pytest.approx(np.abs(exact - tanh).max())
    # ReLU is farthest off where d/du u Phi(-u) = 0, near 0.7518: 0.7518 x 0.2261 = 0.16997
    assert found.from_relu == pytest.approx(0.16997, abs=1e-4)
    assert found.positive == 500


# The residual stream


def test_lengths_and_cosines_are_those_of_the_vectors(engine, result):
    found = moves.run(engine, Request(TEXT))
    x, a, y = result.x[5], result.attention_output[5], result.after_attention[5]
    norm = np.linalg.norm
    assert found.ratio.shape == found.cosine.shape == found.peak.shape == (2, 6, N)
    assert found.ratio[0, 2, 5] == pytest.approx(norm(a) / norm(x), rel=1e-5)
    assert found.cosine[0, 2, 5] == pytest.approx(x @ y / norm(x) / norm(y), rel=1e-5)
    f = result.ffn_output[5]
    assert found.ratio[1, 2, 5] == pytest.approx(norm(f) / norm(y), rel=1e-5)
    assert found.peak[1, 2, 5] == pytest.approx((f**2).max() / (f**2).sum(), rel=1e-5)
    assert found.proof.holds and len(found.proof.checks) == 12


def test_who_moves_more_is_read_from_the_ratios():
    ratio = np.array([[[1.0, 5.0], [2.0, 1.0]], [[3.0, 1.0], [1.0, 2.0]]])  # (2, L=2, n=2)
    found = moves.Moves(None, ratio, ratio, ratio, None)
    assert found.more(0, 0) == "ffn" and found.more(1, 0) == "attention"
    assert found.wins(0) == 1 and found.wins(1) == 1
    assert found.farthest() == (0, 0, 1)


# GPT's mask


def test_under_gpts_mask_nothing_comes_from_later_pieces(engine):
    found = masks.run(engine, Request(TEXT, layer=3))
    assert (np.triu(found.weights[1], 1) == 0).all()
    np.testing.assert_allclose(found.weights.sum(-1), 1, atol=1e-5)
    assert found.allowed[0].all() and (found.allowed[1] == np.tri(N, dtype=bool)).all()
    later = np.array([[w[i, i + 1 :].sum() for i in range(N)] for w in found.weights[0]])
    np.testing.assert_allclose(found.ahead, later.mean(1), atol=1e-6)
    assert found.proof.holds and (found.cosine <= 1 + 1e-9).all()


def test_in_the_first_layer_the_last_piece_does_not_notice_the_mask(engine):
    found = masks.run(engine, Request(TEXT, layer=0))
    assert found.cosine[-1] == pytest.approx(1, abs=1e-6) and found.cosine.min() < 0.999


# Headless


def test_the_encoder_is_the_same_forward_pass_layer_by_layer(engine, result):
    found = encoder.run(engine, encoder.Request(TEXT))
    assert len(found.layers) == 6
    np.testing.assert_allclose(found.layers[2].attention, result.weights, atol=1e-6)
    np.testing.assert_allclose(found.layers[2].after_attention, result.after_attention, atol=1e-5)
    np.testing.assert_allclose(found.layers[1].after_ffn, result.x, atol=1e-5)
    assert found.input.shape == (N, 384)


# The paper, the pictures, the words


def test_every_part_of_the_paper_is_explained_and_the_model_is_beside_it(engine):
    texts = {f"part-{part.text}" for part in paper.PARTS.values()}
    for language in LANGUAGES:
        said = {key for key in sections("layer", language) if key.startswith("part-")}
        assert said == texts
    assert {part.fate for part in paper.ENCODER} == {"kept", "changed"}
    own = paper.shapes(engine, "embedded")[-1]
    assert (own.layers, own.hidden, own.heads, own.inner) == (6, 384, 12, 1536)
    assert not own.published and paper.PUBLISHED[0].inner == 4 * paper.PUBLISHED[0].hidden


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_pictures_show_the_numbers_they_are_given_and_plotly_accepts_them(engine, result, theme):
    import plotly.graph_objects as go

    story = arithmetic.run(engine, arithmetic.Request(TEXT, layer=2, token=5))
    moved = moves.run(engine, Request(TEXT))
    found = activation.compared(result.ffn_inner[5])
    drawn = [
        figures.adding_up(story.heads.parts, list("abcdefghijkl"), story.heads.bias, "a", theme),
        figures.largest(story.down.products, story.down.bias, "g", "f", theme),
        figures.curves(found, story.neuron.u, list("abcd"), "u", theme),
        figures.bars([1.0, 2.0], ["a", "<b>"], "y", theme.query, theme),
        *(figures.by_layer(moved, what, 5, list("abcd"), ("l", "y"), theme)
          for what in ("ratio", "cosine")),
    ]
    for figure in drawn:
        go.Figure(figure.to_dict())  # checks every property
    assert drawn[0].data[0].y[-1] == pytest.approx(story.heads.total)
    assert drawn[1].data[0].y[-1] == pytest.approx(story.down.total)
    assert drawn[3].layout.xaxis.ticktext[1] == "&lt;b&gt;"
    np.testing.assert_allclose(drawn[4].data[1].y, moved.ratio[1, :, 5])
    np.testing.assert_allclose(drawn[5].data[2].y, moved.cosine[0].mean(1))


def test_every_result_is_read_only(result):
    for name in AT.values():
        with pytest.raises(ValueError):
            getattr(result, name)[0, 0] = 1
    assert lesson.INNER == ("up", "gelu")
