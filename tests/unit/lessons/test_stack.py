"""The stack: ways on a plane, layers compared, the head read at every layer, reach of the heads."""

import json

import numpy as np
import pytest
import torch

from core.contract import TraceRequest
from core.engine import local_engine
from core.engine.stub import StubEngine, random_bert
from core.errors import EmptyText, MissingHead, OutOfRange
from core.models.sizes import NAMED, memory, parameters, work
from lessons.stack import figures, figures_size, lens, plane, reach, similarity
from lessons.stack.lesson import (
    Request,
    default_request,
    first_choice,
    places_of,
    run,
    same_piece,
    to_json,
)
from lessons.text import presets
from lessons.theme import DARK, LIGHT

HIM = "The doctor told him that [MASK] should rest."
MASK_AT = 6


@pytest.fixture(scope="module")
def engine():
    return local_engine()


@pytest.fixture(scope="module")
def stub():
    return StubEngine()


@pytest.fixture(scope="module")
def result(engine):
    return run(engine, Request(HIM, "She sat on the [MASK] of the river."))


@pytest.fixture(scope="module")
def read(engine):
    return lens.run(engine, lens.Request(HIM, MASK_AT))


def hidden(engine, text):
    trace = engine.trace(TraceRequest(text, keep=frozenset({"embeddings", "after_ffn"})))
    return np.concatenate([trace.embeddings.normalized, *(one.after_ffn for one in trace.layers)])


# one piece through all layers


def test_everything_shown_is_proved(result, read):
    assert result.proof.holds and read.proof.holds
    names = [check.name for check in (*result.proof.checks, *read.proof.checks)]
    assert len(names) == len(set(names))


def test_the_plane_is_that_of_scikit_learn(engine, result):
    from sklearn.decomposition import PCA

    states = np.concatenate(
        [hidden(engine, HIM), hidden(engine, "She sat on the [MASK] of the river.")], axis=1
    ).astype(np.float64)
    flat = states.reshape(-1, states.shape[-1])
    theirs = PCA(2, svd_solver="full").fit(flat)
    shown = result.shadows["raw"]
    assert shown.shares == pytest.approx(theirs.explained_variance_ratio_, abs=1e-6)
    points = theirs.transform(flat).reshape(*states.shape[:2], 2)[:, : len(result.encoded[0])]
    assert np.abs(shown.points[0]) == pytest.approx(np.abs(points), abs=1e-4)  # signs are free


def test_directions_are_vectors_of_length_one():
    states = np.random.default_rng(0).normal(size=(3, 5, 8)).astype(np.float32)
    longer = states * np.arange(1, 4)[:, None, None]
    ours, _ = plane.shadow([longer], "direction")
    again, _ = plane.shadow([states], "direction")
    assert ours.points[0] == pytest.approx(again.points[0], abs=1e-5)


def test_without_the_common_way_each_layer_has_its_middle_at_zero(result):
    middle = np.concatenate(result.shadows["centred"].points, axis=1).mean(axis=1)
    assert middle == pytest.approx(np.zeros_like(middle), abs=1e-5)


def test_more_states_than_dimensions_and_fewer_give_the_same_plane():
    states = np.random.default_rng(1).normal(size=(2, 3, 40))  # 6 states of 40 numbers
    wide, _ = plane.shadow([states], "raw")
    turned = np.linalg.qr(np.random.default_rng(2).normal(size=(40, 40)))[0][:, :40]
    same, _ = plane.shadow([states @ turned], "raw")
    assert wide.shares == pytest.approx(same.shares)
    tall, proof = plane.shadow([np.random.default_rng(3).normal(size=(5, 9, 4))], "raw")
    assert proof.holds and 0 < sum(tall.shares) < 1


def test_states_that_are_all_one_make_a_point_and_no_nan():
    shown, proof = plane.shadow([np.ones((2, 3, 4))], "raw")
    assert shown.shares == (0.0, 0.0) and not shown.points[0].any() and proof.holds


def test_the_same_piece_is_found_in_the_second_sentence(result, engine):
    assert first_choice(result.encoded[0]) == MASK_AT
    assert result.encoded[1].tokens[same_piece(result, MASK_AT)] == "[MASK]"
    assert same_piece(result, result.encoded[0].tokens.index("doctor")) is None
    assert same_piece(run(engine, Request(HIM)), MASK_AT) is None


def test_the_two_sentences_are_read_apart(engine, result):
    alone = run(engine, Request("She sat on the [MASK] of the river."))
    assert result.cosines[1] == pytest.approx(alone.cosines[0], abs=1e-6)


# layers beside layers


def test_the_cosine_of_two_layers_is_that_of_the_engines_states(engine, result):
    states = hidden(engine, HIM).astype(np.float64)
    a, b = states[2, 3], states[5, 3]
    expected = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert result.cosines[0][3, 2, 5] == pytest.approx(expected, abs=1e-6)
    assert np.diag(result.mean_cosine) == pytest.approx(np.ones(7))


def test_two_different_pieces_leave_out_each_piece_with_itself():
    unit = similarity.units(np.random.default_rng(0).normal(size=(2, 4, 6)))
    pairs = [unit[0, p] @ unit[1, q] for p in range(4) for q in range(4) if p != q]
    assert similarity.different(unit)[0, 1] == pytest.approx(np.mean(pairs))
    assert np.isnan(similarity.different(unit[:, :1])).all()


def test_cka_does_not_see_turning_and_stretching_but_sees_another_order():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(9, 5))
    turned = 3 * x @ np.linalg.qr(rng.normal(size=(5, 5)))[0] + 7
    shown = similarity.cka(np.stack([x, turned, x[rng.permutation(9)]]))
    assert shown[0, 1] == pytest.approx(1)
    assert shown[0, 2] < 0.9


def test_the_nearest_piece_is_another_one(result):
    own = np.arange(len(result.encoded[0]))
    assert (result.nearest != own).all()
    lone = similarity.nearest(np.ones((2, 1, 3)))
    assert lone[0].tolist() == [[0], [0]] and not lone[1].any()


# the lens


def test_the_lens_at_the_last_layer_is_the_models_own_head(read, engine):
    fill = engine.mask_fill(HIM, top_k=5).masks[0]
    assert read.words[-1] == fill.tokens
    assert read.probabilities[-1] == pytest.approx(fill.probabilities, abs=1e-5)
    last = read.proof.checks[0]
    assert last.difference <= 1e-5 * last.size


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_the_lens_at_any_layer_is_the_librarys_head_on_that_state(stub, layer):
    states = run_states(stub, HIM)
    with torch.inference_mode():
        logits = random_bert().cls.predictions(torch.from_numpy(states[layer, 3].copy())[None])[0]
    expected = logits.double().softmax(-1)
    shown = lens.run(stub, lens.Request(HIM, 3))
    assert shown.probabilities[layer][0] == pytest.approx(float(expected.max()), abs=1e-6)
    assert shown.answer_p[layer] <= shown.probabilities[layer][0] + 1e-12


def run_states(engine, text):
    return hidden(engine, text)


def test_the_answer_has_rank_one_at_the_end_and_its_climb_is_told(read):
    assert read.rank[-1] == 1 and read.answer == read.words[-1][0]
    assert read.rank[read.appears] == 1 and (read.rank[: read.appears] > 1).all()
    assert (read.rank[read.stays :] == 1).all()


@pytest.mark.parametrize(
    "rank, appears, stays",
    [([9, 4, 1, 1], 2, 2), ([9, 1, 3, 1], 1, 3), ([1, 1, 1], 0, 0), ([5, 5, 1], 2, 2)],
)
def test_first_on_top_and_on_top_to_stay(rank, appears, stays):
    assert lens.milestones(np.array(rank)) == (appears, stays)


def test_a_model_without_the_head_says_so(stub, monkeypatch):
    from dataclasses import replace

    info = replace(stub.info("embedded"), has_mlm=False)
    monkeypatch.setattr(stub, "info", lambda model: info)
    with pytest.raises(MissingHead):
        lens.run(stub, lens.Request(HIM, 1))
    assert run(stub, Request(HIM)).proof.holds  # the rest of the page does not need it


@pytest.mark.parametrize("position", [-1, 99])
def test_a_position_outside_the_text_is_refused(stub, position):
    with pytest.raises(OutOfRange):
        lens.run(stub, lens.Request(HIM, position))


# where the layers look


def test_looking_at_oneself_is_distance_0_and_0_bits_and_evenly_is_the_dotted_line():
    itself, evenly = np.eye(6), np.full((6, 6), 1 / 6)
    found = reach.reach([np.stack([itself, evenly])], np.arange(6))
    assert found.distance[0].tolist() == pytest.approx([0, 35 / 18])  # (n^2 - 1) / (3 n)
    assert found.entropy[0].tolist() == pytest.approx([0, np.log2(6)])
    assert (found.even_distance, found.even_entropy) == pytest.approx((35 / 18, np.log2(6)))


def test_leaving_out_special_pieces_divides_the_rest_by_its_sum():
    w = np.array([[[0.5, 0.25, 0.25], [0.8, 0.1, 0.1], [1.0, 0.0, 0.0]]])
    found = reach.reach([w], np.array([1, 2]))
    # rows 1 and 2 among places 1 and 2: (1/2, 1/2), and one without any weight that is not counted
    assert found.distance[0, 0] == pytest.approx(0.5)
    assert found.entropy[0, 0] == pytest.approx(1)
    assert reach.on([w], np.array([0]))[0, 0] == pytest.approx((0.5 + 0.8 + 1) / 3)


def test_too_few_ordinary_pieces_have_no_reach_of_their_own(stub):
    assert run(stub, Request("a")).plain_reach is None
    assert len(places_of(stub.tokenize("embedded", "a"))[1]) == 2


# everything else


@pytest.mark.parametrize("text", ["a", "[MASK]", "word " * 600, "<script>", "北京", "🤖"])
def test_any_text_has_finite_answers(stub, text):
    found = run(stub, Request(text, text))
    json.dumps(to_json(found), allow_nan=len(found.encoded[0]) < 2)
    shown = lens.run(stub, lens.Request(text, first_choice(found.encoded[0])))
    json.dumps(lens.to_json(shown), allow_nan=False)
    assert found.proof.holds and shown.proof.holds


def test_an_empty_text_is_refused(stub):
    with pytest.raises(EmptyText):
        run(stub, Request(" "))


def test_every_preset_points_at_one_of_its_pieces(engine):
    for preset in presets("stack"):
        encoded = engine.tokenize("embedded", default_request(preset, "embedded").text)
        token = encoded.tokens[int(preset.controls["token"])]
        assert token not in ("[CLS]", "[SEP]")
        if "[MASK]" in preset.text:
            assert token == "[MASK]"


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_every_picture_is_one_that_plotly_accepts(result, read, theme):
    shape = NAMED["base"]
    drawings = (
        figures.words(read, "layer", theme),
        figures.climb(read, ("layer", "rank"), theme),
        figures.along(result, MASK_AT, ("a", "b", "c"), "layer", theme),
        *figures.reaches(result.reach, ("a", "b", "c"), "layer", ("d", "e"), theme),
        figures_size.parts(parameters(shape), ("a", "b", "c", "d"), theme),
        figures_size.shares(NAMED, ("a", "b", "c", "d"), theme),
        figures_size.growth({n: work(shape, n) for n in (8, 512)}, 8, ("a", "b", "c"),
                            ("n", "w"), theme),
        figures_size.needs(memory(shape, 128, 32), dict.fromkeys(
            ("float32", "float16", "int8", "adam", "activations"), "x"), theme),
    )
    for figure in drawings:
        type(figure)(figure.to_dict())  # validated property by property


def test_hostile_pieces_are_no_markup_in_a_picture(stub):
    found = lens.run(stub, lens.Request("a", 1))
    hostile = figures._cell("<b>x</b>", 0.5, False)
    assert "<b>" not in hostile and "&lt;b&gt;" in hostile
    assert figures.words(found, "layer", LIGHT)


@pytest.mark.parametrize(
    "count, said", [(109_482_240, "109 M"), (4_385_920, "4.39 M"), (999_900, "1 M"), (12, "12")]
)
def test_counts_are_said_to_three_digits(count, said):
    assert figures_size.short(count) == said


def test_bytes_are_said_in_powers_of_1024():
    assert figures_size.bytes_of(16 * 2**30) == "16 GiB"
    assert figures_size.bytes_of(500) == "500 B"
