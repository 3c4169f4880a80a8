"""Three judges: their numbers, their ranks, how far they agree, and what is read of them."""

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from core.contract import AttributionRequest, TraceRequest
from core.engine import local_engine
from core.engine.stub import StubEngine
from core.errors import BadInput, EmptyText, NoMask, OutOfRange, WordNotOnePiece
from core.trace.recompute import softmax
from lessons.judges import figures, gallery, looking, measured, survey
from lessons.judges.agreement import best, between, ranks
from lessons.judges.lesson import (
    GRADIENTS,
    LEAVING,
    Request,
    default_request,
    judged,
    light,
    run,
    to_json,
)
from lessons.text import LANGUAGES, presets, quiz, sections
from lessons.theme import DARK, LIGHT

TEXT = "The man went to the store to buy a gallon of [MASK]."
TEXT_B = "He paid and walked home."


@pytest.fixture(scope="module")
def engine():
    return local_engine()


@pytest.fixture(scope="module")
def result(engine):
    return run(engine, Request(TEXT, TEXT_B))


# Ranks and agreement


def test_the_largest_is_first_and_equals_share_the_mean_of_their_ranks():
    assert ranks(np.array([0.1, 0.7, 0.4, 0.4])).tolist() == [4, 1, 2.5, 2.5]
    assert best(np.array([0.4, 0.7, 0.4]), 2) == (1, 0)


def test_kendalls_tau_by_hand():
    """Orders 1 2 3 4 and 1 3 2 4 differ in one of six pairs: tau = (5 - 1) / 6.

    Spearman: differences of ranks 0 1 -1 0, rho = 1 - 6 (1 + 1) / (4 (16 - 1)) = 0.8.
    """
    one, other = np.array([4.0, 3, 2, 1]), np.array([4.0, 2, 3, 1])
    (found,) = between((one, other))
    assert found.kendall == pytest.approx(4 / 6)
    assert found.spearman == pytest.approx(0.8)
    assert found.same_first and found.shared == 3
    # of the 24 orders of four, 1 + 3 have at most one pair wrong, as many at most one right
    assert found.chance == pytest.approx(8 / 24)


def test_an_order_and_its_reverse_have_tau_minus_one():
    one = np.array([0.3, 0.2, 0.9, 0.1, 0.5])
    (found,) = between((one, -one))
    assert found.kendall == pytest.approx(-1) and found.spearman == pytest.approx(-1)
    assert not found.same_first and found.shared == 1  # the middle one of five


@pytest.mark.parametrize("keys", [
    (np.zeros(4), np.arange(4.0)), (np.zeros(1), np.zeros(1)), (np.zeros(0), np.zeros(0)),
])
def test_a_judge_without_an_order_agrees_with_nobody(keys):
    (found,) = between(keys)
    assert found.kendall is None and found.spearman is None and found.chance is None


def test_three_judges_make_three_pairs():
    found = between((np.arange(3.0), np.arange(3.0), -np.arange(3.0)))
    assert [(a.first, a.second) for a in found] == [(0, 1), (0, 2), (1, 2)]


# The judges


def test_attention_is_the_row_of_the_judged_place(engine, result):
    weights = engine.trace(TraceRequest(TEXT, TEXT_B)).layer(5).weights[0]
    row = weights[:, result.place].mean(axis=0)
    assert np.abs(row[list(result.rated)] - result.judges[0].scores).max() <= 1e-6


@pytest.mark.parametrize("way", looking.WAYS)
def test_every_way_to_read_attention_gives_shares_of_one(engine, way):
    info = engine.info("embedded")
    trace = looking.traced(engine, info, TEXT, "", way, 3, 7)
    row = looking.read(looking.models(trace), way, 7, 12)
    assert row.sum() == pytest.approx(1, abs=1e-5) and (row >= 0).all()
    if way == "head":
        whole = engine.trace(TraceRequest(TEXT)).layer(3).weights[0, 7, 12]
        assert np.abs(row - whole).max() <= 1e-6


@pytest.mark.parametrize(("method", "judge"), [("gradient", 1), ("masked", 2)])
def test_the_other_judges_are_the_engines_attributions(engine, result, method, judge):
    fill = engine.mask_fill(TEXT, TEXT_B, top_k=1).masks[0]
    assert result.word == fill.tokens[0] and result.place == fill.position
    assert result.p == pytest.approx(fill.probabilities[0], abs=1e-6)
    found = engine.attribute(AttributionRequest(
        TEXT, TEXT_B, position=fill.position, word=fill.ids[0], method=method
    ))
    assert np.allclose(result.judges[judge].scores, found.scores[list(result.rated)])


def test_without_a_piece_the_probability_is_that_of_a_pass_without_it(engine, result):
    first = result.judges[2].favourite
    ids = list(result.encoded.ids)
    ids[result.rated[first]] = 103  # [MASK]
    trace = engine.trace(TraceRequest(TEXT, TEXT_B, input_ids=tuple(ids)))
    word = engine.tokenize("embedded", result.word).ids[1]
    p = softmax(trace.mlm_logits[0, result.place].astype(np.float64))[word]
    assert result.without(first) == pytest.approx(p, abs=1e-6)


def test_the_judged_place_and_unless_asked_the_special_pieces_are_not_ranked(engine, result):
    special = {i for i, word in enumerate(result.encoded.word_index) if word is None}
    assert result.place not in result.rated and not special & set(result.rated)
    more = judged(engine, Request(TEXT, TEXT_B, pieces="all"))
    assert set(more.rated) == set(result.rated) | special


def test_by_size_a_push_against_counts_and_signed_it_comes_last(engine):
    by_size = judged(engine, Request(TEXT))
    signed = judged(engine, Request(TEXT, order="signed"))
    for judge in (1, 2):
        scores = by_size.judges[judge].scores
        assert scores.min() < 0 < scores.max()
        assert by_size.judges[judge].favourite == np.abs(scores).argmax()
        assert signed.judges[judge].favourite == scores.argmax()
        assert signed.judges[judge].ranks[scores.argmin()] == len(scores)


@pytest.mark.parametrize("gradient", GRADIENTS)
@pytest.mark.parametrize("leaving", LEAVING)
def test_every_way_of_judging_is_recomputed_within_a_hundred_thousandth(engine, gradient, leaving):
    asked = Request(TEXT, gradient=gradient, leaving=leaving, steps=8, attention="rollout")
    found = run(engine, asked)
    assert found.proof.holds and len(found.proof.checks) == 3
    assert (found.gap is None) == (gradient == "gradient")


@pytest.mark.parametrize("how", [
    {"attention": "head", "layer": 2, "head": 3}, {"gradient": "integrated", "baseline": "zero"},
    {"leaving": "hidden"}, {"leaving": "deleted"},
])
def test_a_pair_is_judged_and_recomputed_too(engine, how):
    found = run(engine, Request(TEXT, TEXT_B, watch="nsp", steps=8, **how))
    assert found.word == "" and found.place == 0 and found.proof.holds
    assert found.p == pytest.approx(engine.next_sentence(TEXT, TEXT_B).is_next, abs=1e-6)


def test_the_learners_word_is_judged(engine):
    assert judged(engine, Request(TEXT, word="Milk")).word == "milk"


def test_of_several_blanks_the_first_is_judged(engine):
    found = judged(engine, Request("The [MASK] sat on the [MASK]."))
    assert found.place == 2 and found.blanks == 2


@pytest.mark.parametrize(("text", "count"), [("[MASK]", 0), ("[MASK] x", 1), ("a [MASK] x", 2)])
def test_a_text_of_one_or_two_pieces_is_answered(engine, text, count):
    found = run(engine, Request(text))
    assert len(found.rated) == count and found.proof.holds
    assert count > 1 or found.agreement(0, 2).kendall is None


@pytest.mark.parametrize(("request_", "error"), [
    (Request("No blank here."), NoMask), (Request("   "), EmptyText),
    (Request(TEXT, watch="nsp"), BadInput), (Request(TEXT, word="milkmaidenly"), WordNotOnePiece),
    (Request(TEXT, attention="head", layer=6), OutOfRange),
    (Request(TEXT, attention="head", head=12), OutOfRange),
    (Request(TEXT, gradient="integrated", steps=0), OutOfRange),
    (Request(TEXT, attention="sideways"), BadInput), (Request(TEXT, leaving="burnt"), BadInput),
    (Request(TEXT, gradient="guess"), BadInput), (Request(TEXT, order="zigzag"), BadInput),
    (Request(TEXT, watch="weather"), BadInput), (Request(TEXT, pieces="half"), BadInput),
], ids=str)
def test_bad_input_gets_its_error(engine, request_, error):
    with pytest.raises(error):
        run(engine, request_)


def test_a_long_text_is_not_judged_unasked(engine):
    assert light(engine, Request(TEXT))
    assert not light(engine, Request("word " * 100 + "[MASK]"))


def test_the_json_has_every_judge_on_every_piece(result):
    said = to_json(result)
    assert set(said["judges"]) == {"attention", "gradient", "leaving"}
    assert all(len(j["ranks"]) == len(said["tokens"]) for j in said["judges"].values())
    assert len(said["agreement"]) == 3 and said["gap"] is None


# Many texts


def test_the_score_counts_shared_favourites_and_averages_tau(engine):
    shown = [p for p in presets("judges") if "en" in p.languages][:3]
    ways = Request("", attention="mean", pieces="all")
    asked = gallery.requests(shown, ways)
    assert [r.text for r in asked] == [p.text for p in shown]
    assert all(r.attention == "mean" and r.pieces == "all" for r in asked)
    results = [judged(engine, r) for r in asked]
    total = gallery.score(results)
    assert total.count == 3
    assert total.same_first[0] == sum(
        r.judges[0].favourite == r.judges[2].favourite for r in results
    )
    assert total.kendall[1] == pytest.approx(
        np.mean([r.agreement(1, 2).kendall for r in results])
    )


def test_a_surveyed_sentence_has_one_whole_word_hidden(engine):
    text = "Unbelievably, the cat slept on 3 mats."
    encoded = engine.tokenize("embedded", text)
    random = np.random.default_rng(0)
    seen = {survey.hidden(text, encoded, random) for _ in range(40)}
    assert all(one.count("[MASK]") == 1 and "3" in one and "," in one for one in seen)
    assert "Unbelievably, the [MASK] slept on 3 mats." in seen and len(seen) > 3


def test_the_stored_survey_is_of_the_shipped_weights_and_consistent():
    found = measured.survey()
    assert found is not None and found.sentences >= 100
    for judge in ("attention", "gradient"):
        assert -1 <= min(found.kendall[judge]) <= max(found.kendall[judge]) <= 1
        assert 0.9 * found.sentences <= len(found.kendall[judge]) <= found.sentences
        assert 0 <= found.same_first[judge] <= 1
    assert 1 / survey.LONGEST < found.chance_first < 1 / (survey.SHORTEST - 4)


# What is shown and read


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_the_pictures_are_valid_and_say_what_the_results_say(theme, result):
    titles = ("Attention", "Gradient", "Leaving out")
    m = len(result.rated)
    three = figures.three(result, titles, theme, 0, m)
    part = figures.three(result, titles, theme, 2, 5)
    scatter = figures.scatter(result, (0, 2), titles, theme)
    found = measured.Survey(2, "x", {"attention": (0.1, -0.4), "gradient": (0.5, 1.0)},
                            {"attention": 0.5, "gradient": 1.0}, 0.1, "x", "x")
    spread = figures.spread(found, titles[:2], "tau", theme)
    for figure in (three, part, scatter, spread):
        go.Figure(figure.to_plotly_json())  # plain dicts are not checked when they are drawn
    for bars, judge in zip(three.data, result.judges, strict=True):
        assert list(bars.x) == judge.scores.tolist()
        assert bars.text[judge.favourite] == "<b>1</b>"
    assert list(part.data[0].x) == result.judges[0].scores[2:5].tolist()
    assert list(scatter.data[1].x) == result.judges[0].ranks.tolist()
    assert sum(spread.data[0].y) == 2


def test_a_learners_piece_is_no_markup_in_a_picture(engine):
    found = judged(engine, Request("a <b> [MASK] & c"))
    assert "&lt;" in "".join(figures.names(found)) and "<b>" not in "".join(figures.names(found))


@pytest.mark.parametrize("language", LANGUAGES)
def test_presets_are_enough_and_each_is_judged(language):
    stub = StubEngine()
    mine = [p for p in presets("judges") if language in p.languages]
    assert len(mine) >= 6 and len(quiz("judges")) >= 3
    for preset in mine:
        asked = default_request(preset, "embedded")
        assert set(preset.controls) == {"word", "watch"}
        assert len(judged(stub, asked).rated) >= 3
        assert judged(stub, replace(asked, leaving="deleted")).rated
    assert list(sections("judges", "en")) == list(sections("judges", "zh"))
