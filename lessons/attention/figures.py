"""Pictures of one head: products, softmax rows, terms of z, and two sentences compared."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from lessons.attention.story import Story
from lessons.theme import Theme, drawn, number, plain


def products(story: Story, axis: str, theme: Theme) -> go.Figure:
    """The d_k products of q_i and k_j as bars, their running sum as a line ending at the score."""
    dimensions = list(range(len(story.products)))
    bars = {
        "type": "bar", "x": dimensions, "y": story.products, "name": "q·k",
        "marker": {"color": [theme.query if p >= 0 else theme.key for p in story.products]},
        "hovertemplate": "%{x}: %{y:.4f}<extra></extra>",
    }
    running = {
        "type": "scatter", "x": dimensions, "y": story.products.cumsum(),
        "mode": "lines+markers", "name": "Σ", "line": {"color": theme.accent, "width": 3},
        "hovertemplate": "Σ %{y:.4f}<extra></extra>",
    }
    end = {
        "x": dimensions[-1], "y": story.score, "text": f"<b>{number(story.score)}</b>",
        "showarrow": False, "xanchor": "left", "xshift": 8,
        "font": {"size": 18, "color": theme.accent},
    }
    layout = {
        "showlegend": False, "annotations": [end],
        "xaxis": {"range": [-0.7, len(dimensions) * 1.1 + 1.5], "title": {"text": axis}},
    }
    return drawn([bars, running], layout, theme, height=300)


def two_softmaxes(
    before: np.ndarray, after: np.ndarray, names: list[str], labels: tuple[str, str], theme: Theme
) -> go.Figure:
    """Two rows of weights over the same pieces, side by side."""
    places = list(range(len(names)))
    bars = [
        {"type": "bar", "x": places, "y": row, "name": label, "marker": {"color": color}}
        for row, label, color in zip(
            (before, after), labels, (theme.key, theme.query), strict=True
        )
    ]
    layout = {"barmode": "group", "xaxis": _pieces(names), "yaxis": {"rangemode": "tozero"}}
    return drawn(bars, layout, theme, height=340)


def terms(story: Story, names: list[str], theme: Theme) -> go.Figure:
    """weight_j * v_j[c] for every piece, and their sum z."""
    bars = {
        "type": "bar", "x": list(range(len(names))), "y": story.terms,
        "marker": {"color": theme.value}, "hovertemplate": "%{y:.5f}<extra></extra>",
    }
    return drawn([bars], {"xaxis": _pieces(names)}, theme, height=300)


def largest_inputs(story: Story, theme: Theme, count: int = 12) -> go.Figure:
    """The largest of the H products x_i * W_Q that make q_i[c], with the rest as one bar."""
    order = np.argsort(-np.abs(story.inputs))[:count]
    rest = story.q - story.bias - float(story.inputs[order].sum())
    values = [*story.inputs[order], rest, story.bias]
    fall = {
        "type": "waterfall", "x": [f"x[{d}]·W" for d in order] + ["…", "b", "q"],
        "y": [*values, story.q], "measure": ["relative"] * len(values) + ["total"],
        "connector": {"line": {"color": theme.grid}},
        "increasing": {"marker": {"color": theme.query}},
        "decreasing": {"marker": {"color": theme.key}},
        "totals": {"marker": {"color": theme.accent}},
        "hovertemplate": "%{x}: %{delta:.4f}<extra></extra>",
    }
    return drawn([fall], {}, theme, height=300)


def _pieces(names: list[str]) -> dict[str, Any]:
    """An axis with a word piece at each place."""
    return {
        "tickvals": list(range(len(names))), "ticktext": [plain(n) for n in names],
        "tickangle": -45,
    }
