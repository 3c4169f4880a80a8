"""BERT over a day's tweets: the mean over the day, a run that goes on, one look at the test."""

import numpy as np
import pytest
import torch

from core.models import files
from core.stocks.features import features
from core.stocks.splits import Cut
from core.stocks.table import FOLDER, TABLE, read
from core.training.stocks import end_to_end
from core.training.stocks.end_to_end import DayReader, Days, EndToEnd, result
from core.wordpiece.encoder import encode

TEXTS = ("$AAL up ten percent today", "terrible results, selling", "nothing new", "strong buy $AAL")


@pytest.fixture(scope="module")
def folder():
    return files.folder_of("embedded")


@pytest.fixture(scope="module")
def days(folder):
    """Some rows of the shipped table, each with one to three tweets."""
    table = read(FOLDER / TABLE).between("2015-01-01", "2015-03-01").rows(np.arange(120))
    ids = [np.array(encode(folder, text, None, 16).ids) for text in TEXTS]
    found = features(table, 1, ("sentiment",), "direction")
    return Days(found, tuple(
        tuple(ids[(i + k) % len(ids)] for k in range(1 + i % 3)) for i in range(len(found))
    ))


def test_a_day_is_the_mean_of_its_tweets(folder, days):
    torch.manual_seed(0)
    reader = DayReader(folder).eval()
    one, two = days.tweets[1][:1], days.tweets[1][1:2]
    with torch.inference_mode():
        both, first, second = (reader([day]).item() for day in ((*one, *two), one, two))
        together = reader([(*one, *two), one]).numpy()
    assert both == pytest.approx((first + second) / 2, abs=0.02)  # bfloat16 where there is
    assert together == pytest.approx([both, first], abs=0.02)


def test_a_stopped_run_goes_on_where_it_was(folder, days, tmp_path, monkeypatch):
    monkeypatch.setattr(end_to_end, "EPOCHS", 1)
    train, valid, test = np.arange(24), np.arange(24, 32), np.arange(32, 40)
    whole = EndToEnd(days, folder, tmp_path / "whole")
    whole.train(train, valid, test)
    first = EndToEnd(days, folder, tmp_path / "parts")
    rows = np.random.default_rng((end_to_end.SEED, 0)).permutation(train)[: end_to_end.BATCH]
    first._learn(rows, torch.tensor(days.found.y[rows], dtype=torch.float32), 0.0)
    first.step = 1
    first.save()
    again = EndToEnd(days, folder, tmp_path / "parts")
    assert again.step == 1
    again.train(train, valid, test)
    assert again.epochs[0]["test"] == pytest.approx(whole.epochs[0]["test"], abs=1e-3)


def test_the_epoch_is_chosen_on_the_validation_part_alone(days):
    y = days.found.y
    train, valid, test = np.arange(20), np.arange(20, 40), np.arange(40, 60)
    right, wrong = (y * 2.0 - 1.0), -(y * 2.0 - 1.0)
    epochs = [
        {"valid": wrong[valid].tolist(), "test": right[test].tolist()},
        {"valid": right[valid].tolist(), "test": wrong[test].tolist()},
    ]
    made = result(days, Cut(train, test, ((train, valid),)), epochs)
    assert made["epoch"] == 2
    assert made["test"]["accuracy"] == 0.0
    assert made["test"]["n"] == 20
