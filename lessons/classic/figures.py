"""Pictures of counted words: a triangle, bars, curves and topic shares."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from lessons.classic.labels import width_of
from lessons.theme import Theme, drawn, number, percent, plain

_CORNERS = ((0.0, 0.0), (1.0, 0.0), (0.5, 0.866))
_LONGEST = 180  # pixels for a name beside a bar
_TIGHT = {"l": 8, "r": 8, "t": 8, "b": 8}


def shortened(text: str, pixels: float = _LONGEST, size: int = 15) -> str:
    """A text that fits beside a bar, whatever its letters."""
    if width_of(text, size) <= pixels:
        return text
    while text and width_of(text + "…", size) > pixels:
        text = text[:-1]
    return text.rstrip() + "…"


def _named_rows(names: Sequence[str], theme: Theme, pixels: float = _LONGEST) -> dict[str, Any]:
    """An axis with a name for each bar, the first on top."""
    return {
        "tickvals": list(range(len(names))), "autorange": "reversed", "showgrid": False,
        "ticktext": [plain(shortened(name, pixels)) for name in names], "zeroline": False,
        "tickfont": {"size": 15, "color": theme.ink}, "automargin": True, "fixedrange": True,
    }


def triangle(words: Sequence[str], distances: np.ndarray, theme: Theme) -> go.Figure:
    """Two or three words as points with the distance written on every side, float[N, N]."""
    corners = np.array(_CORNERS[: len(words)])
    sides, notes = [], []
    for i in range(len(words)):
        for j in range(i + 1, len(words)):
            ends = corners[[i, j]]
            sides.append({"type": "scatter", "x": ends[:, 0], "y": ends[:, 1], "mode": "lines",
                          "hoverinfo": "skip",
                          "line": {"color": theme.muted, "width": 2, "dash": "dot"}})
            x, y = ends.mean(axis=0)
            notes.append({"x": x, "y": y, "text": number(float(distances[i, j])),
                          "showarrow": False, "bgcolor": theme.paper, "borderpad": 4,
                          "font": {"size": 20, "color": theme.ink}})
    points = {
        "type": "scatter", "x": corners[:, 0], "y": corners[:, 1], "mode": "markers+text",
        "hoverinfo": "skip", "marker": {"size": 20, "color": theme.token},
        "text": [f"<b>{plain(shortened(w, 150, 22))}</b>" for w in words],
        "textposition": ["bottom center", "bottom center", "top center"][: len(words)],
        "textfont": {"size": 22, "color": theme.token}, "cliponaxis": False,
    }
    bare = {"visible": False, "fixedrange": True}
    layout = {
        "showlegend": False, "margin": _TIGHT, "annotations": notes,
        "xaxis": {**bare, "range": [-0.35, 1.35]}, "yaxis": {**bare, "range": [-0.28, 1.12]},
    }
    return drawn([*sides, points], layout, theme, height=330)


def bars(
    names: Sequence[str], values: Sequence[float], theme: Theme, *, marked: Sequence[int] = ()
) -> go.Figure:
    """One horizontal bar for each name, the first on top; `marked` ones in the accent colour."""
    bar = {
        "type": "bar", "x": list(values), "y": list(range(len(names))), "orientation": "h",
        "marker": {"color": [theme.accent if row in marked else theme.query
                             for row in range(len(names))]},
        "width": 0.66, "text": [number(v) for v in values], "textposition": "outside",
        "textfont": {"size": 15}, "cliponaxis": False, "hovertext": [plain(n) for n in names],
        "hoverinfo": "text",
    }
    layout = {"margin": _TIGHT, "yaxis": _named_rows(names, theme), "xaxis": _room(values)}
    return drawn([bar], layout, theme, height=50 + 36 * len(names))


def _room(values: Sequence[float]) -> dict[str, Any]:
    """A hidden axis with room for a number at the end of every bar, also on a phone."""
    low, high = min(0.0, *values), max(0.0, *values)
    margin = 0.55 * (high - low or 1.0)
    return {"visible": False, "fixedrange": True,
            "range": [low - margin if low < 0 else 0.0, high + margin]}


def two_bars(
    names: Sequence[str], both: tuple[np.ndarray, np.ndarray], labels: tuple[str, str],
    theme: Theme,
) -> go.Figure:
    """Two values for each name, float[N] each, one above the other."""
    pair = [
        {"type": "bar", "x": values, "y": list(range(len(names))), "orientation": "h",
         "name": label, "marker": {"color": colour}, "hoverinfo": "skip",
         "text": [number(float(v)) for v in values], "textposition": "outside",
         "textfont": {"size": 15}, "cliponaxis": False}
        for values, label, colour in zip(both, labels, (theme.key, theme.query), strict=True)
    ]
    layout = {
        "barmode": "group", "bargap": 0.25, "yaxis": _named_rows(names, theme),
        "xaxis": _room([*map(float, both[0]), *map(float, both[1])]), "legend": _legend(),
    }
    return drawn(pair, layout, theme, height=90 + 58 * len(names))


def _legend() -> dict[str, Any]:
    return {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 16},
            "traceorder": "normal"}


def likelihood(values: Sequence[float], axes: tuple[str, str], theme: Theme) -> go.Figure:
    """The log-likelihood before EM's first step and after each."""
    curve = {
        "type": "scatter", "x": list(range(len(values))), "y": list(values),
        "mode": "lines+markers", "marker": {"size": 6},
        "line": {"color": theme.accent, "width": 3},
        "hovertemplate": "%{x}: %{y:.4f}<extra></extra>",
    }
    now = {
        "type": "scatter", "x": [len(values) - 1], "y": [values[-1]],
        "mode": "markers+text", "text": [f"<b>{number(values[-1])}</b>"],
        "textposition": "bottom left" if len(values) > 4 else "middle right", "hoverinfo": "skip",
        "textfont": {"size": 17, "color": theme.accent}, "cliponaxis": False,
        "marker": {"size": 14, "color": theme.accent},
    }
    layout = {"showlegend": False, "margin": {"l": 8, "r": 8, "t": 12, "b": 8},
              "xaxis": {"title": {"text": axes[0]}, "rangemode": "tozero"},
              "yaxis": {"title": {"text": axes[1]}}}
    return drawn([curve, now], layout, theme, height=300)


def topic_words(topic: Sequence[tuple[str, float]], colour: str, theme: Theme) -> go.Figure:
    """The most probable words of one topic."""
    bar = {
        "type": "bar", "x": [p for _, p in topic], "y": list(range(len(topic))),
        "orientation": "h", "marker": {"color": colour}, "width": 0.66, "hoverinfo": "skip",
        "text": [percent(p) for _, p in topic], "textposition": "outside", "cliponaxis": False,
        "textfont": {"size": 15},
    }
    reach = 1.5 * max((p for _, p in topic), default=1.0)
    layout = {"margin": {**_TIGHT, "t": 4},
              "yaxis": _named_rows([w for w, _ in topic], theme, 130),
              "xaxis": {"visible": False, "fixedrange": True, "range": [0, reach]}}
    return drawn([bar], layout, theme, height=40 + 28 * len(topic))


def topic_colours(theme: Theme) -> tuple[str, ...]:
    """A colour for each topic."""
    return (*theme.series(), theme.segment, theme.muted)


def mixtures(
    names: Sequence[str], shares: np.ndarray, labels: Sequence[str], theme: Theme
) -> go.Figure:
    """Every text's shares of the topics as one bar that adds up to 1: float[D, K]."""
    parts = [
        {"type": "bar", "x": column, "y": list(range(len(names))), "orientation": "h",
         "name": label, "marker": {"color": colour}, "width": 0.7,
         "text": [f"{100 * p:.0f} %" if p >= 0.12 else "" for p in column],
         "textposition": "inside", "insidetextanchor": "middle", "textangle": 0,
         "textfont": {"color": theme.paper, "size": 15}, "hovertemplate": "%{x:.4f}"}
        for column, label, colour in zip(shares.T, labels, topic_colours(theme), strict=False)
    ]
    layout = {
        "barmode": "stack", "yaxis": _named_rows(names, theme), "legend": _legend(),
        "xaxis": {"visible": False, "fixedrange": True, "range": [0, 1]},
    }
    return drawn(parts, layout, theme, height=90 + 38 * len(names))
