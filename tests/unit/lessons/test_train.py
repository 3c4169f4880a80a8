"""The lesson: its sets, what it counts, its answer with its proof, and its JSON."""

import json

import numpy as np
import pytest

from core.engine import local_engine
from core.live import errors
from core.live.jobs import shared_pool
from core.live.lines import parse
from core.live.plan import Plan
from lessons.text import presets
from lessons.theme import LIGHT
from lessons.train import figures, material, sizes
from lessons.train.lesson import (
    Asked,
    Request,
    ask,
    default_request,
    plan_of,
    run,
    scale,
    to_json,
)

LINES = "\n".join(
    f"{label}\t{text}" for label, text in (
        ("weather", "Heavy rain is expected tonight"), ("sport", "The striker scored twice"),
        ("weather", "It will be sunny and warm"), ("sport", "She won the final in straight sets"),
        ("weather", "Snow fell on the hills"), ("sport", "The goalkeeper saved a penalty"),
        ("weather", "Fog covers the valley"), ("sport", "He ran the marathon"),
    )
)


@pytest.fixture(scope="module")
def result():
    return run(local_engine(), Request("It rained on the pitch", LINES, mode="head", epochs=10))


@pytest.mark.parametrize("name", material.SETS)
def test_every_set_can_be_learned_from(name):
    lines = parse(material.text_of(name), material.SETS[name])
    assert len(lines.items) >= 30 and lines.repeated == 0
    if lines.kind == "sentence":
        assert min(lines.counts) >= 0.8 * max(lines.counts)  # no label wins by its number


def test_the_spam_set_is_of_a_size_that_a_class_can_wait_for():
    assert 60 <= len(parse(material.text_of("spam"), "sentence").items) <= 100


def test_chinese_lines_cost_the_english_model_most_of_their_pieces():
    engine = local_engine()
    found = material.run(engine, material.Request(material.text_of("zh_names"), "tags"))
    read = [engine.tokenize("embedded", item.text).tokens for item in found.lines.items]
    assert found.unknown == sum(tokens.count("[UNK]") for tokens in read)
    assert found.unknown_share > material.MANY_UNKNOWN and found.lines.unit == "characters"
    english = material.run(engine, material.Request(material.text_of("spam"), "sentence"))
    assert english.unknown == 0


def test_the_answer_is_recomputed_from_the_heads_own_numbers(result):
    assert result.proof.holds
    assert result.answer.best[0] in ("weather", "sport")
    np.testing.assert_allclose(result.answer.probabilities.sum(-1), 1.0)


def test_the_frozen_vector_is_the_one_that_the_engine_gives(result):
    cls = local_engine().encode([result.answer.text], pooling="cls")[0]
    np.testing.assert_allclose(result.answer.said.vectors[0], cls, atol=1e-4)


def test_the_json_is_plain_and_has_the_curve_and_the_answer(result):
    shown = json.loads(json.dumps(to_json(result), allow_nan=False))
    assert shown["label"] in shown["probabilities"] and shown["labels"] == ["weather", "sport"]
    assert [p["epoch"] for p in shown["curve"]] == list(range(11))
    assert np.sum(shown["held_out"]["confusion"]) == 2


def test_an_unknown_result_is_gone_and_says_so():
    with pytest.raises(errors.ResultGone):
        ask(local_engine(), Asked("0" * 32, "hello"))


def test_a_request_without_epochs_takes_those_of_its_mode():
    plans = {mode: plan_of(Request("x", LINES, mode=mode)) for mode in ("head", "all")}
    assert plans["head"].epochs > plans["all"].epochs and plans["head"].rate > plans["all"].rate
    assert plan_of(Request("x", LINES, epochs=3)).epochs == 3


def test_every_preset_names_a_set_and_a_mode():
    for preset in presets("train"):
        request = default_request(preset, "embedded")
        assert request.kind == material.SETS[preset.controls["set"]]
        assert plan_of(request).checked(6)


def test_the_scale_is_counted_from_the_lines():
    small = scale(parse(LINES, "sentence"), Plan(batch=4, held_out=0.25))
    assert (small.taught, small.held, small.steps, small.points) == (6, 2, 2, 50.0)


def test_the_embedded_encoder_has_the_size_that_its_file_says():
    engine = local_engine()
    info = engine.info("embedded")
    heads = sizes.encoder(info)
    pooler = info.hidden * info.hidden + info.hidden
    mlm = info.hidden * info.hidden + 3 * info.hidden + info.vocabulary
    nsp = 2 * info.hidden + 2
    assert heads + pooler + mlm + nsp == info.parameters


def test_the_figures_are_ones_that_plotly_accepts(result):
    import plotly.graph_objects as go

    found, names = result.outcome, ["a", "b", "c", "d", "e"]
    points = np.random.default_rng(0).random((4, 2))
    drawn = [
        figures.losses(found.curve, found.losses, found.steps, names, LIGHT),
        figures.accuracies(found.curve, found.steps, names, LIGHT),
        figures.shares(found.labels, result.answer.probabilities[0], LIGHT),
        figures.cloud(points, [0, 1, 0, 1], [True, False, False, True], list("abcd"),
                      found.labels, points, LIGHT),
        figures.cloud(points, [0, 1, 0, 1], [False] * 4, list("abcd"), found.labels, None, LIGHT),
    ]
    for figure in drawn:
        go.Figure(figure.to_dict())


def test_hostile_labels_stay_text_in_the_figures():
    evil = "<script>alert(1)</script>"
    figure = figures.shares([evil, "b"], np.array([0.4, 0.6]), LIGHT)
    assert "<script>" not in str(figure.layout.yaxis.ticktext)


def teardown_module() -> None:
    shared_pool().close()
