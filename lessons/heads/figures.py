"""Pictures of the heads: bands by head, contributions, one coordinate's sum, arcs over words."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from lessons.heads.looking import Words
from lessons.heads.shares import Coordinate, Shares
from lessons.theme import Theme, drawn, number, percent, plain

FAINT = 0.25  # attention below this is drawn as faint as this


def colour_of(head: int, theme: Theme) -> str:
    """Neighbouring heads never share a colour."""
    colours = theme.series()
    return colours[head % len(colours)]


def bands(values: np.ndarray, label: str, theme: Theme) -> go.Figure:
    """float[A, d_k] laid end to end, H numbers in a row, one colour a head."""
    heads, d_k = values.shape
    bars = {
        "type": "bar", "x": np.arange(values.size), "y": values.ravel(),
        "marker": {"color": [colour_of(h, theme) for h in range(heads) for _ in range(d_k)]},
        "customdata": np.repeat(np.arange(heads), d_k),
        "hovertemplate": f"{plain(label)} %{{customdata}} · %{{x}}: %{{y:.4f}}<extra></extra>",
    }
    middles = [h * d_k + (d_k - 1) / 2 for h in range(heads)]
    lines = [
        {"type": "line", "x0": h * d_k - 0.5, "x1": h * d_k - 0.5, "y0": 0, "y1": 1,
         "yref": "paper", "line": {"color": theme.grid, "width": 1}}
        for h in range(1, heads)
    ]
    layout = {
        "bargap": 0, "shapes": lines, "showlegend": False,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 40},
        "xaxis": {"tickvals": middles, "ticktext": [str(h) for h in range(heads)],
                  "title": {"text": label}, "range": [-1, values.size], "showgrid": False},
    }
    return drawn([bars], layout, theme, height=230)


def contributions(
    found: Shares, names: dict[str, str], kind: str, theme: Theme
) -> go.Figure:
    """What each head adds to the output: its length, or its part along the output.

    names : head, bias, lengths, along; kind : "lengths" or "along"
    """
    heads = len(found.lengths)
    if kind == "lengths":
        values = [*found.lengths, found.bias_length]
        said = [f"{v:.2f}" for v in values]
    else:
        values = [*found.along, found.bias_along]
        said = [percent(v) if v >= 0 else "\u2212" + percent(-v) for v in values]
    bars = {
        "type": "bar", "x": [*map(str, range(heads)), names["bias"]], "y": values,
        "text": said, "textposition": "outside", "cliponaxis": False,
        "marker": {"color": [*(colour_of(h, theme) for h in range(heads)), theme.muted]},
        "hovertemplate": "%{x}: %{y:.4f}<extra></extra>",
    }
    layout = {
        "showlegend": False, "margin": {"l": 8, "r": 8, "t": 30, "b": 44},
        "xaxis": {"type": "category", "title": {"text": names["head"]}},
        "yaxis": {"title": {"text": names[kind]}, "tickformat": "" if kind == "lengths" else ".0%"},
    }
    return drawn([bars], layout, theme, height=340)


def coordinate_sum(found: Coordinate, names: dict[str, str], theme: Theme) -> go.Figure:
    """One coordinate of the output as a fall of A heads' parts and the bias."""
    values = [*found.by_head, found.bias]
    fall = {
        "type": "waterfall", "x": [*map(str, range(len(found.by_head))), "b", "Σ"],
        "y": [*values, found.total], "measure": ["relative"] * len(values) + ["total"],
        "connector": {"line": {"color": theme.grid}},
        "increasing": {"marker": {"color": theme.query}},
        "decreasing": {"marker": {"color": theme.key}},
        "totals": {"marker": {"color": theme.accent}},
        "hovertemplate": "%{x}: %{delta:.4f}<extra></extra>",
    }
    end = {
        "x": len(values), "y": found.total, "text": f"<b>{number(found.total)}</b>",
        "showarrow": False, "yshift": 14 if found.total >= 0 else -14,
        "font": {"size": 18, "color": theme.accent},
    }
    layout = {
        "annotations": [end], "margin": {"l": 8, "r": 8, "t": 30, "b": 44},
        "xaxis": {"type": "category", "title": {"text": names["head"]}},
    }
    return drawn([fall], layout, theme, height=320)


def arcs(words: Words, direction: int, start: int, stop: int, theme: Theme) -> go.Figure:
    """From each shown word an arc to the word that the head would call its governor."""
    shown = range(start, stop)
    curves: list[dict[str, Any]] = []
    for word in shown:
        governor = int(words.governors[direction, word])
        if not start <= governor < stop:
            continue
        weight = float(words.weights[direction, word])
        curves.append(_arc(word, governor, weight, words.words, theme))
    tallest = max((abs(int(words.governors[direction, w]) - w) for w in shown), default=1)
    layout = {
        "showlegend": False, "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "xaxis": {"tickvals": list(shown), "ticktext": [plain(words.words[w]) for w in shown],
                  "range": [start - 0.6, stop - 0.4], "showgrid": False, "zeroline": False,
                  "automargin": True, "tickfont": {"size": 16}},  # slanted where they are tight
        "yaxis": {"visible": False, "range": [-0.06 * (tallest + 1), 1.08 * tallest]},
        "hovermode": "closest",
    }
    return drawn(curves, layout, theme, height=260)


def _arc(
    word: int, governor: int, weight: float, names: tuple[str, ...], theme: Theme
) -> dict[str, Any]:
    turn = np.linspace(0, np.pi, 33)
    middle, radius = (word + governor) / 2, (governor - word) / 2
    x, y = middle - radius * np.cos(turn), abs(governor - word) * np.sin(turn)
    said = f"{plain(names[word])} → {plain(names[governor])}: {weight:.4f}"
    return {
        "type": "scatter", "x": x, "y": y, "mode": "lines+markers",
        "line": {"color": theme.accent, "width": 1.5 + 4 * weight, "shape": "spline"},
        "marker": {"symbol": "triangle-down", "color": theme.accent,
                   "size": [0.0] * (len(turn) - 1) + [12.0]},
        "opacity": max(FAINT, min(1.0, 0.15 + weight)),
        "text": [said] * len(turn), "hovertemplate": "%{text}<extra></extra>",
    }
