"""The classifiers: scikit-learn pipelines, their small grids, and where each can run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

CLASSIFIERS = (
    "majority", "yesterday", "knn", "logistic", "svm", "tree", "forest", "boosting",
)
Params = Mapping[str, Any]

GRIDS: dict[str, tuple[Params, ...]] = {
    "knn": ({"n_neighbors": 5}, {"n_neighbors": 25}, {"n_neighbors": 101}),
    "logistic": ({"C": 1e-4}, {"C": 1e-2}, {"C": 1.0}),
    "svm": ({"C": 1e-5}, {"C": 1e-3}, {"C": 1e-1}),
    "tree": ({"max_depth": 2}, {"max_depth": 4}, {"max_depth": 8}),
    "forest": ({"max_depth": 4}, {"max_depth": 10}),
    "boosting": ({"max_leaf_nodes": 4}, {"max_leaf_nodes": 12}),
}
ACCELERATED = ("svm", "forest")  # by cuml.accel, which has no single trees and no boosting
LINEAR = ("logistic", "svm")
NOTHING: tuple[Params, ...] = ({},)
ON_DEVICE = ("knn", "logistic")  # scikit-learn 1.9.1 has array API support for no other of these


@dataclass(frozen=True)
class Part:
    """Rows to learn from or to judge: x float32 (m, F), y int8 (m,), up_today int8 (m,)."""

    x: np.ndarray
    y: np.ndarray
    up_today: np.ndarray

    def __len__(self) -> int:
        return len(self.y)

    def at(self, places: np.ndarray) -> "Part":
        return Part(self.x[places], self.y[places], self.up_today[places])


def pipeline(name: str, params: Params, seed: int = 0) -> Any:
    """A scikit-learn estimator, the scaler before it where distances or weights matter."""
    from sklearn.dummy import DummyClassifier
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import LinearSVC
    from sklearn.tree import DecisionTreeClassifier

    if name == "majority":
        return DummyClassifier(strategy="most_frequent")
    if name == "knn":
        # in blocks of its own threads it would fight with ours
        return make_pipeline(StandardScaler(), KNeighborsClassifier(algorithm="brute", **params))
    if name == "logistic":
        return make_pipeline(StandardScaler(), LogisticRegression(tol=1e-6, max_iter=500, **params))
    if name == "svm":
        return make_pipeline(
            StandardScaler(), LinearSVC(dual=False, random_state=seed, **params)
        )
    if name == "tree":
        return DecisionTreeClassifier(min_samples_leaf=20, random_state=seed, **params)
    if name == "forest":
        return RandomForestClassifier(
            n_estimators=60, min_samples_leaf=20, max_samples=0.5, random_state=seed, **params
        )
    if name == "boosting":
        return HistGradientBoostingClassifier(
            max_iter=60, learning_rate=0.05, max_bins=63, min_samples_leaf=40,
            early_stopping=False, random_state=seed, **params,
        )
    raise ValueError(f"no classifier is called {name}")


def fit(name: str, params: Params, part: Part, device: str = "cpu", seed: int = 0) -> Any:
    """A classifier that has learned from a part; None for "yesterday", which learns nothing.

    device : "cpu" for scikit-learn's own, else where `runs_on` says
    """
    if name == "yesterday":
        return None
    if device == "cuml":
        from core.stocks.accelerated import Elsewhere

        return Elsewhere(name, params, part, seed)
    if device != "cpu":
        from core.stocks import device as on_device

        return on_device.fit(name, params, part, device)
    x = part.x.astype(np.float64) if name in LINEAR else part.x
    params = fitting(params, len(part))
    return pipeline(name, params, seed).fit(x, part.y)


def fitting(params: Params, rows: int) -> Params:
    """The parameters with no more neighbours than there are rows."""
    if "n_neighbors" not in params:
        return params
    return {**params, "n_neighbors": min(params["n_neighbors"], rows)}


def scores(fitted: Any, name: str, part: Part) -> np.ndarray:
    """float32 (m,): above 0 is up. A margin for the SVM and logistic, else P(up) - 1/2."""
    if name == "yesterday":
        return part.up_today.astype(np.float32) - 0.5
    if hasattr(fitted, "scores"):  # it learned on a device
        return fitted.scores(part.x)
    if name in LINEAR:
        return fitted.decision_function(part.x.astype(np.float64)).astype(np.float32)
    chance = fitted.predict_proba(part.x)[:, list(fitted.classes_).index(1)]
    return (chance - 0.5).astype(np.float32)


def choose(
    name: str, whole: Part, inner: Sequence[tuple[np.ndarray, np.ndarray]], device: str, seed: int
) -> Params:
    """The parameters of the grid that are right most often on the inner parts; ties: the first.

    inner : pairs of places in `whole`, to learn from and to judge
    """
    grid = GRIDS.get(name, NOTHING)
    if len(grid) == 1:
        return grid[0]
    right = np.zeros(len(grid))
    for learn, judge in inner:
        known, unknown = whole.at(learn), whole.at(judge)
        if len(np.unique(known.y)) < 2:
            continue
        for i, said in enumerate(_each(name, grid, known, unknown, device, seed)):
            right[i] += ((said > 0) == unknown.y).sum()
    return grid[int(right.argmax())]


def _each(
    name: str, grid: Sequence[Params], learn: Part, judge: Part, device: str, seed: int
) -> list[np.ndarray]:
    """Scores for every entry of a grid; the distances of KNN are measured once for all k."""
    if name != "knn":
        return [scores(fit(name, p, learn, device, seed), name, judge) for p in grid]
    ks = [fitting(params, len(learn))["n_neighbors"] for params in grid]
    fitted = fit(name, {"n_neighbors": max(ks)}, learn, device, seed)
    near = nearest(fitted, judge.x, max(ks), device)  # (m, k)
    up = np.cumsum(learn.y[near], axis=1)
    return [(up[:, k - 1] / k - 0.5).astype(np.float32) for k in ks]


def nearest(fitted: Any, x: np.ndarray, k: int, device: str = "cpu") -> np.ndarray:
    """int64 (m, k): places in the learned part, the nearest first."""
    if device != "cpu":
        return fitted.nearest(x, k)  # type: ignore[no-any-return]
    scaler, neighbours = fitted[0], fitted[-1]
    return neighbours.kneighbors(scaler.transform(x), k, return_distance=False)


def runs_on(name: str, device: str) -> str:
    """"cpu", the device where torch runs the classifier there, or "cuml" where it is installed."""
    from core.stocks import accelerated

    if name in ON_DEVICE:
        return device
    if device == "cuda" and name in ACCELERATED and accelerated.installed():
        return accelerated.NAME
    return "cpu"


def told(params: Params) -> str:
    """"C=0.01": hyper-parameters as one text."""
    return ", ".join(f"{key}={value:g}" for key, value in params.items())
