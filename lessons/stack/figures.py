"""Pictures of the stack: words as they form, the answer's climb, cosines and reach by layer."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from lessons.stack.lens import Lens
from lessons.stack.lesson import Result
from lessons.stack.reach import Reach
from lessons.theme import Theme, drawn, percent, plain

SHOWN = 4  # words of a layer that fit on a phone
WIDE = 10  # letters of a word in a cell
MANY = 14  # layers from which not every one is named


def words(lens: Lens, axis: str, theme: Theme) -> go.Figure:
    """The top words after each layer, input at the foot, as deep in colour as probable."""
    count = min(SHOWN, len(lens.words[0]))
    values = lens.probabilities[:, :count]  # (L + 1, k)
    cells, over = [], []
    for row, ps in zip(lens.words, values, strict=True):
        cells.append([_cell(word, p, word == lens.answer)
                      for word, p in zip(row, ps, strict=False)])
        over.append([f"{plain(word)}: {percent(float(p))}"
                     for word, p in zip(row, ps, strict=False)])
    low, middle, high = theme.sequential
    heat = {
        "type": "heatmap", "z": values, "x": [f"{r + 1}." for r in range(count)],
        "y": list(range(len(values))), "text": cells, "customdata": over,
        "texttemplate": "%{text}", "textfont": {"size": 15},
        "hovertemplate": axis + " %{y} · %{x} %{customdata}<extra></extra>",
        "colorscale": [[0, low], [0.5, middle], [1, high]], "zmin": 0, "zmax": 1,
        "showscale": False, "xgap": 3, "ygap": 3,
    }
    layout = {
        "xaxis": {"side": "top", "type": "category", "fixedrange": True, "showgrid": False,
                  "tickfont": {"size": 15}},
        "yaxis": {"title": {"text": axis}, "dtick": 1, "fixedrange": True, "showgrid": False,
                  "tickfont": {"size": 16}},
        "margin": {"l": 8, "r": 8, "t": 30, "b": 8},
    }
    return drawn([heat], layout, theme, height=50 + 50 * len(values))


def _cell(word: str, p: float, answer: bool) -> str:
    short = plain(word if len(word) <= WIDE else word[: WIDE - 1] + "…")
    shown = f"<b>{short}</b>" if answer else short
    return f"{shown}<br>{percent(float(p))}"


def climb(lens: Lens, names: tuple[str, str], theme: Theme) -> go.Figure:
    """The answer's place among all words after each layer, 1 at the top, and its probability.

    names : of the two axes
    """
    layers = list(range(len(lens.rank)))
    line = {
        "type": "scatter", "x": layers, "y": lens.rank, "mode": "lines+markers+text",
        "line": {"color": theme.accent, "width": 4}, "marker": {"size": 13},
        "text": [f"<b>{r}</b>" if r == 1 else str(r) for r in lens.rank],
        "textposition": "bottom center", "textfont": {"size": 15}, "cliponaxis": False,
        "customdata": [percent(float(p)) for p in lens.answer_p],
        "hovertemplate": "%{x}: %{y} · %{customdata}<extra></extra>",
    }
    most = float(np.log10(lens.rank.max()))
    layout = {
        "showlegend": False,
        "xaxis": {"title": {"text": names[0]}, "dtick": 1 if len(layers) < MANY else 2,
                  "range": [-0.5, len(layers) - 0.5], "fixedrange": True},
        "yaxis": {"type": "log", "range": [most + 0.6, -0.35], "title": {"text": names[1]},
                  "dtick": 1, "fixedrange": True},
    }
    return drawn([line], layout, theme, height=340)


def along(
    result: Result, position: int, names: tuple[str, str, str], axis: str, theme: Theme
) -> go.Figure:
    """A piece's cosine with its own input and with the layer before; two pieces' to compare.

    names : with the input, with the layer before, two different pieces of the same layer
    """
    own = result.measure("token", position)
    layers = np.arange(len(own))
    lines = (
        (names[0], layers, own[0], theme.query, "solid"),
        (names[1], layers[1:], own[layers[1:], layers[:-1]], theme.value, "solid"),
        (names[2], layers, np.diag(result.different), theme.muted, "dot"),
    )
    drawings = [
        {"type": "scatter", "x": x, "y": y, "name": name, "mode": "lines+markers",
         "line": {"color": colour, "width": 4 if dash == "solid" else 3, "dash": dash},
         "marker": {"size": 10}, "hovertemplate": "%{y:.4f}"}
        for name, x, y, colour, dash in lines if np.isfinite(y).all()
    ]
    lowest = min([0.0, *(float(y.min()) for _, _, y, _, _ in lines if np.isfinite(y).all())])
    layout = {
        "hovermode": "x unified",
        "xaxis": {"title": {"text": axis}, "dtick": 1 if len(layers) < MANY else 2,
                  "fixedrange": True},
        "yaxis": {"title": {"text": "cos"}, "range": [1.1 * lowest, 1.06], "fixedrange": True},
    }
    return drawn(drawings, layout, theme, height=380)


def heads(
    values: np.ndarray, even: float, names: tuple[str, str, str], axis: str, unit: str,
    theme: Theme,
) -> go.Figure:
    """One measure of every head as a dot, the layer's mean as a line, looking evenly as dotted.

    values : float[L, A]; names : of a head, the mean, looking at all pieces alike
    """
    layers, count = values.shape
    shown = np.arange(1, layers + 1)
    spread = np.linspace(-0.22, 0.22, count) if count > 1 else np.zeros(1)
    dots = {
        "type": "scatter", "mode": "markers", "name": names[0],
        "x": (shown[:, None] + spread).ravel(), "y": values.ravel(),
        "marker": {"size": 8, "color": theme.query, "opacity": 0.55},
        "customdata": [[layer, head] for layer in shown for head in range(count)],
        "hovertemplate": axis + " %{customdata[0]} · " + names[0]
        + " %{customdata[1]}: %{y:.3f}<extra></extra>",
    }
    mean = {
        "type": "scatter", "mode": "lines+markers", "name": names[1], "x": shown,
        "y": values.mean(axis=1), "line": {"color": theme.key, "width": 4},
        "marker": {"size": 11}, "hovertemplate": "%{x}: %{y:.3f}<extra></extra>",
    }
    flat = {
        "type": "scatter", "mode": "lines", "name": names[2], "x": [0.6, layers + 0.4],
        "y": [even, even], "line": {"color": theme.muted, "width": 2, "dash": "dot"},
        "hovertemplate": "%{y:.3f}<extra></extra>",
    }
    layout: dict[str, Any] = {
        "xaxis": {"title": {"text": axis}, "dtick": 1 if layers < MANY else 2,
                  "range": [0.5, layers + 0.5], "fixedrange": True},
        "yaxis": {"title": {"text": unit}, "rangemode": "tozero", "fixedrange": True},
    }
    return drawn([dots, mean, flat], layout, theme, height=380)


def reaches(
    found: Reach, names: tuple[str, str, str], axis: str, units: tuple[str, str], theme: Theme
) -> tuple[go.Figure, go.Figure]:
    """Distance and entropy of every head."""
    return (
        heads(found.distance, found.even_distance, names, axis, units[0], theme),
        heads(found.entropy, found.even_entropy, names, axis, units[1], theme),
    )
