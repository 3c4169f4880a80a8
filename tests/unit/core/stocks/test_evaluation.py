"""Classifiers against days that they have not seen, and what the teaching switches do."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import Cancelled, OneDirection, TooFewDays, TooFewTweetDays
from core.stocks.classifiers import CLASSIFIERS
from core.stocks.evaluation import Settings, evaluate
from core.stocks.features import features
from core.stocks.table import DayTable
from tests.small_days import small_days
from tests.unit.core.stocks.test_features import garbled_after

QUICK = Settings(classifiers=("majority", "yesterday", "knn", "logistic", "svm", "tree"), draws=100)


@pytest.fixture(scope="module")
def table() -> DayTable:
    return small_days(days=150)


@pytest.fixture(scope="module")
def report(table):
    return evaluate(table, replace(QUICK, classifiers=CLASSIFIERS))


def tilted(table: DayTable, share: float = 0.65) -> DayTable:
    """The same days with a market that mostly rises."""
    rng = np.random.default_rng(4)
    size = np.abs(rng.normal(0.01, 0.002, len(table))) + 0.006
    up = rng.random(len(table)) < share
    return replace(table, next_return=np.where(up, size, -size).astype(np.float32))


def test_each_classifier_has_a_row_a_window_on_the_same_days(report):
    assert [(r.classifier, r.window) for r in report.rows] == [
        (name, window) for name in CLASSIFIERS for window in (1, 3)
    ]
    assert len({(r.n, r.days) for r in report.rows}) == 1
    assert all(r.ran_on == "cpu" for r in report.rows)


def test_the_rows_are_what_the_predictions_say(report, table):
    for row in report.rows:
        said = report.said(row.classifier, row.window)
        assert row.n == len(said.rows)
        assert row.scores.accuracy == (said.said == said.actual).mean()
        assert ((said.score > 0) == (said.said == 1)).all()
        assert row.scores.low <= row.scores.accuracy <= row.scores.high
        up = table.next_return[said.rows] > 0
        assert (up == (said.actual == 1)).all()


def test_the_majority_is_that_of_the_training_part(report):
    row = report.row("majority", 1)
    assert row.scores.accuracy == report.majority
    assert row.p_permutation == 1.0


def test_yesterdays_direction_is_just_that(report, table):
    said = report.said("yesterday", 1)
    assert (said.said == (table.return_1[said.rows] > 0)).all()


def test_what_comes_later_changes_no_earlier_prediction(table):
    """Noise in every column after a day; days without texts stay, so the rows are the same."""
    settings = replace(QUICK, least_tweets=0)
    day = table.date[110]
    first, second = (evaluate(t, settings) for t in (table, garbled_after(table, day)))
    for before, after in zip(first.predicted, second.predicted, strict=True):
        assert before.rows.tolist() == after.rows.tolist()
        early = table.date[before.rows] <= day
        assert early.sum() > 100
        assert np.array_equal(before.score[early], after.score[early])
        later = ~early
        assert before.classifier == "majority" or (before.score[later] != after.score[later]).any()


def test_with_nothing_to_go_by_they_all_answer_the_majority_class(table):
    """The 0.627619 effect: one accuracy, to the last digit, whatever the classifier."""
    found = evaluate(
        tilted(table),
        replace(QUICK, constant=True, least_tweets=0,
                classifiers=("majority", "logistic", "svm", "tree", "forest", "boosting")),
    )
    assert {row.scores.accuracy for row in found.rows} == {found.majority}
    assert {row.scores.mcc for row in found.rows} == {0.0}
    assert found.majority == found.base_rate > 0.6


def test_neighbours_of_equal_distance_give_one_answer_and_not_the_majority_for_sure(table):
    found = evaluate(
        tilted(table), replace(QUICK, constant=True, classifiers=("knn",), least_tweets=0)
    )
    for said in found.predicted:
        for fold in np.unique(said.fold):
            assert len(np.unique(said.said[said.fold == fold])) == 1


def test_shuffled_labels_can_not_be_learned(table):
    known = replace(table, mean=np.sign(table.next_return), tweets=np.ones(len(table), np.int32))
    settings = replace(QUICK, sets=("sentiment",), classifiers=("logistic", "tree"), windows=(1,))
    assert all(row.scores.accuracy > 0.99 for row in evaluate(known, settings).rows)
    noise = evaluate(known, replace(settings, shuffled=True))
    assert all(abs(row.scores.accuracy - 0.5) < 0.12 for row in noise.rows)
    assert all(row.p_permutation > 0.01 for row in noise.rows)


def test_a_signal_that_is_there_is_found_and_significant(table):
    rng = np.random.default_rng(5)
    hint = np.sign(table.next_return) + rng.normal(0, 1.2, len(table))
    known = replace(table, mean=hint.astype(np.float32), tweets=np.ones(len(table), np.int32))
    found = evaluate(known, replace(QUICK, sets=("sentiment",), windows=(1,)))
    for name in ("knn", "logistic", "svm"):
        row = found.row(name, 1)
        assert row.scores.accuracy > 0.65 and row.scores.mcc_low > 0.1
        assert row.p_permutation < 0.02


def test_the_random_split_rewards_what_knows_the_day():
    """A market that moves all tickers together: the leak is worth much, walking forward nothing."""
    table = small_days(days=150, tickers=tuple(f"T{i:02d}" for i in range(12)))
    rng = np.random.default_rng(6)
    _, day = np.unique(table.date, return_inverse=True)
    together = rng.normal(0, 0.02, day.max() + 1)[day] + rng.normal(0, 0.002, len(table))
    table = replace(table, next_return=together.astype(np.float32))
    settings = Settings(windows=(1,), sets=("market",), classifiers=("knn", "tree"),
                        least_tweets=0, draws=50)
    leaked, honest = (
        evaluate(table, replace(settings, split=split)) for split in ("random", "walk-forward")
    )
    for name in settings.classifiers:
        assert leaked.row(name, 1).scores.accuracy > 0.75
        assert honest.row(name, 1).scores.accuracy < 0.6


def test_one_model_a_sector_judges_the_same_rows(table):
    names = np.where(table.ticker == "AAA", "Food", "Toys")
    found = evaluate(replace(table, sector=names), replace(QUICK, pool="sector"))
    whole = evaluate(table, QUICK)
    assert found.row("knn", 1).n == whole.row("knn", 1).n
    assert (found.said("knn", 1).score != whole.said("knn", 1).score).any()
    assert found.learned == ()


def test_one_ticker_is_learned_from_alone(table):
    found = evaluate(table, replace(QUICK, least_tweets=0), ("BBB",))
    assert set(table.ticker[found.said("tree", 3).rows]) == {"BBB"}


def test_the_same_seed_gives_the_same_report(table, report):
    again = evaluate(table, replace(QUICK, classifiers=CLASSIFIERS, jobs=1))
    for a, b in zip(report.predicted, again.predicted, strict=True):
        assert np.array_equal(a.score, b.score), a.classifier
    assert [r.scores for r in report.rows] == [r.scores for r in again.rows]


def test_weights_and_trees_of_the_last_fold_give_its_scores(report, table):
    assert {(k.classifier, k.window) for k in report.learned} == {
        (name, window) for name in ("logistic", "svm", "tree") for window in (1, 3)
    }
    for kept in report.learned:
        said = report.said(kept.classifier, kept.window)
        last = said.fold == len(report.folds) - 1
        seen = features(table, kept.window)
        x = seen.x[np.searchsorted(seen.rows, said.rows[last])]
        assert np.allclose(kept.score(x), said.score[last], atol=1e-5)


def test_progress_is_told_with_rate_and_time_left_and_can_cancel(table):
    steps = []
    evaluate(table, QUICK, tell=steps.append)
    assert steps[0].done == 0 and steps[-1].done == steps[-1].total == 6 * 2 * 5
    assert steps[-1].rate > 0 and steps[-1].left == 0
    with pytest.raises(Cancelled):
        evaluate(table, QUICK, tell=lambda step: step.done < 5)


def test_bad_tables_are_refused_in_one_sentence(table):
    with pytest.raises(TooFewDays, match="There are 40 trading days; at least 60 are needed"):
        evaluate(small_days(days=40), QUICK)
    silent = table.tweets.copy()
    silent[table.date > table.date[20]] = 0
    with pytest.raises(TooFewTweetDays, match=r"Only \d+ of 150 trading days have texts"):
        evaluate(replace(table, tweets=silent), QUICK)
    rising = replace(table, next_return=np.abs(table.next_return) + 0.001)
    with pytest.raises(OneDirection, match="went up"):
        evaluate(rising, QUICK)
    falling = replace(table, next_return=-np.abs(table.next_return))
    with pytest.raises(OneDirection, match="went down"):
        evaluate(falling, QUICK)
