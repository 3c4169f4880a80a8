"""A two-class head's logits scaled and moved until its probabilities hold on messages set aside."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from core.tasks.adapter import Adapter


def calibrated(adapter: Adapter, logits: np.ndarray, true: Sequence[int]) -> Adapter:
    """The adapter with head a W, a b + (0, c), where P(1) = sigmoid(a (l_1 - l_0) + c) fits best.

    logits : float[n, 2] of texts that were not trained on; true : their classes
    Raises ValueError where the texts are of one class.
    Source: Platt 1999.
    """
    margin = (logits[:, 1] - logits[:, 0]).reshape(-1, 1)
    fit = LogisticRegression(C=np.inf).fit(margin, np.asarray(true))
    scale, move = np.float32(fit.coef_[0, 0]), np.float32(fit.intercept_[0])
    bias = scale * adapter.bias + np.array([0.0, move], np.float32)
    return replace(adapter, weight=scale * adapter.weight, bias=bias)
