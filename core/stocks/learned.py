"""What a classifier holds after learning: weights, a tree, or the neighbours of a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.stocks.accelerated import Elsewhere
from core.stocks.source import frozen


@dataclass(frozen=True)
class Linear:
    """score = ((x - center) / scale) . weight + bias, up where it is above 0.

    names : F features; center, scale, weight : float64 (F,)
    """

    classifier: str
    window: int
    names: tuple[str, ...]
    center: np.ndarray
    scale: np.ndarray
    weight: np.ndarray
    bias: float

    def score(self, x: np.ndarray) -> np.ndarray:
        """float64 (n,) of features (n, F)."""
        return (x.astype(np.float64) - self.center) / self.scale @ self.weight + self.bias


@dataclass(frozen=True)
class Tree:
    """A decision tree of k nodes: left where x[feature] <= threshold.

    names : F features; left, right, feature : int64 (k,), -1 at a leaf
    threshold : float64 (k,); up : float64 (k,), share of its days that went up
    count : int64 (k,), days that came here while it learned
    """

    classifier: str
    window: int
    names: tuple[str, ...]
    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    up: np.ndarray
    count: np.ndarray

    def path(self, x: np.ndarray) -> tuple[int, ...]:
        """The nodes that one day's features, float32 (F,), come through."""
        nodes = [0]
        while self.left[nodes[-1]] >= 0:
            at = nodes[-1]
            goes_left = np.float32(x[self.feature[at]]) <= self.threshold[at]
            nodes.append(int((self.left if goes_left else self.right)[at]))
        return tuple(nodes)

    def score(self, x: np.ndarray) -> np.ndarray:
        """float64 (n,), P(up) - 1/2 of features (n, F)."""
        return np.array([self.up[self.path(one)[-1]] - 0.5 for one in x])


Learned = Linear | Tree


def learned(fitted: Any, name: str, window: int, names: Sequence[str]) -> Learned | None:
    """What a fitted scikit-learn estimator of `classifiers` shows; None for the others."""
    if name in ("logistic", "svm") and not isinstance(fitted, Elsewhere):
        steps = getattr(fitted, "fitted", fitted)  # what learned on a device holds the pipeline
        scaler, linear = steps[0], steps[-1]
        return Linear(
            name, window, tuple(names), _on_host(scaler.mean_), _on_host(scaler.scale_),
            _on_host(linear.coef_[0]), float(linear.intercept_[0]),
        )
    if name != "tree":
        return None
    inside = fitted.tree_
    shares = inside.value[:, 0, :]  # (k, classes)
    up = shares[:, list(fitted.classes_).index(1)] / shares.sum(axis=1)
    leaf = inside.children_left < 0
    return Tree(
        name, window, tuple(names), frozen(inside.children_left.astype(np.int64)),
        frozen(inside.children_right.astype(np.int64)),
        frozen(np.where(leaf, -1, inside.feature).astype(np.int64)),
        frozen(np.array(inside.threshold, np.float64)), frozen(up),
        frozen(inside.n_node_samples.astype(np.int64)),
    )


def _on_host(array: Any) -> np.ndarray:
    """float64, of a NumPy array or a torch tensor anywhere."""
    return frozen(np.array(array.cpu() if hasattr(array, "cpu") else array, np.float64))


def neighbours(learn: np.ndarray, one: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Places int64 (k,) of the days most like one, nearest first, and distances float64 (k,).

    d(a, b) = |(a - b) / s|, s the standard deviation of each feature over the learned days

    learn : float32 (m, F); one : float32 (F,)
    """
    spread = learn.astype(np.float64).std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    distance = np.sqrt((((learn - one) / scale) ** 2).sum(axis=1))  # (m,)
    places = np.argsort(distance, kind="stable")[:k]
    return places, distance[places]
