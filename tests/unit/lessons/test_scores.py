"""What it scored: figures as published, their averages, and each task asked of a model."""

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from core.engine import local_engine
from core.engine.stub import StubEngine
from core.errors import (
    BadInput,
    EmptyText,
    MissingHead,
    OutOfRange,
    TaskNeedsPair,
    TooManyPieces,
)
from core.tasks.adapter import is_here
from core.trace.recompute import softmax
from lessons.scores import figures, figures_more, ideas, lesson, results
from lessons.scores.lesson import Request, checked, default_request, run, to_json, way_of
from lessons.scores.likelihood import MOST_PIECES, likelihood
from lessons.scores.published import (
    BEST,
    ORDERS,
    gains,
    leaderboard,
    size_and_gain,
    system,
    systems,
    task,
    tasks,
)
from lessons.scores.similarity import cosine, similarity
from lessons.text import LANGUAGES, presets, sections
from lessons.theme import DARK, LIGHT

TEXT = "The cat sat on the mat."
TEXT_B = "A cat lay on a rug."


@pytest.fixture(scope="module")
def engine():
    return local_engine()


@pytest.fixture
def without_heads(monkeypatch):
    monkeypatch.setattr(lesson, "is_here", lambda name: False)


# Table 1


def test_the_published_averages_are_those_of_nine_columns():
    """Nine columns, MNLI twice: all of the paper's averages but ELMo's, by rounding of its nine."""
    for row in systems():
        assert len(row.scores) == 9
        off = abs(row.mean_of_columns - row.average)
        assert off <= (0.05 if row.id != "elmo" else 0.06), row.name
    large = system("large")
    assert f"{large.mean_of_columns:.1f}" == f"{large.average:.1f}" == "82.1"
    # eight tasks, MNLI as (86.7 + 85.9) / 2: (86.3 + 566.1) / 8
    assert large.mean_of_tasks() == pytest.approx(81.55)


def test_the_best_before_bert_is_taken_column_by_column():
    best = system(BEST)
    assert best.scores["cola"] == 45.4  # GPT
    assert best.scores["rte"] == 61.7  # Pre-OpenAI SOTA
    assert best.scores["sst2"] == 93.2


def test_bert_large_gains_most_on_cola_and_least_on_sst2():
    found = gains(BEST, "large", order="gain")
    assert [found[0].task.name, found[1].task.name] == ["CoLA", "RTE"]
    assert found[0].points == 15.1  # 60.5 - 45.4
    assert found[-1].task.name == "SST-2"
    assert found[0].errors_gone == pytest.approx(15.1 / (100 - 45.4))


def test_gains_come_in_the_asked_order_and_kind():
    assert [g.task.id for g in gains("gpt", "base")] == [t.id for t in tasks()]
    sizes = [g.task.train for g in gains("gpt", "base", order="size")]
    assert sizes == sorted(sizes)
    assert {g.task.id for g in gains("gpt", "base", "inference")} == {"mnli", "qnli", "rte"}


def test_small_sets_gain_more_by_rank():
    """Ranks of 8 sizes and gains: rho = 1 - 6 sum d^2 / (8 * 63)."""
    found = gains(BEST, "large")
    sizes = np.argsort(np.argsort([g.task.train for g in found]))
    points = np.argsort(np.argsort([g.points for g in found]))
    rho = 1 - 6 * int(((sizes - points) ** 2).sum()) / (8 * 63)
    assert size_and_gain(found) == pytest.approx(rho) and rho < 0


def test_guessing_scores_what_the_classes_say():
    assert task("mnli").chance == pytest.approx(100 / 3)
    assert task("sst2").chance == 50
    assert task("cola").chance == task("stsb").chance == 0
    # F1 of always "yes" with 68 % positive: precision .68, recall 1
    assert task("mrpc").chance == pytest.approx(100 * 2 * 0.68 / 1.68)


def test_the_leaderboard_score_is_no_average_of_the_table():
    assert leaderboard()["large"] < system("large").average


# The other tables, and later models


def test_every_result_names_its_table_and_has_a_figure():
    for row in results.others():
        assert row.table in (2, 3, 4, 7) and (row.dev or row.test)
    swag = {r.system: (r.dev, r.test) for r in results.others() if r.set == "SWAG"}
    assert swag["ESIM+GloVe"] == ("51.9", "52.7") and swag["BERT-large"] == ("86.6", "86.3")


def test_reading_left_to_right_costs_most_on_squad():
    found = results.ablation()
    assert found.columns[4] == "SQuAD 1.1"
    assert found.loss(2, 4) == 10.7  # 88.5 - 77.8
    assert max(found.loss(2, c) for c in range(5)) == 10.7
    assert all(found.loss(0, c) == 0 for c in range(5))


def test_a_printed_mean_agrees_with_the_figures_it_is_of():
    """By rounding, and by 0.13 in DeBERTa's table."""
    printed = [m for m in results.models() if m.published is not None]
    assert len(printed) >= 5
    for model in printed:
        assert model.mean == pytest.approx(model.published, abs=0.13), model.name


def test_models_come_by_date_and_each_has_paper_and_source():
    found = results.models()
    assert [m.when for m in found] == sorted(m.when for m in found)
    assert all(m.paper and m.source and m.million > 0 for m in found)
    assert results.model("spanbert").mean is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_task_measure_way_and_model_has_its_text(language):
    text = sections("scores", language)
    for t in tasks():
        assert f"task-{t.id}" in text and f"metric-{t.metric}" in text
    for way in lesson.WAYS:
        assert f"way-{way}" in text


# A task asked of the model


def test_every_task_has_an_example_among_the_presets():
    shown = {p.controls["glue"]: p for p in presets("scores") if "en" in p.languages}
    assert set(shown) == {t.id for t in tasks()}
    for glue, preset in shown.items():
        if task(glue).pair:
            assert preset.text_b


@pytest.mark.parametrize("glue", [t.id for t in tasks()])
def test_a_task_is_answered_by_its_way_with_a_proof(engine, glue):
    preset = next(p for p in presets("scores") if p.controls["glue"] == glue)
    result = run(engine, default_request(preset, "embedded"))
    way, adapter = way_of(glue, "embedded")
    assert (result.way, result.adapter) == (way, adapter)
    assert result.proof.holds and result.proof.checks
    assert to_json(result)["glue"] == glue


def test_a_head_is_used_where_its_adapter_is_here(monkeypatch):
    monkeypatch.setattr(lesson, "is_here", lambda name: True)
    assert way_of("sst2", "embedded") == ("head", "sentiment")
    assert way_of("rte", "embedded") == way_of("mnli", "embedded") == ("head", "nli")
    assert way_of("sst2", "bert-base-uncased") == ("prompt", "")
    assert way_of("mrpc", "embedded") == ("similarity", "")


def test_the_stubs_heads_answer_the_tasks_of_pairs(monkeypatch):
    monkeypatch.setattr(lesson, "is_here", lambda name: True)
    stub = StubEngine()
    found = run(stub, Request(TEXT, TEXT_B, "rte"))
    assert found.head is not None
    assert found.entailed == pytest.approx(found.head.answer.probabilities[0])
    span = run(stub, Request("Who sat?", TEXT, "qnli"))
    assert span.head is not None and span.head.answer.shape == "span"


def test_what_cannot_be_asked_is_refused_before_any_pass(engine, without_heads):
    before = engine.forward_passes
    for kind, request in (
        (EmptyText, Request("  ", TEXT_B, "mrpc")),
        (TaskNeedsPair, Request(TEXT, "", "mrpc")),
        (TooManyPieces, Request("word " * (MOST_PIECES + 1), "", "cola")),
        (BadInput, Request(TEXT, "", "wnli")),
    ):
        with pytest.raises(kind):
            checked(engine, request)
    assert engine.forward_passes == before


def test_without_a_masked_lm_head_there_is_no_likelihood(engine, monkeypatch, without_heads):
    info = replace(engine.info("embedded"), has_mlm=False)
    monkeypatch.setattr(type(engine), "info", lambda self, model: info)
    for glue in ("cola", "sst2"):
        with pytest.raises(MissingHead):
            checked(engine, Request(TEXT, "", glue))


# Likelihood, similarity, the blank


def test_pseudo_log_likelihood_sums_what_mask_fill_says(engine):
    """Each word hidden with [MASK] in the text itself: the same log-probabilities."""
    found, check = likelihood(engine, "embedded", "The cat sat.")
    assert check.holds and found.tokens == ("the", "cat", "sat", ".")
    whole = 0.0
    for hidden, word in (("[MASK] cat sat.", "the"), ("The [MASK] sat.", "cat"),
                         ("The cat [MASK].", "sat"), ("The cat sat[MASK]", ".")):
        fill = engine.mask_fill(hidden, top_k=30522)
        mask = fill.masks[0]
        whole += np.log(softmax(np.array(mask.logits))[mask.tokens.index(word)])
    assert found.total == pytest.approx(whole, abs=1e-4)
    assert found.mean == pytest.approx(found.total / 4)
    assert found.weakest == found.places[int(found.log_p.argmin())]


def test_word_salad_is_less_likely_than_the_sentence(engine):
    good, _ = likelihood(engine, "embedded", "The children are singing in the garden.")
    bad, _ = likelihood(engine, "embedded", "The garden in are the children singing.")
    assert good.total > bad.total


def test_cosine_by_hand():
    """(1, 0) and (1, 1): 1 / sqrt 2."""
    assert cosine(np.array([1.0, 0]), np.array([1.0, 1])) == pytest.approx(2**-0.5)
    assert cosine(np.zeros(2), np.ones(2)) == 0


def test_a_sentence_is_nearest_to_itself(engine):
    same, check = similarity(engine, "embedded", TEXT, TEXT)
    assert same.cosine == pytest.approx(1) and same.shared == 1 and same.rank == 1
    other, _ = similarity(engine, "embedded", TEXT, "Two of five plants will be shut down.")
    assert other.cosine < same.cosine and check.holds
    assert len(other.layers) == engine.info("embedded").layers + 1
    assert other.layers[-1] == pytest.approx(other.cosine, abs=1e-5)


def test_a_blank_in_front_asks_for_sentiment(engine, without_heads):
    result = run(engine, Request("A wonderful film full of joy.", "", "sst2"))
    assert result.prompt is not None and result.prompt.text.startswith("It was [MASK].")
    fill = engine.mask_fill(result.prompt.text, top_k=30522).masks[0]
    at = fill.tokens.index("great")
    assert result.prompt.p[1] == pytest.approx(fill.probabilities[at], rel=1e-4)


# Ideas of later models


def test_sharing_counts_the_models_own_weights(engine):
    """A layer: 4 maps H x H, two of H x F, six biases, two LayerNorms."""
    found, info = ideas.sharing(engine, "embedded"), engine.info("embedded")
    h, f = info.hidden, info.inner
    assert found.layer == 4 * (h * h + h) + (h * f + f) + (f * h + h) + 4 * h
    assert found.shared == info.parameters - (info.layers - 1) * found.layer
    assert found.both == found.shared - info.vocabulary * h + 128 * (info.vocabulary + h)


def test_half_the_layers_are_every_second_one(engine):
    found = ideas.halving(engine, ideas.HalvingRequest(TEXT))
    assert found.layers == 6 and found.kept == (0, 2, 4)
    assert found.seconds > 0 and found.faster == found.seconds / found.half_seconds
    best = engine.mask_fill("The cat sat [MASK] the mat.", top_k=1).masks[0]
    assert found.encoded.tokens[found.place] == "on"
    assert found.word == (best.tokens[0], pytest.approx(best.probabilities[0], rel=1e-4))


def test_a_replaced_piece_is_a_draw_of_the_masked_lm(engine):
    one = ideas.replaced(engine, ideas.ReplacedRequest(TEXT, 3, 4))
    again = ideas.replaced(engine, ideas.ReplacedRequest(TEXT, 3, 4))
    assert one.drawn == again.drawn and one.original[0] == "sat"
    fill = engine.mask_fill("The cat [MASK] on the mat.", top_k=30522).masks[0]
    at = fill.tokens.index(one.drawn[0])
    assert one.drawn[1] == pytest.approx(fill.probabilities[at], rel=1e-4)
    assert one.tokens[3] == one.drawn[0] and one.tokens[:3] == one.encoded.tokens[:3]
    assert one.proof.holds
    with pytest.raises(OutOfRange):
        ideas.replaced(engine, ideas.ReplacedRequest(TEXT, 99))


def test_two_epochs_draw_their_masks_apart(engine):
    text = "The quick brown fox jumps over the lazy dog and runs into the dark forest."
    pairs = [ideas.masks(engine, ideas.MasksRequest(text, seed)) for seed in range(1, 6)]
    assert any(one.chosen != other.chosen for one, other in pairs)
    assert all(one.encoded == other.encoded for one, other in pairs)
    assert pairs[0][1] == pairs[1][0]


# Figures


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_plotly_accepts_every_figure(engine, theme):
    found = gains(BEST, "large")
    near, _ = similarity(engine, "embedded", TEXT, TEXT_B)
    likely, _ = likelihood(engine, "embedded", TEXT)
    for figure in (
        figures.dots(found, ("a", "b"), systems()[:2], theme),
        figures.by_size(found, ("x", "y"), theme),
        figures_more.losses(results.ablation(), ["a", "b", "c", "d"], theme),
        figures_more.growth(results.sizes(), ("x", "y"), theme),
        figures_more.years(results.models(), "roberta", "x", theme),
        figures_more.pieces(likely, theme, 0, 3, -10.0),
        figures_more.layers(near.layers, near.strangers, ("a", "b"), ("x", "y"), theme),
        figures_more.classes(["a", "b"], [0.2, 0.8], theme),
        figures_more.numbers(["a", "b"], [10, 5], theme),
    ):
        go.Figure(figure.to_plotly_json())  # checks every property


def test_the_picture_has_a_row_a_task_and_says_each_gain():
    found = gains(BEST, "large", order="gain")
    figure = figures.dots(found, ("a", "b"), (), LIGHT)
    labels = [a["text"] for a in figure.layout.annotations]
    assert labels[0] == "<b>+15.1</b>" and len(labels) == len(tasks())
    assert set(ORDERS) == {"paper", "gain", "size", "score"}


def test_what_is_here_decides_the_note():
    for t in tasks():
        if t.adapter:
            assert (way_of(t.id, "embedded")[0] == "head") == is_here(t.adapter)
