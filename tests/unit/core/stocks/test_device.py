"""What runs on a GPU says the same as scikit-learn on the CPU; here on torch's CPU tensors."""

import sys

import numpy as np
import pytest

from core.errors import DeviceUnavailable
from core.stocks import accelerated, device
from core.stocks.classifiers import CLASSIFIERS, ON_DEVICE, Part, choose, fit, runs_on, scores
from core.stocks.learned import learned

RNG = np.random.default_rng(0)
X = (RNG.normal(size=(1500, 30)) * np.geomspace(0.01, 100, 30)).astype(np.float32)
Y = (X[:, 0] / 0.01 + RNG.normal(0, 2, 1500) > 0).astype(np.int8)
LEARN, JUDGE = Part(X[:1000], Y[:1000], Y[:1000]), Part(X[1000:], Y[1000:], Y[1000:])
CASES = [("logistic", {"C": 1e-4}), ("logistic", {"C": 1.0}), ("knn", {"n_neighbors": 5}),
         ("knn", {"n_neighbors": 101})]


@pytest.mark.parametrize("name,params", CASES)
def test_the_torch_path_gives_the_same_predictions_and_scores(name, params):
    ours = scores(device.fit(name, params, LEARN, "cpu"), name, JUDGE)
    theirs = scores(fit(name, params, LEARN), name, JUDGE)
    assert ((ours > 0) == (theirs > 0)).mean() >= 0.99
    assert np.abs(ours - theirs).max() <= 1e-3


def test_logistic_regression_keeps_its_arrays_in_torch():
    fitted = device.fit("logistic", {"C": 1.0}, LEARN, "cpu")
    assert type(fitted.fitted[-1].coef_).__module__ == "torch"
    shown = learned(fitted, "logistic", 1, [f"f{i}" for i in range(30)])
    assert shown.score(JUDGE.x) == pytest.approx(fitted.scores(JUDGE.x), abs=1e-4)


def test_the_nearest_come_first():
    fitted = device.fit("knn", {"n_neighbors": 5}, LEARN, "cpu")
    scaled = (X - X[:1000].mean(axis=0)) / X[:1000].std(axis=0)
    apart = ((scaled[1000:1010, None] - scaled[None, :1000]) ** 2).sum(-1)
    assert fitted.nearest(JUDGE.x[:10], 3).tolist() == np.argsort(apart, axis=1)[:, :3].tolist()


def test_more_neighbours_than_days_are_all_the_days():
    few = LEARN.at(np.arange(7))
    ours = scores(device.fit("knn", {"n_neighbors": 101}, few, "cpu"), "knn", JUDGE)
    theirs = scores(fit("knn", {"n_neighbors": 101}, few), "knn", JUDGE)
    assert np.abs(ours - (few.y.mean() - 0.5)).max() < 1e-6
    assert np.abs(ours - theirs).max() < 1e-6


def test_each_says_where_it_runs():
    assert {name for name in CLASSIFIERS if runs_on(name, "cuda") == "cuda"} == set(ON_DEVICE)
    assert {runs_on(name, "cpu") for name in CLASSIFIERS} == {"cpu"}


def test_where_cuml_is_installed_two_more_run_on_the_gpu_in_a_process_of_their_own(monkeypatch):
    """Here the other process is plain Python, which must answer the same."""
    assert runs_on("svm", "cuda") == "cpu"
    monkeypatch.setattr(accelerated, "installed", lambda: True)
    monkeypatch.setattr(
        accelerated, "launcher", lambda: [sys.executable, "-m", accelerated.__name__]
    )
    assert [runs_on(name, "cuda") for name in ("svm", "forest", "tree")] == ["cuml", "cuml", "cpu"]
    assert runs_on("svm", "mps") == "cpu"
    there = fit("svm", {"C": 1e-3}, LEARN, "cuml")
    assert np.array_equal(scores(there, "svm", JUDGE), scores(fit("svm", {"C": 1e-3}, LEARN),
                                                              "svm", JUDGE))
    assert learned(there, "svm", 1, ["f"] * 30) is None


def test_the_choice_of_neighbours_with_one_search_is_that_of_many():
    inner = ((np.arange(500), np.arange(500, 1000)),)
    chosen = choose("knn", LEARN, inner, "cpu", 0)
    right = {}
    for k in (5, 25, 101):
        said = scores(fit("knn", {"n_neighbors": k}, LEARN.at(inner[0][0])), "knn",
                      LEARN.at(inner[0][1]))
        right[k] = ((said > 0) == LEARN.y[500:]).sum()
    assert right[chosen["n_neighbors"]] == max(right.values())


def test_a_device_that_is_not_there_is_said():
    import torch

    assert device.resolved("cpu") == "cpu"
    if not torch.cuda.is_available():
        with pytest.raises(DeviceUnavailable, match="no device cuda"):
            device.resolved("cuda")
