"""Calibration moves a head's boundary to where messages set aside say it is."""

import numpy as np
import pytest

from core.tasks.adapter import Adapter
from core.training.tasks.calibrate import calibrated

CONFIDENT = Adapter({}, np.array([[1, 0], [0, 2]], np.float32), np.array([0.5, -1], np.float32))


def test_the_boundary_moves_to_where_half_of_the_messages_are_of_each_class() -> None:
    rng = np.random.default_rng(1)
    margin = rng.uniform(-10, 14, 4000)
    true = (rng.random(4000) < 1 / (1 + np.exp(-(0.5 * margin - 2)))).astype(int)
    new = calibrated(CONFIDENT, np.stack([-margin / 2, margin / 2], axis=1), true.tolist())

    scale = new.weight[0, 0] / CONFIDENT.weight[0, 0]
    assert scale == pytest.approx(0.5, abs=0.06)
    assert new.weight == pytest.approx(scale * CONFIDENT.weight)
    move = new.bias - scale * CONFIDENT.bias
    assert move[0] == pytest.approx(0, abs=1e-6)
    assert move[1] == pytest.approx(-2, abs=0.25)


def test_messages_of_one_class_cannot_calibrate() -> None:
    with pytest.raises(ValueError):
        calibrated(CONFIDENT, np.zeros((5, 2)), [1] * 5)
