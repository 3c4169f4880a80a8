"""Pictures of table 1: scores as dots a task, and gains against the size of the training set."""

from collections.abc import Sequence

import plotly.graph_objects as go

from lessons.scores.published import Gain, System
from lessons.theme import Theme, drawn, plain

ROW = 46
STILL = {"zeroline": False, "fixedrange": True}


def thousands(count: int) -> str:
    """392k, 8.5k: as table 1 prints the sizes."""
    return f"{count / 1000:g}k"


def dots(
    gains: Sequence[Gain], names: tuple[str, str], others: Sequence[System], theme: Theme
) -> go.Figure:
    """A row a task: the two chosen systems as large dots joined by their gain, the others small.

    others : systems that stay in the background
    """
    rows = list(range(len(gains)))
    labels = [f"<b>{gain.task.name}</b>  {thousands(gain.task.train)}" for gain in gains]
    data: list[dict[str, object]] = [_lines(gains, theme)]
    for system in others:
        data.append({
            "type": "scatter", "mode": "markers", "y": rows, "name": plain(system.name),
            "x": [system.score(gain.task) for gain in gains],
            "marker": {"size": 8, "color": theme.muted, "opacity": 0.45}, "showlegend": False,
            "hovertemplate": f"{plain(system.name)}: %{{x:.1f}}<extra></extra>",
        })
    for name, colour, scores in (
        (names[0], theme.key, [g.first for g in gains]),
        (names[1], theme.query, [g.second for g in gains]),
    ):
        data.append({
            "type": "scatter", "mode": "markers", "x": scores, "y": rows, "name": plain(name),
            "marker": {"size": 15, "color": colour},
            "hovertemplate": f"{plain(name)}: %{{x:.1f}}<extra></extra>",
        })
    layout = {
        "showlegend": True, "margin": {"l": 8, "r": 64, "t": 40, "b": 8},
        "annotations": [_gain_label(gain, row, theme) for row, gain in enumerate(gains)],
        "xaxis": {**STILL, "range": [28, 100], "dtick": 10, "tickfont": {"size": 14}},
        "yaxis": {**STILL, "tickvals": rows, "ticktext": labels, "automargin": True,
                  "range": [len(rows) - 0.4, -0.6], "tickfont": {"size": 16},
                  "showgrid": False},
    }
    return drawn(data, layout, theme, height=96 + ROW * len(rows))


def _lines(gains: Sequence[Gain], theme: Theme) -> dict[str, object]:
    x: list[float | None] = []
    y: list[float | None] = []
    for row, gain in enumerate(gains):
        x += [gain.first, gain.second, None]
        y += [row, row, None]
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "hoverinfo": "skip",
            "line": {"color": theme.muted, "width": 4}, "opacity": 0.6, "showlegend": False}


def signed(points: float) -> str:
    """Points with their sign, one decimal."""
    return f"{points:+.1f}".replace("-", "\u2212")


def _gain_label(gain: Gain, row: int, theme: Theme) -> dict[str, object]:
    return {"x": 1.0, "xref": "paper", "xanchor": "left", "xshift": 10, "y": row, "yref": "y",
            "text": f"<b>{signed(gain.points)}</b>", "showarrow": False,
            "font": {"size": 17, "color": theme.good if gain.points >= 0 else theme.bad}}


def by_size(gains: Sequence[Gain], titles: tuple[str, str], theme: Theme) -> go.Figure:
    """Gain in points against the number of training examples, on a logarithmic axis."""
    shades = {"sentence": theme.token, "paraphrase": theme.value, "inference": theme.query}
    data: list[dict[str, object]] = [{
        "type": "scatter", "mode": "markers+text",
        "x": [gain.task.train for gain in gains], "y": [gain.points for gain in gains],
        "text": [gain.task.name for gain in gains], "textposition": "top center",
        "textfont": {"size": 16, "color": theme.ink}, "cliponaxis": False,
        "marker": {"size": 15, "color": [shades[gain.task.kind] for gain in gains]},
        "customdata": [f"{g.task.name}: {thousands(g.task.train)}, {signed(g.points)}"
                       for g in gains],
        "hovertemplate": "%{customdata}<extra></extra>",
    }]
    points = [gain.points for gain in gains] or [0.0]
    low, high = min(0.0, *points), max(1.0, *points)
    room = 0.16 * (high - low)
    layout = {
        "showlegend": False, "margin": {"l": 8, "r": 24, "t": 16, "b": 8},
        "xaxis": {**STILL, "type": "log", "title": {"text": plain(titles[0])},
                  "tickvals": [1e3, 1e4, 1e5, 1e6], "ticktext": ["1k", "10k", "100k", "1000k"],
                  "range": [3.1, 5.9], "tickfont": {"size": 14}},
        "yaxis": {**STILL, "title": {"text": plain(titles[1])}, "automargin": True,
                  "range": [low - (room if low < 0 else 0), high + room],
                  "tickfont": {"size": 14}},
    }
    return drawn(data, layout, theme, height=400)
