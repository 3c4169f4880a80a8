"""Pictures of one layer: what makes up a number, the three curves, and how far things move."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.trace.recompute import gelu
from lessons.layer.activation import Compared, gelu_tanh, relu
from lessons.layer.moves import Moves
from lessons.theme import Theme, drawn, number, plain

BAR = 0.36  # of a layer's place, the width of one bar
LARGEST = 12  # terms drawn one by one; the others are one bar


def adding_up(
    terms: np.ndarray, names: Sequence[str], bias: float, total: str, theme: Theme
) -> go.Figure:
    """Every term, the bias and the number they add up to, as a waterfall."""
    return _fall([*(float(t) for t in terms), bias], [*names, "b"], total, theme)


def largest(
    products: np.ndarray, bias: float, name: str, total: str, theme: Theme
) -> go.Figure:
    """The largest of many products, all others as one bar, the bias, and their sum."""
    order = np.argsort(-np.abs(products), kind="stable")[:LARGEST]
    rest = float(products.sum() - products[order].sum())
    values = [*(float(p) for p in products[order]), rest, bias]
    return _fall(values, [*(f"{name}[{d}]" for d in order), "…", "b"], total, theme)


def _fall(values: list[float], names: Sequence[str], total: str, theme: Theme) -> go.Figure:
    end = sum(values)
    fall = {
        "type": "waterfall", "x": [*names, total], "y": [*values, end],
        "measure": ["relative"] * len(values) + ["total"],
        "connector": {"line": {"color": theme.grid}},
        "increasing": {"marker": {"color": theme.query}},
        "decreasing": {"marker": {"color": theme.key}},
        "totals": {"marker": {"color": theme.accent}},
        "hovertemplate": "%{x}: %{delta:.4f}<extra></extra>",
    }
    mark = {
        "x": total, "y": end, "text": f"<b>{number(end)}</b>", "showarrow": False,
        "yanchor": "bottom" if end >= 0 else "top", "font": {"size": 17, "color": theme.accent},
    }
    layout = {
        "annotations": [mark], "showlegend": False, "xaxis": {"type": "category"},
        "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
    }
    return drawn([fall], layout, theme, height=310)


def curves(
    found: Compared, chosen: float, names: Sequence[str], axis: str, theme: Theme
) -> go.Figure:
    """The exact GELU, its tanh approximation and ReLU, with the token's own numbers on the first.

    names : exact, tanh, ReLU, the token's numbers; chosen : the number marked with a large dot
    """
    start, end = -4.0, max(3.0, chosen * 1.15)
    x = np.unique(np.concatenate([np.linspace(start, 3, 141), np.linspace(start, end, 121)]))
    looks = ((theme.key, 4, "solid"), (theme.query, 2, "dash"), (theme.muted, 2.5, "dot"))
    lines = [
        {"type": "scatter", "x": x, "y": curve(x), "name": name, "mode": "lines",
         "line": {"color": colour, "width": width, "dash": dash}, "hoverinfo": "skip"}
        for curve, name, (colour, width, dash) in zip(
            (gelu, gelu_tanh, relu), names, looks, strict=False
        )
    ]
    points = {
        "name": names[3], "marker": {"size": 8, "color": theme.token, "opacity": 0.3},
        **_dots(found.u),
    }
    mine = {
        "showlegend": False, **_dots(np.array([chosen])),
        "marker": {"size": 16, "color": theme.accent, "line": {"color": theme.paper, "width": 2}},
    }
    layout = {
        "xaxis": {"title": {"text": axis}, "range": [start, end]},
        "yaxis": {"range": [-0.06 * end - 0.25, end]},
    }
    return drawn([points, *lines, mine], layout, theme, height=400)


def _dots(u: np.ndarray) -> dict[str, Any]:
    return {"type": "scatter", "x": u, "y": gelu(u), "mode": "markers",
            "hovertemplate": "%{x:.4f} → %{y:.4f}<extra></extra>"}


def bars(
    values: Sequence[float], names: Sequence[str], axis: str, colour: str, theme: Theme
) -> go.Figure:
    """One bar for each name; names may be alike."""
    places = list(range(len(values)))
    bar = {
        "type": "bar", "x": places, "y": list(values), "marker": {"color": colour},
        "hovertemplate": "%{y:.4f}<extra></extra>",
    }
    layout = {
        "xaxis": {"tickvals": places, "ticktext": [plain(n) for n in names], "tickangle": -45},
        "yaxis": {"title": {"text": axis}, "rangemode": "tozero"},
        "margin": {"l": 8, "r": 8, "t": 16, "b": 8},
    }
    return drawn([bar], layout, theme, height=300)


def by_layer(
    moves: Moves, what: str, token: int, names: Sequence[str], axes: tuple[str, str], theme: Theme
) -> go.Figure:
    """Attention and FFN in every layer: the token as bars, the mean over all pieces as marks.

    what : "ratio" (logarithmic) or "cosine"; names : attention, FFN, and both again for the mean
    """
    values = getattr(moves, what)  # (2, L, n)
    layers = list(range(values.shape[1]))
    data: list[dict[str, Any]] = []
    for s, colour in enumerate((theme.query, theme.key)):
        data.append({
            "type": "bar", "x": layers, "y": values[s, :, token], "name": names[s],
            "marker": {"color": colour}, "offsetgroup": str(s),
            "text": [f"{v:.2f}" for v in values[s, :, token]], "textposition": "inside",
            "insidetextanchor": "start", "textfont": {"size": 15, "color": theme.paper},
            "hovertemplate": "%{y:.4f}<extra></extra>",
        })
    for s, colour in enumerate((theme.query, theme.key)):
        data.append({
            "type": "scatter", "x": [n + (s - 0.5) * BAR for n in layers],
            "y": values[s].mean(1), "name": names[2 + s], "mode": "markers",
            "marker": {"size": 15, "symbol": "diamond", "color": theme.paper,
                       "line": {"color": colour, "width": 3}},
            "hovertemplate": "%{y:.4f}<extra></extra>",
        })
    shown = np.concatenate([values[:, :, token], values.mean(2)])
    if what == "ratio":
        low, high = np.log10(shown.min() * 0.7), np.log10(shown.max() * 1.7)
        scale: dict[str, Any] = {"type": "log", "range": [low, high], "dtick": "D2",
                                 "tickformat": "~g"}
    else:
        scale = {"range": [min(0.0, float(shown.min()) * 1.15), 1.12]}
    layout = {
        "barmode": "group", "bargap": 1 - 2 * BAR,
        "xaxis": {"title": {"text": axes[0]}, "tickvals": layers},
        "yaxis": {"title": {"text": axes[1]}, **scale},
    }
    return drawn(data, layout, theme, height=420)
