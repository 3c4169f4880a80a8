"""The input-embeddings lesson: three rows, their sum, LayerNorm, and the tables."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest

from core.engine import local_engine
from core.errors import EmptyText, OutOfRange, UnknownModel
from lessons.embeddings import figures, story, tables
from lessons.embeddings.lesson import (
    PARTS,
    Request,
    against_model,
    default_request,
    own_piece,
    proof,
    run,
    to_json,
)
from lessons.text import presets
from lessons.theme import DARK, LIGHT

PAIR = Request("the bank by the river bank", "he sat there")


@pytest.fixture(scope="module")
def engine():
    return local_engine()


@pytest.fixture(scope="module")
def result(engine):
    return run(engine, PAIR)


def test_every_part_is_what_the_models_own_pass_has_there(engine):
    for preset in presets("embeddings"):
        checks = against_model(engine, default_request(preset, "embedded")).checks
        assert [c.name for c in checks] == list(PARTS)
        assert all(c.difference <= 1e-5 for c in checks)


def test_the_same_piece_has_one_token_row_and_two_position_rows(result):
    first, second = (i for i, t in enumerate(result.encoded.tokens) if t == "bank")
    np.testing.assert_array_equal(result.token[first], result.token[second])
    assert np.abs(result.position[first] - result.position[second]).max() > 0


def test_all_pieces_of_a_sentence_share_its_segment_row(result):
    segments = np.array(result.encoded.segments)
    for segment in (0, 1):
        rows = result.segment[segments == segment]
        np.testing.assert_array_equal(rows, np.repeat(rows[:1], len(rows), axis=0))
    assert np.abs(result.segment[0] - result.segment[-1]).max() > 0


def test_the_proof_grows_once_the_model_can_be_asked(engine, result):
    class Cold:
        def ready(self, model):
            return False

    assert proof(Cold(), PAIR, result) is result.proof
    engine.warm("embedded")
    assert len(proof(engine, PAIR, result).checks) == len(result.proof.checks) + len(PARTS)
    assert proof(engine, PAIR, result).holds


@pytest.mark.parametrize("piece, dimension", [(0, 0), (3, 17), (10, 383)])
def test_the_number_followed_ends_where_the_model_has_it(result, piece, dimension):
    one = story.follow(result, piece, dimension)
    assert one.x == pytest.approx(float(result.sum[piece, dimension]), abs=1e-6)
    assert one.y == pytest.approx(float(result.normalized[piece, dimension]), abs=1e-5)
    assert one.standard == pytest.approx((one.x - one.mean) / math.sqrt(one.variance), rel=1e-6)


@pytest.mark.parametrize("value, written", [
    (0.0, "0"), (-0.0681234, "-0.06812"), (1.5, "1.500"), (123456.0, r"1.235 \cdot 10^{5}"),
    (0.00001234, r"1.234 \cdot 10^{-5}"),
])
def test_formulas_carry_four_significant_digits(value, written):
    assert story.said(value) == written


def test_sine_waves_are_the_papers(engine):
    waves = tables.sinusoidal_positions(4, 8)
    # PE(3, 2) = sin(3 / 10000^(2/8)), PE(3, 3) = cos of the same (Vaswani et al. 2017, 3.5)
    assert waves[3, 2] == pytest.approx(math.sin(3 / 10_000 ** (2 / 8)))
    assert waves[3, 3] == pytest.approx(math.cos(3 / 10_000 ** (2 / 8)))
    np.testing.assert_array_equal(waves[0], [0, 1] * 4)


def test_for_waves_only_the_distance_counts_and_for_learned_rows_more_does(engine):
    found = tables.positions(engine, "embedded")
    waves, learned = found.sinusoidal_distances, found.learned_distances
    np.testing.assert_allclose(waves.low, waves.high, atol=1e-6)
    assert (learned.high - learned.low)[1:].min() > 0.01
    assert learned.mean[0] == pytest.approx(1.0)
    assert found.learned_cosine.shape == found.sinusoidal_cosine.shape == (512, 512)


def test_neighbours_are_the_largest_cosines_of_the_whole_table(engine):
    king = engine.tokenize("embedded", "king").ids[1]
    found = tables.nearest(engine, ("embedded", king))
    table = engine.parameter("embedded", "bert.embeddings.word_embeddings.weight")
    table = table / np.linalg.norm(table, axis=1, keepdims=True)
    others = np.delete(table @ table[king], king)
    np.testing.assert_allclose(found.cosines, np.sort(others)[::-1][:10], atol=1e-5)
    assert found.piece == "king" and "king" not in found.pieces


def test_a_piece_outside_the_vocabulary_is_refused(engine):
    with pytest.raises(OutOfRange):
        tables.nearest(engine, ("embedded", 30_522))


def test_the_two_segment_rows_agree_with_the_law_of_cosines(engine):
    found = tables.segments(engine, "embedded")
    a, b = found.lengths
    assert found.difference**2 == pytest.approx(a * a + b * b - 2 * a * b * found.cosine)


def test_the_json_has_n_rows_of_hidden_numbers(engine):
    shown = json.loads(json.dumps(to_json(run(engine, Request("my dog", "it plays")))))
    n = len(shown["tokens"])
    assert all(np.shape(shown[part]) == (n, 384) for part in PARTS)
    np.testing.assert_allclose(
        np.array(shown["token"]) + shown["segment"] + shown["position"], shown["sum"], atol=1e-5
    )


def test_it_starts_with_a_piece_of_the_learners_own(engine):
    assert run(engine, Request("a")).encoded.tokens[own_piece(run(engine, Request("a")).encoded)]
    assert own_piece(engine.tokenize("embedded", "two words")) == 2


def test_figures_show_the_numbers_they_are_given(engine, result):
    one = story.follow(result, 2, 5)
    bars = figures.adding_up(one, ("t", "s", "p", "sum"), LIGHT).data[0]
    assert tuple(bars.y) == (one.token, one.segment, one.position, one.x)
    shown = figures.lengths(result, 0, 4, ("t", "s", "p"), DARK)
    np.testing.assert_allclose([d.y for d in shown.data], result.norms[:, :4])


@pytest.mark.parametrize("request_, error", [
    (Request(" "), EmptyText), (Request("a", model="no such"), UnknownModel),
])
def test_what_cannot_be_used_is_refused(engine, request_, error):
    with pytest.raises(error):
        run(engine, request_)


def test_the_lesson_needs_no_torch():
    code = (
        "import sys; from core.engine import local_engine; from lessons.embeddings import lesson,"
        " tables; e = local_engine(); lesson.run(e, lesson.Request('a b')); "
        "tables.positions(e, 'embedded'); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
