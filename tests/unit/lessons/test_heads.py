"""The heads lesson: a layer's output as the sum of its heads, roles, and the head hunt."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from core.contract import TraceRequest
from core.engine import local_engine
from core.errors import EmptyText, OutOfRange, TooFewWords
from core.heads import measured
from core.heads.roles import ROLES
from lessons import stored
from lessons.heads import figures, looking
from lessons.heads.hunting import clearest, game, specialities_of
from lessons.heads.lesson import (
    Request,
    contributions_of,
    default_request,
    encode,
    measure,
    multi_head,
    run,
    to_json,
)
from lessons.heads.shares import coordinate, shares
from lessons.text import presets, sections
from lessons.theme import DARK, LIGHT

TEXT = "The old teacher reads a long book and the children drink cold milk."


@pytest.fixture(scope="module")
def engine():
    return local_engine()


@pytest.fixture(scope="module")
def result(engine):
    return run(engine, Request(TEXT, layer=2, piece=7, coordinate=100))


def test_every_step_of_every_layer_equals_the_models_own(engine):
    for layer in range(6):
        proof = run(engine, Request(TEXT, layer=layer, piece=layer, coordinate=383)).proof
        assert [c.name for c in proof.checks] == [
            "q", "k", "v", "z", "attention output", "sum of the heads"
        ]
        assert proof.holds


def test_the_heads_contributions_and_the_bias_add_up_to_the_output(engine, result):
    whole = result.contributions.sum(axis=0) + result.output_bias
    np.testing.assert_allclose(whole, result.output, atol=1e-5)
    traced = engine.trace(TraceRequest(TEXT, keep=frozenset({"attention_output"}), layers=(2,)))
    np.testing.assert_array_equal(result.output, traced.layer(2).attention_output[0, 7])


def test_the_cut_lays_the_numbers_of_one_projection_in_rows(engine, result):
    weight = engine.parameter("embedded", "bert.encoder.layer.2.attention.self.query.weight")
    bias = engine.parameter("embedded", "bert.encoder.layer.2.attention.self.query.bias")
    np.testing.assert_allclose(result.q.ravel(), weight @ result.x + bias, atol=1e-4)


def test_two_heads_of_two_numbers_by_hand():
    z = np.array([[1.0, 2.0], [3.0, 4.0]])
    weight = np.array([[1.0, 0, 0, 1], [0, 1, 1, 0], [1, 1, 0, 0], [0, 0, 1, 1]])
    # head 0 owns columns 0, 1 and head 1 columns 2, 3
    np.testing.assert_array_equal(
        contributions_of(z, weight), [[1, 2, 3, 0], [4, 3, 0, 7]]
    )
    np.testing.assert_array_equal(
        contributions_of(z, weight).sum(0), weight @ z.ravel()
    )


def test_one_head_of_all_numbers_is_plain_attention():
    from lessons.heads.lesson import Weights

    same = (np.eye(2), np.zeros(2))
    x = np.array([[1.0, 0.0], [0.0, 2.0]])
    *_, joined, output = multi_head(x, Weights(same, same, same, same), 1, np.ones((2, 2), bool))
    grown = np.exp(1 / np.sqrt(2))
    np.testing.assert_allclose(joined[0], [grown / (grown + 1), 2 / (grown + 1)])
    np.testing.assert_array_equal(output, joined)


def test_a_coordinate_is_the_sum_of_its_products_and_the_bias(result):
    found = coordinate(result)
    assert found.total == pytest.approx(float(result.output[100]), abs=1e-5)
    np.testing.assert_allclose(found.by_head, result.contributions[:, 100], atol=1e-5)
    assert found.products.sum() + found.bias == pytest.approx(found.total)


def test_lengths_are_norms_and_parts_along_the_output_add_up_to_one(result):
    found = shares(result)
    np.testing.assert_allclose(found.lengths, np.linalg.norm(result.contributions, axis=1), 1e-5)
    assert found.output_length == pytest.approx(float(np.linalg.norm(result.output)))
    assert found.along.sum() + found.bias_along == pytest.approx(1)


def test_the_measures_of_a_text_are_means_over_its_words(engine):
    found = measure(engine, Request(TEXT))
    weights = engine.trace(TraceRequest(TEXT, keep=frozenset({"weights"}))).layer(0).weights[0, 2]
    words = range(1, len(found.encoded) - 1)
    before = np.mean([weights[i, i - 1] for i in words])
    assert found.measures[ROLES.index("previous"), 0, 2] == pytest.approx(before, abs=1e-6)
    assert found.rows[ROLES.index("previous")] == len(words)
    assert found.measures.shape == (len(ROLES), 6, 12)


def test_one_heads_pieces_are_the_models_weights(engine):
    found = looking.pieces(engine, looking.Request(TEXT, layer=3, head=1))
    traced = engine.trace(TraceRequest(TEXT, keep=frozenset({"weights"}), layers=(3,)))
    np.testing.assert_allclose(found.weights, traced.layer(3).weights[0, 1], atol=1e-6)


def test_words_look_as_their_pieces_do_and_keep_their_spelling(engine):
    request = looking.Request("Antidisestablishmentarianism frightens him.", "Why?", layer=0)
    found = looking.words(engine, request)
    assert found.words == ("Antidisestablishmentarianism", "frightens", "him", ".", "Why", "?")
    assert looking.word_count(engine, request) == 6
    pieces = looking.pieces(engine, request)
    long = [i for i, w in enumerate(pieces.encoded.word_index) if w == 0][:-1]
    at = pieces.encoded.tokens.index("him")
    to_it = pieces.weights[at, long].sum()
    assert found.attention[2, 0] == pytest.approx(to_it, abs=1e-6)
    for direction in (0, 1):
        governors = found.governors[direction]
        assert np.all(governors != np.arange(6))
    assert found.weights[0, 2] == found.attention[2, found.governors[0, 2]]
    assert found.weights[1, 2] == found.attention[found.governors[1, 2], 2]


def test_one_word_has_no_governor(engine):
    with pytest.raises(TooFewWords):
        looking.words(engine, looking.Request("Hello"))


def test_a_round_of_the_hunt_is_fair_to_the_offset():
    found = measured.hunt()
    played = game(found, found.relations.index("obj"), 0)
    assert played.heads == 72 and played.relation == "obj"
    assert played.rank(played.ranking[0]) == 1
    assert played.points == pytest.approx(
        100 * (played.of(played.best).value - played.baseline.value)
    )
    assert played.beats == (played.of(played.best).interval[0] > played.baseline.value)


def test_the_atlas_has_a_field_for_every_head():
    rows = specialities_of(measured.hunt())
    assert len(rows) == 6 and {len(row) for row in rows} == {12}
    layer, head = clearest(rows)
    leads = [one.lead for row in rows for one in row if one]
    assert rows[layer][head].lead == max(leads)
    assert all(one.better == (one.score.interval[0] > one.baseline.value)
               for row in rows for one in row if one)


@pytest.mark.parametrize("wrong", [{"layer": 6}, {"piece": 99}, {"piece": -1},
                                   {"coordinate": 384}])
def test_what_is_not_there_is_refused(engine, wrong):
    with pytest.raises(OutOfRange):
        run(engine, Request(TEXT, **wrong))


def test_an_empty_text_is_refused(engine):
    for ask in (run, measure, encode):
        with pytest.raises(EmptyText):
            ask(engine, Request("  "))


def test_the_json_names_everything_of_the_piece(result):
    shown = json.loads(json.dumps(to_json(result)))
    assert np.shape(shown["z"]) == (12, 32) and np.shape(shown["contributions"]) == (12, 384)
    assert shown["piece"] == 7 and shown["tokens"][7] == "book"


def test_presets_run_and_point_at_what_there_is(engine):
    relations = measured.hunt().relations
    for preset in presets("heads"):
        request = default_request(preset, "embedded")
        assert run(engine, request).proof.holds
        assert preset.controls.get("relation", "obj") in relations


def test_every_relation_is_explained_in_both_languages():
    from pages.ui.catalogue import translate

    for relation in measured.hunt().relations:
        for language in ("en", "zh"):
            text = translate(language, "heads", f"rel_{relation.replace(':', '_')}")
            assert "**" in text, relation


def test_the_text_says_what_the_code_does():
    assert "every third arc" in sections("heads", "en")["atlas"].body
    assert 3 * measured.USEFUL == 1


def pictures(engine, result, theme):
    found, words = shares(result), looking.words(engine, looking.Request(TEXT, layer=2))
    names = {"head": "head", "bias": "bias", "lengths": "length", "along": "part"}
    return (
        figures.bands(result.q, "head", theme),
        figures.contributions(found, names, "lengths", theme),
        figures.contributions(found, names, "along", theme),
        figures.coordinate_sum(coordinate(result), names, theme),
        figures.arcs(words, 0, 0, len(words.words), theme),
    )


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_plotly_knows_every_property_of_the_figures_that_are_drawn_unchecked(
    engine, result, theme
):
    for figure in pictures(engine, result, theme):
        assert go.Figure(figure.to_plotly_json()) == figure


def test_figures_end_at_the_numbers_they_explain(engine, result):
    bands, lengths, along, fall, arcs = pictures(engine, result, LIGHT)
    np.testing.assert_array_equal(bands.data[0].y, result.q.ravel())
    assert lengths.data[0].y[-1] == pytest.approx(np.linalg.norm(result.output_bias), rel=1e-6)
    assert sum(along.data[0].y) == pytest.approx(1)
    assert sum(fall.data[0].y[:-1]) == pytest.approx(fall.data[0].y[-1])
    assert len(arcs.data) == 14  # one arc a word, the full stop too


def test_learner_text_is_no_html_in_an_arc(engine):
    words = looking.words(engine, looking.Request("a <b>bold</b> word"))
    drawn = str(figures.arcs(words, 0, 0, len(words.words), LIGHT).to_plotly_json())
    assert "<b>" not in drawn and "&lt;" in drawn


def test_presets_are_stored_and_equal_the_live_result(engine):
    for preset in presets("heads"):
        request = default_request(preset, "embedded")
        early, live = stored.load("heads", run, request), run(engine, request)
        np.testing.assert_allclose(early.contributions, live.contributions, atol=1e-5)
        assert early.encoded == live.encoded
        early = stored.load("heads", measure, request)
        np.testing.assert_allclose(early.measures, measure(engine, request).measures, atol=1e-6)
