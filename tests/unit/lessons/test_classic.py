"""Before vectors learned: the learner's documents counted, weighed, ranked, reduced, mixed."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from core.errors import EmptyText, OutOfRange, TooFewWords
from core.vectors.documents import NoWords, OneDocument, OnlyFunctionWords
from lessons.classic import counting, figures, labels, latent, ranking, spaces
from lessons.classic.lesson import run, to_json
from lessons.classic.request import Request, counted
from lessons.text import presets
from lessons.theme import LIGHT, tex

CATS = "The cat chases the dog.\nThe dog chases the cat.\nA bag stands on the table."
ONE, FUNCTION = "Rain and wind hit the coast.", "the of and\nis it the"


def of(name, **others):
    """The request that a preset makes."""
    preset = next(p for p in presets("classic") if p.id == name)
    controls = preset.controls
    asked = Request(
        controls["collection"], preset.text, controls.get("cut", "auto"),
        topics=int(controls.get("topics", 3)), seed=int(controls.get("topic_seed", 0)),
        size=int(controls.get("k", 2)), classes=int(controls.get("classes", 4)),
    )
    return replace(asked, **others)


def test_every_pair_of_words_is_at_the_same_distance():
    found = counting.one_hot(None, Request(CATS))
    words = found.counted.counts.words
    assert found.pairs == len(words) * (len(words) - 1) // 2
    assert found.nearest == found.farthest == pytest.approx(math.sqrt(2))
    assert found.cosine == 0
    assert [words[i] for i in found.trio] == ["bag", "cat", "dog"]


def test_who_chases_whom_is_lost_in_the_bag():
    found = counting.one_hot(None, Request(CATS))
    assert found.same == (0, 1)
    assert counting.one_hot(None, Request("a cat\na dog")).same is None


def test_one_word_has_no_pair():
    found = counting.one_hot(None, Request("Cat."))
    assert (found.pairs, found.nearest, found.farthest, found.trio) == (0, 0, 0, (0,))


def test_a_words_weights_are_proved_and_the_sentence_finds_its_document():
    found = counting.weigh(None, Request(CATS, "A bag for the puppy."))
    assert found.proof.holds and len(found.proof.checks) == 3
    assert found.similar.argmax() == 2 and found.similar[:2].tolist() == [0, 0]
    assert found.counted.unknown == ("puppy",)
    words = found.counted.counts.words
    assert {words[w] for w in found.heaviest(2, 3)} == {"bag", "stands", "table"}


def test_the_votes_for_a_word_and_what_all_get_add_up_to_its_rank():
    graph = ranking.textrank(None, of("news")).words
    n, d = len(graph.names), ranking.DAMPING
    for node in range(n):
        votes = sum(v for _, v in ranking.votes(graph, node)) + ranking.given_to_all(graph)
        assert graph.ranks[node] == pytest.approx((1 - d) / n + d * votes, abs=1e-7)


def test_key_words_are_the_best_third_and_the_summary_is_in_reading_order():
    found = ranking.textrank(None, of("news"))
    assert found.proof.holds
    assert len(found.keywords) == round(len(found.words.names) / 3)
    kept = [found.words.ranks[i] for i in found.keywords]
    assert kept == sorted(kept, reverse=True) and min(kept) >= np.median(found.words.ranks)
    assert found.summary == tuple(sorted(found.sentences.order()[:3]))
    assert "strong wind" in found.phrases


def test_pairs_of_characters_are_not_glued_to_phrases():
    text = "卫星进入轨道。\n火箭把卫星送入轨道。"
    assert ranking.textrank(None, Request(text)).phrases == ()


def test_car_and_automobile_meet_in_lsa_and_not_in_tf_idf():
    found = latent.lsa(None, of("car"))
    words = found.counted.counts.words
    assert {words[found.pair.one], words[found.pair.two]} == {"car", "automobile"}
    assert found.pair.cosine > 0.9 and found.proof.holds
    assert found.alike[0, 1] > found.alike_tfidf[0, 1]
    assert 0 < found.lsa.kept < 1


def test_the_sentence_is_near_a_document_that_shares_no_word_with_it():
    asked = Request("The car has an engine.\nThe automobile has an engine.\nSalt the soup.",
                    "An automobile.")
    found = latent.lsa(None, asked)
    assert found.near_tfidf[0] == 0 and found.near[0] > 0.9 and found.near[2] < 0.1


def test_classes_hold_every_shown_word_once():
    found = latent.lsa(None, of("car"))
    groups = found.groups()
    words = [word for group in groups for word in group]
    assert len(words) == len(set(words)) == len(found.classed)
    group = next(g for g in groups if "car" in g)
    assert "automobile" in group and "soup" not in group


@pytest.mark.parametrize("name", ["three-topics", "zh-three-topics"])
@pytest.mark.parametrize("method", [latent.plsa, latent.lda])
def test_three_kinds_of_documents_are_three_topics(name, method):
    found = method(None, of(name))
    model = found.plsa if method is latent.plsa else found.lda
    kinds = model.mixtures.argmax(axis=1).reshape(3, 3)
    assert (kinds == kinds[:, :1]).all() and len(set(kinds[:, 0])) == 3
    assert found.proof.holds


def test_the_m_step_shown_is_the_step_that_em_makes():
    from core.vectors.plsa import step

    found = latent.plsa(None, of("news"))
    words, _ = step(found.counted.counts.matrix, found.plsa.topics, found.plsa.mixtures)
    for word in (0, 5):
        for topic in range(2):
            again = latent.recount(found, word, topic)
            assert again.value == pytest.approx(words[topic, word])
            assert len(again.terms) == (found.counted.counts.matrix[:, word] > 0).sum()


@pytest.mark.parametrize("name", [p.id for p in presets("classic")])
def test_every_preset_answers_in_json(name):
    shown = to_json(run(None, of(name, steps=5)))
    json.dumps(shown, allow_nan=False)
    missing = {"one-document": {"lsa", "plsa", "lda"},
               "function-words": {"tfidf", "textrank", "lsa", "plsa", "lda"}}.get(name, set())
    assert set(shown["missing"]) == missing
    assert {key for key, value in shown.items() if value is None} == missing


def test_the_printed_numbers_hang_together():
    shown = to_json(run(None, of("three-topics")))
    assert shown["one_hot"]["distance"] == pytest.approx(math.sqrt(2))
    np.testing.assert_allclose(np.linalg.norm(shown["tfidf"]["matrix"], axis=1), 1)
    np.testing.assert_allclose(np.sum(shown["plsa"]["documents"], axis=1), 1)
    np.testing.assert_allclose(np.sum(shown["lda"]["documents"], axis=1), 1)
    assert shown["plsa"]["log_likelihood"] == sorted(shown["plsa"]["log_likelihood"])


METHODS = (counting.weigh, ranking.textrank, latent.lsa, latent.plsa, latent.lda)


@pytest.mark.parametrize("method", [counting.one_hot, *METHODS])
@pytest.mark.parametrize(("text", "error"), [("  \n ", EmptyText), ("... ?!\n--", NoWords)])
def test_documents_without_words_are_one_known_error(method, text, error):
    with pytest.raises(error):
        method(None, Request(text))


@pytest.mark.parametrize("method", METHODS)
def test_function_words_alone_are_one_known_error_and_can_be_kept(method):
    with pytest.raises(OnlyFunctionWords):
        method(None, Request(FUNCTION))
    method(None, Request(FUNCTION, function_words="in", topics=2))


@pytest.mark.parametrize("method", [latent.lsa, latent.plsa, latent.lda])
def test_one_document_is_one_known_error_where_documents_are_compared(method):
    with pytest.raises(OneDocument):
        method(None, Request(ONE))
    with pytest.raises(OneDocument):
        method(None, Request(f"{ONE}\nthe of"))
    with pytest.raises(TooFewWords):
        method(None, Request("cat\ncat"))


def test_one_document_is_counted_weighed_and_ranked():
    assert counting.weigh(None, Request(ONE)).idf.tolist() == [1, 1, 1, 1]  # rain wind hit coast
    assert len(ranking.textrank(None, Request(ONE)).sentences.names) == 1


@pytest.mark.parametrize("change", [
    {"topics": 1}, {"topics": 9}, {"steps": -1}, {"steps": 201}, {"seed": -1}, {"size": 1},
    {"size": 99}, {"window": 1}, {"window": 11}, {"cut": "sideways"}, {"function_words": "some"},
])
def test_a_setting_outside_its_range_is_told(change):
    with pytest.raises(OutOfRange):
        run(None, Request(CATS, **change))


def test_a_sentence_without_a_known_word_says_nothing_and_breaks_nothing():
    asked = Request(CATS, "Quantum chromodynamics <b>", topics=2)
    assert counted(asked).unknown == ("quantum", "chromodynamics", "b")
    assert not counting.weigh(None, asked).similar.any()
    assert not latent.lsa(None, asked).near.any()
    np.testing.assert_allclose(latent.plsa(None, asked).query, [0.5, 0.5])
    np.testing.assert_allclose(latent.lda(None, asked).lda.query, [0.5, 0.5])


def test_names_that_lay_on_each_other_are_moved_apart_and_stay_inside():
    places = np.array([[50.0, 50.0]] * 6 + [[90.0, 50.0]])
    boxes = np.tile([40.0, 18.0], (7, 1))
    fixed = np.arange(7) == 6
    moved = labels.spread(places, boxes, fixed, low=np.zeros(2), high=np.array([300.0, 200.0]))
    apart = np.abs(moved[:, None] - moved[None])
    on_each_other = (apart < boxes - 1).all(axis=-1) & ~np.eye(7, dtype=bool)
    assert not on_each_other.any()
    np.testing.assert_allclose(moved[6], places[6], atol=0.01)
    assert (moved >= boxes / 2 - 1e-9).all()
    assert labels.width_of("猫狗", 10) > labels.width_of("ab", 10)


def checked(figure):
    """Plotly's own check of every property, which `drawn` leaves to the tests."""
    import plotly.graph_objects as go

    return go.Figure({"data": [trace.to_plotly_json() for trace in figure.data],
                      "layout": figure.layout.to_plotly_json()})


def test_figures_are_valid_show_the_numbers_and_no_markup_of_a_learner():
    asked = replace(of("car"), query="An automobile.")
    space = latent.lsa(None, asked)
    plane = checked(spaces.plane(space, ("w", "d", "you"), LIGHT))
    by_name = {trace.name: trace for trace in plane.data if trace.name}
    np.testing.assert_allclose(by_name["d"].x, space.lsa.documents[:, 0])
    np.testing.assert_allclose(by_name["you"].y, [space.query[1]])
    spectrum = checked(spaces.spectrum(space, "k", LIGHT)).data[0]
    np.testing.assert_allclose(spectrum.y, space.lsa.singular)
    found = ranking.textrank(None, of("news"))
    graph = checked(spaces.graph(found.words, found.keywords, found.words.order()[-1], LIGHT))
    assert len(graph.data[2].x) == spaces.MOST_NODES + 1  # the one asked for, too
    drawn = checked(figures.bars(["<b>x", "y"], [0.5, -0.25], LIGHT, marked=(0,)))
    assert list(drawn.data[0].x) == [0.5, -0.25]
    assert "&lt;b&gt;x" in drawn.layout.yaxis.ticktext[0]
    both = np.array([0.1, 0.2])
    assert len(checked(figures.two_bars(["a", "b"], (both, both), ("p", "q"), LIGHT)).data) == 2
    three = counting.between(np.eye(3))[0]
    triangle = checked(figures.triangle("abc", three, LIGHT))
    assert [note.text for note in triangle.layout.annotations] == ["1.4142"] * 3
    rise = checked(figures.likelihood([-9.0, -4.5], ("x", "y"), LIGHT))
    assert list(rise.data[0].y) == [-9, -4.5] and list(rise.data[1].x) == [1]
    assert list(checked(figures.topic_words([("a", 0.4)], LIGHT.key, LIGHT)).data[0].x) == [0.4]
    shares = np.array([[0.9, 0.1], [0.25, 0.75]])
    mixed = checked(figures.mixtures(["a", "b"], shares, ["1", "2"], LIGHT))
    assert [list(bar.x) for bar in mixed.data] == shares.T.tolist()


def test_long_names_are_cut_by_their_width():
    assert figures.shortened("short") == "short"
    assert figures.shortened("猫" * 40).endswith("…") and len(figures.shortened("猫" * 40)) < 20
    assert len(figures.shortened("i" * 99)) > len(figures.shortened("猫" * 99))


@pytest.mark.parametrize(("value", "shown"), [
    (0.25, "0.2500"), (-0.25, "-0.2500"), (-4.5e-7, r"-4.50\cdot 10^{-7}"), (0, "0.0000"),
])
def test_numbers_in_formulas_are_tex(value, shown):
    assert tex(value) == shown
