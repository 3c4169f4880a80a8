import copy

import numpy as np
import plotly.graph_objects as go
import pytest

from lessons.plain import PlainFigure
from lessons.theme import LIGHT, drawn

DATA = [
    {"type": "bar", "x": ["a", "b"], "y": np.array([1.0, 2.0], np.float32),
     "marker": {"color": np.array([1, 2])}},
    {"x": [1, 2], "y": [3, 4], "customdata": np.arange(4).reshape(2, 2)},
]
LAYOUT = {"height": 200, "annotations": [{"text": "here", "x": 1}], "xaxis": {"range": [0, 1]}}


def test_a_plain_figure_is_sent_as_the_same_properties_as_a_checked_one():
    assert PlainFigure.of(DATA, LAYOUT).to_dict() == go.Figure(
        {"data": DATA, "layout": LAYOUT}
    ).to_dict()


def test_whoever_looks_into_it_finds_a_whole_figure():
    figure = PlainFigure.of(DATA, LAYOUT)
    assert figure.data[1].type == "scatter"
    assert figure.layout.height == 200
    figure.update_layout(height=300)
    assert figure.to_dict()["layout"]["height"] == 300
    assert copy.deepcopy(figure) == figure
    with pytest.raises(AttributeError):
        _ = figure.nothing_of_that_name


def test_sending_it_changes_neither_the_results_arrays_nor_the_template_of_others():
    figure = drawn(DATA, LAYOUT, LIGHT)
    first = figure.to_dict()
    assert isinstance(DATA[0]["y"], np.ndarray)
    assert figure.to_dict() == first
