"""What the stock page shows beside the table: one more tweet, the neighbours, verdicts, figures."""

from dataclasses import replace

import numpy as np
import pytest

from core.stocks.evaluation import Settings, evaluate
from core.stocks.learned import Linear, Tree
from core.stocks.reference import EXERCISE
from lessons.stocks import beforehand, figures, figures_days, figures_learned, figures_split, whatif
from lessons.stocks.lesson import Request, answer, default_request
from lessons.stocks.reading import verdict
from lessons.stocks.story import CONTROLS, SETTINGS, STEPS, controls, shared_days
from lessons.text import presets
from lessons.theme import DARK, LIGHT
from tests.small_days import TICKERS, small_days

POSITIVE = np.array([0.1, 0.2, 0.7], np.float32)
VECTOR = np.linspace(-1, 1, 16).astype(np.float32)
FAST = Settings(draws=50, folds=3)


@pytest.fixture(scope="module")
def table():
    return small_days()


@pytest.fixture(scope="module")
def report(table):
    return evaluate(table, FAST)


def row_with_texts(table, count=2):
    return int(np.flatnonzero(table.tweets == count)[10])


def test_one_more_text_changes_the_day_as_a_mean_over_all_its_texts_would(table):
    row = row_with_texts(table)
    n, old = 2, float(table.mean[row])
    after = whatif.with_text(table, row, POSITIVE, VECTOR)
    said = 0.7 - 0.1
    assert after.tweets[row] == n + 1
    assert after.mean[row] == pytest.approx((n * old + said) / 3, abs=1e-6)
    square = (n * (float(table.spread[row]) ** 2 + old**2) + said**2) / 3
    assert after.spread[row] ** 2 == pytest.approx(square - after.mean[row] ** 2, abs=1e-6)
    assert after.positive[row] == pytest.approx((n * float(table.positive[row]) + 1) / 3, abs=1e-6)
    assert after.negative[row] == pytest.approx(n * float(table.negative[row]) / 3, abs=1e-6)
    expected = (n * table.vector[row].astype(float) + VECTOR) / 3
    assert after.vector[row].astype(float) == pytest.approx(expected, abs=2e-3)


def test_the_first_text_of_a_day_is_its_mean_and_has_no_spread(table):
    row = int(np.flatnonzero(table.tweets == 0)[5])
    after = whatif.with_text(table, row, POSITIVE, VECTOR)
    assert after.mean[row] == pytest.approx(0.6, abs=1e-6)
    assert after.spread[row] == pytest.approx(0, abs=1e-6)


def test_one_more_text_changes_no_other_day(table):
    row = row_with_texts(table)
    after = whatif.with_text(table, row, POSITIVE, VECTOR)
    others = np.arange(len(table)) != row
    for name in ("tweets", "mean", "spread", "positive", "negative", "change", "vector"):
        np.testing.assert_array_equal(getattr(after, name)[others], getattr(table, name)[others])


@pytest.mark.parametrize("classifier", ["knn", "logistic", "svm", "tree", "yesterday", "majority"])
@pytest.mark.parametrize("which", [0, -1])
def test_the_classifier_asked_again_says_what_the_evaluation_stored(
    table, report, classifier, which
):
    said = report.said(classifier, 1)
    at = int(np.flatnonzero(said.fold == (0 if which == 0 else said.fold.max()))[which])
    row = int(said.rows[at])
    judge = whatif.judge_of("small", table, TICKERS, report, classifier, 1, row)
    moved = whatif.moved(judge, table, TICKERS, report, row, POSITIVE, VECTOR)
    assert moved.before == pytest.approx(moved.stored, abs=1e-5)
    if classifier in ("yesterday", "majority"):
        assert moved.after == moved.before


def test_with_constant_features_no_tweet_can_move_anything(table):
    found = evaluate(table, replace(FAST, constant=True, classifiers=("logistic",)))
    row = int(found.said("logistic", 1).rows[-1])
    judge = whatif.judge_of("constant", table, TICKERS, found, "logistic", 1, row)
    moved = whatif.moved(judge, table, TICKERS, found, row, POSITIVE, VECTOR)
    assert moved.after == moved.before


def test_a_classifier_of_one_sector_is_found_again(table):
    settings = replace(FAST, pool="sector", classifiers=("logistic",))
    found = evaluate(table, settings)
    said = found.said("logistic", 1)
    judge = whatif.judge_of("sector", table, TICKERS, found, "logistic", 1, int(said.rows[0]))
    moved = whatif.moved(judge, table, TICKERS, found, int(said.rows[0]), POSITIVE, VECTOR)
    assert moved.before == pytest.approx(moved.stored, abs=1e-5)


def test_neighbours_are_learned_days_and_never_the_judged_ones(table, report):
    said = report.said("knn", 1)
    row = int(said.rows[-1])
    judge = whatif.judge_of("near", table, TICKERS, report, "knn", 1, row)
    near = whatif.near(judge, row)
    assert len(near) == whatif.NEAR
    assert all(table.date[one.row] < table.date[row] for one in near)
    distances = [one.distance for one in near]
    assert distances == sorted(distances)


def test_a_random_split_has_every_day_on_both_sides_and_walk_forward_none(table, report):
    mixed = evaluate(table, replace(FAST, split="random", classifiers=("majority",)))
    assert shared_days(table, TICKERS, mixed) > 0.5
    assert shared_days(table, TICKERS, report) == 0


def test_the_verdict_counts_tries_and_what_luck_would_give(report):
    said = verdict(report)
    assert said.tried == 14 and said.expected == pytest.approx(0.7)
    assert said.limit == pytest.approx(0.05 / 14)
    assert said.below == sum(
        row.p_permutation < 0.05 for row in report.rows if row.classifier != "majority"
    )


def test_constant_features_make_several_classifiers_agree_to_the_last_digit(table):
    rising = replace(table, next_return=table.next_return + np.float32(0.006))
    said = verdict(evaluate(rising, replace(FAST, constant=True)))
    assert said.same >= 4


@pytest.mark.parametrize("measure", figures.MEASURES)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_standings_have_a_dot_and_its_interval_for_every_row(report, measure, theme):
    names = list(dict.fromkeys(row.classifier for row in report.rows))
    words = figures.Words(names, ["1", "3"], "majority", "chance", "exercise", measure)
    figure = figures.standings(report, measure, words, EXERCISE, theme)
    for window, trace in zip((1, 3), figure.data, strict=False):
        for at, name in enumerate(names):
            value, low, high = figures.interval(report.row(name, window), measure)
            assert trace.x[at] == value
            assert trace.x[at] + trace.error_x.array[at] == pytest.approx(high)
            assert trace.x[at] - trace.error_x.arrayminus[at] == pytest.approx(low)
    line = {"accuracy": report.majority, "balanced": 0.5, "mcc": 0.0}[measure]
    assert figure.layout.shapes[0].x0 == line
    assert len(figure.data) == (3 if measure == "accuracy" else 2)


def test_the_exercises_figures_stand_where_they_were_handed_down(report):
    names = list(dict.fromkeys(row.classifier for row in report.rows))
    words = figures.Words(names, ["1", "3"], "m", "c", "exercise", "accuracy")
    diamonds = figures.standings(report, "accuracy", words, EXERCISE, LIGHT).data[2]
    assert sorted(diamonds.x) == sorted(
        [r.one for r in EXERCISE] + [r.three for r in EXERCISE]
    )


def test_right_and_wrong_days_add_up_to_the_judged_ones(table, report):
    said = report.said("logistic", 1)
    words = figures_days.Words("p", "right", "wrong", "s", "u", "d", "t", "day")
    figure = figures_days.days(table, said, "AAA", int(said.rows[0]), words, LIGHT)
    own = table.ticker[said.rows] == "AAA"
    assert len(figure.data[1].x) == int((said.said[own] == said.actual[own]).sum())
    assert len(figure.data[1].x) + len(figure.data[2].x) == int(own.sum())


def test_the_drawn_tree_has_a_box_a_node_and_goes_no_deeper_than_asked(report):
    tree = next(one for one in report.learned if isinstance(one, Tree))
    words = figures_learned.Words("y", "n", str, str, str)
    drawn = figures_learned.tree(tree, str, words, LIGHT, depth=2)
    assert len(drawn.layout.annotations) == len(drawn.data[0].x) + len(drawn.layout.shapes)
    assert min(drawn.data[0].y) >= -2


def test_the_bars_are_the_largest_weights(report):
    linear = next(one for one in report.learned if isinstance(one, Linear))
    bars = figures_learned.weights(linear, str, LIGHT, most=5).data[0]
    expected = sorted(linear.weight, key=lambda w: -abs(w))[:5]
    assert list(bars.x) == pytest.approx(expected)


def test_the_calendar_has_a_line_a_fold(report):
    words = figures_split.Words("l", "j", "b", "fold")
    figure = figures_split.calendar(report, words, LIGHT)
    assert len(figure.layout.yaxis.ticktext) == len(report.folds)


def test_every_step_of_the_story_sets_every_control_and_a_preset_shows_it():
    asked = {default_request(preset, "embedded") for preset in presets("stocks")}
    for step in STEPS:
        assert set(controls(step)) == set(CONTROLS)
        assert SETTINGS[step] in asked


def test_every_preset_sets_every_control():
    for preset in presets("stocks"):
        assert set(preset.controls) == {"step", *CONTROLS}


def test_a_stored_report_comes_back_as_it_was(tmp_path, monkeypatch, table):
    request = Request()
    monkeypatch.setattr(beforehand.stored, "FOLDER", tmp_path)
    monkeypatch.setattr(beforehand, "requests", lambda: (request,))
    monkeypatch.setattr(beforehand, "shipped", lambda: table)
    monkeypatch.setattr(beforehand, "_table_hash", lambda: "hash")
    monkeypatch.setattr(beforehand, "settings_of", lambda request: FAST)
    beforehand._index.cache_clear()
    beforehand.store()
    found = beforehand.load(request)
    expected = evaluate(table, FAST)
    assert [row.scores for row in found.rows] == [row.scores for row in expected.rows]
    assert found.names == expected.names and found.settings == expected.settings
    assert [type(one) for one in found.learned] == [type(one) for one in expected.learned]
    np.testing.assert_array_equal(found.predicted[3].score, expected.predicted[3].score)
    assert beforehand.load(Request(split="random")) is None
    beforehand._index.cache_clear()


def test_the_answer_of_a_table_proves_itself(table):
    found = answer(table, Request())
    assert found.proof.holds
