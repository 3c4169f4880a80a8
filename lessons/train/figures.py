"""Pictures of a live training: curves, probabilities, the plane before and after."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.live.tuning import Point
from lessons.theme import Theme, drawn, percent, plain

LEGEND = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 16}}
MOST_STEPS = 400  # points of the line of single steps
SYMBOLS = ("circle", "diamond", "square", "triangle-up")


def losses(
    curve: Sequence[Point], steps: Sequence[float], total: int, names: Sequence[str], theme: Theme
) -> go.Figure:
    """Cross-entropy by step: each step's lines, and after every epoch both sides.

    names : of the steps, the lines learned from, the held-out ones, the x axis, the y axis
    """
    thin = max(1, -(-len(steps) // MOST_STEPS))
    data: list[dict[str, Any]] = [{
        "type": "scatter", "mode": "lines", "x": list(range(1, len(steps) + 1))[::thin],
        "y": list(steps)[::thin], "name": plain(names[0]), "opacity": 0.45,
        "line": {"color": theme.query, "width": 1.5}, "hovertemplate": "%{x}: %{y:.3f}",
    }]
    places = [p.step for p in curve]
    data.append(_line(places, [p.train_loss for p in curve], names[1], theme.query))
    data.append(_line(places, [p.held_loss for p in curve], names[2], theme.key, "diamond"))
    return drawn(data, _axes(total, names[3], names[4], None), theme, height=320)


def accuracies(
    curve: Sequence[Point], total: int, names: Sequence[str], theme: Theme
) -> go.Figure:
    """Accuracy after every epoch. names : learned from, held out, x axis, y axis"""
    places = [p.step for p in curve]
    data = [
        _line(places, [100 * p.train_accuracy for p in curve], names[0], theme.query),
        _line(places, [100 * p.held_accuracy for p in curve], names[1], theme.key, "diamond"),
    ]
    return drawn(data, _axes(total, names[2], names[3], [0, 104]), theme, height=320)


def _line(
    x: Sequence[int], y: Sequence[float], name: str, colour: str, symbol: str = "circle"
) -> dict[str, Any]:
    marks = {"size": 9 if len(x) <= 30 else 4, "symbol": symbol}
    return {
        "type": "scatter", "mode": "lines+markers", "x": list(x), "y": list(y),
        "name": plain(name), "line": {"color": colour, "width": 3}, "marker": marks,
        "hovertemplate": "%{x}: %{y:.3f}",
    }


def _axes(total: int, x: str, y: str, limits: list[int] | None) -> dict[str, Any]:
    vertical: dict[str, Any] = {"title": {"text": plain(y)}, "fixedrange": True}
    vertical |= {"range": limits} if limits else {"rangemode": "tozero"}
    return {
        "xaxis": {"title": {"text": plain(x)}, "range": [0, 1.03 * max(1, total)],
                  "fixedrange": True},
        "yaxis": vertical, "legend": LEGEND, "showlegend": True,
        "margin": {"l": 8, "r": 8, "t": 44, "b": 8}, "uirevision": "same",
    }


def shares(labels: Sequence[str], row: np.ndarray, theme: Theme) -> go.Figure:
    """One bar a class, as long as it is probable; the highest stands out."""
    places = list(range(len(labels)))[::-1]
    best = int(row.argmax())
    bars = {
        "type": "bar", "orientation": "h", "x": [float(p) for p in row], "y": places,
        "marker": {"color": [theme.accent if i == best else theme.muted for i in range(len(row))]},
        "text": [percent(float(p)) for p in row], "textposition": "outside", "cliponaxis": False,
        "textfont": {"size": 17}, "hoverinfo": "skip",
    }
    layout = {
        "showlegend": False, "bargap": 0.3, "margin": {"l": 8, "r": 8, "t": 4, "b": 4},
        "xaxis": {"visible": False, "fixedrange": True, "range": [0, 1.25 * float(row.max())]},
        "yaxis": {"tickvals": places, "ticktext": [plain(label) for label in labels],
                  "tickfont": {"size": 18, "color": theme.ink}, "automargin": True,
                  "fixedrange": True, "showgrid": False, "zeroline": False},
    }
    return drawn([bars], layout, theme, height=20 + 44 * len(labels))


def cloud(
    points: np.ndarray, kinds: Sequence[int], held: Sequence[bool], texts: Sequence[str],
    names: Sequence[str], other: np.ndarray | None, theme: Theme,
) -> go.Figure:
    """Points of one moment, a colour and a sign a class; held-out ones are hollow.

    names : of the classes that occur; texts : of the points, for a hover
    other : the other moment's points where both pictures shall have one scale, else None
    """
    data = []
    held_array, own_array = np.asarray(held), np.asarray(kinds)
    for kind, name in enumerate(names):
        for hollow in (False, True):
            chosen = np.flatnonzero((own_array == kind) & (held_array == hollow))
            if not len(chosen):
                continue
            symbol = SYMBOLS[(kind // 6 + kind) % len(SYMBOLS)]
            colour = theme.series()[kind % 6]
            data.append({
                "type": "scatter", "mode": "markers", "x": points[chosen, 0].tolist(),
                "y": points[chosen, 1].tolist(), "name": plain(name), "legendgroup": str(kind),
                "showlegend": not hollow, "text": [_short(texts[i]) for i in chosen.tolist()],
                "customdata": chosen.tolist(), "hovertemplate": "%{text}<extra></extra>",
                "marker": {"size": 11, "color": colour, "line": {"width": 2, "color": colour},
                           "symbol": symbol + ("-open" if hollow else "")},
            })
    both = points if other is None else np.concatenate([points, other])
    low, high = both.min(0), both.max(0)
    edge = 0.06 * np.maximum(high - low, 1e-9)
    layout: dict[str, Any] = {
        name: {"range": [float(low[i] - edge[i]), float(high[i] + edge[i])],
               "showticklabels": False, "zeroline": False}
        for i, name in enumerate(("xaxis", "yaxis"))
    }
    layout |= {"legend": LEGEND, "showlegend": True, "dragmode": "pan"}
    return drawn(data, layout, theme, height=420)


def _short(text: str) -> str:
    return plain(text if len(text) <= 70 else text[:69] + "…")
