"""Pictures of a head: probabilities, the products of one logit, the two curves of a question."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.contract import AnswerSpan, SpanWindow
from lessons.tasks.reading import Sum, paragraph_pieces
from lessons.theme import Theme, drawn, number, percent, plain

STILL = {"zeroline": False, "fixedrange": True}
TOP = 10
ROOM = 0.32  # beside the longest bar, for its number
PRODUCT_ROOM = 0.3
TICKS = 24  # pieces named below the curves; more do not fit on a phone
LONG = 28  # characters of an answer above its place


def probabilities(
    names: Sequence[str], values: Sequence[float], chosen: int, theme: Theme
) -> go.Figure:
    """A bar a class; the chosen one in colour."""
    rows = list(range(len(names)))
    data = [{
        "type": "bar", "orientation": "h", "y": rows, "x": list(values),
        "marker": {"color": [theme.accent if i == chosen else theme.muted for i in rows],
                   "opacity": [1.0 if i == chosen else 0.5 for i in rows]},
        "text": [f"<b>{percent(p)}</b>" if i == chosen else percent(p)
                 for i, p in enumerate(values)],
        "textposition": "outside", "cliponaxis": False,
        "textfont": {"size": 18, "color": theme.ink},
        "customdata": [plain(name) for name in names],
        "hovertemplate": "%{customdata}: %{x:.6f}<extra></extra>",
    }]
    layout = {
        "showlegend": False, "bargap": 0.3, "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "xaxis": {**STILL, "range": [0, 1 + ROOM], "showgrid": False, "showticklabels": False},
        "yaxis": {**STILL, "tickvals": rows, "ticktext": [plain(name) for name in names],
                  "showgrid": False, "automargin": True, "ticklabelstandoff": 8,
                  "range": [len(rows) - 0.45, -0.55],
                  "tickfont": {"size": 18, "color": theme.ink}},
    }
    return drawn(data, layout, theme, height=20 + (48 if len(rows) < 6 else 32) * len(rows))


def products(
    made: Sum, vector: str, weight: str, others: str, theme: Theme, top: int = TOP
) -> go.Figure:
    """The largest products x_h w_h with their sign, then all others together, then the bias.

    vector, weight : how x and w are called at a coordinate
    """
    first = made.largest(top)
    names = [f"{vector}[{h}] · {weight}[{h}]" for h in first] + [others, "b"]
    values = [*made.products[first], made.rest(top), made.bias]
    rows = list(range(len(names)))
    extent = max(float(np.abs(values).max()), 1e-9)
    colours = [theme.query if v >= 0 else theme.key for v in values[:-2]]
    data = [{
        "type": "bar", "orientation": "h", "y": rows, "x": [float(v) for v in values],
        "marker": {"color": [*colours, theme.muted, theme.muted]},
        "text": [number(float(v)) for v in values], "textposition": "outside",
        "cliponaxis": False, "textfont": {"size": 15, "color": theme.ink},
        "customdata": [
            *(f"{number(float(made.x[h]))} · {number(float(made.w[h]))}" for h in first),
            plain(others), "b",
        ],
        "hovertemplate": "%{customdata} = %{x:.4f}<extra></extra>",
    }]
    low, high = min(0.0, *values), max(0.0, *values)
    room = PRODUCT_ROOM * (high - low or extent)
    layout = {
        "showlegend": False, "bargap": 0.3, "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "xaxis": {**STILL, "zeroline": True, "zerolinewidth": 1, "showticklabels": False,
                  "showgrid": False, "range": [low - room, high + room],
                  "zerolinecolor": theme.muted},
        "yaxis": {**STILL, "tickvals": rows, "ticktext": [plain(name) for name in names],
                  "showgrid": False, "automargin": True, "ticklabelstandoff": 8,
                  "range": [len(rows) - 0.45, -0.55],
                  "tickfont": {"size": 15, "color": theme.ink}},
    }
    return drawn(data, layout, theme, height=20 + 34 * len(rows))


def curves(
    window: SpanWindow, span: AnswerSpan | None, names: tuple[str, str], theme: Theme
) -> go.Figure:
    """S . T_i and E . T_j over the paragraph's pieces, the best span of this window shaded.

    names : of the two curves
    """
    own = paragraph_pieces(window)
    pieces = [plain(window.encoded.tokens[i]) for i in own]
    every = max(1, -(-len(own) // TICKS))
    data = [
        {
            "type": "scatter", "mode": "lines+markers", "name": name, "x": list(range(len(own))),
            "y": logits[own].astype(float).tolist(), "line": {"color": colour, "width": 2.5},
            "marker": {"color": colour, "size": 7 if len(own) <= 120 else 4, "symbol": symbol},
            "customdata": pieces, "hovertemplate": "%{customdata}: %{y:.3f}<extra></extra>",
        }
        for name, logits, colour, symbol in (
            (names[0], window.start_logits, theme.query, "triangle-right"),
            (names[1], window.end_logits, theme.key, "triangle-left"),
        )
    ]
    layout = {
        **_shaded(own, span, theme), "hovermode": "x unified",
        "margin": {"l": 8, "r": 8, "t": 64, "b": 8},
        "xaxis": {"tickvals": list(range(0, len(own), every)), "ticktext": pieces[::every],
                  "tickangle": -90, "automargin": True, "showgrid": False, "zeroline": False,
                  "tickfont": {"size": 14, "color": theme.ink}, "fixedrange": True,
                  "range": [-0.7, len(own) - 0.3]},
        "yaxis": {**STILL, "automargin": True, "tickfont": {"size": 14}},
        "legend": {"orientation": "h", "x": 0, "y": 1.09, "yanchor": "bottom"},
    }
    return drawn(data, layout, theme, height=440)


def _shaded(own: np.ndarray, span: AnswerSpan | None, theme: Theme) -> dict[str, object]:
    """The place of a span behind the curves, its text above it."""
    if span is None:
        return {}
    first, last = (int(np.searchsorted(own, place)) for place in (span.first, span.last))
    shown = span.text if len(span.text) <= LONG else span.text[: LONG - 1] + "…"
    middle = (first + last) / 2 / max(len(own), 1)
    anchor = "left" if middle < 0.3 else "right" if middle > 0.7 else "center"
    return {
        "shapes": [{
            "type": "rect", "xref": "x", "yref": "paper", "x0": first - 0.5, "x1": last + 0.5,
            "y0": 0, "y1": 1, "fillcolor": theme.value, "opacity": 0.2, "line": {"width": 0},
        }],
        "annotations": [{
            "x": {"left": first - 0.5, "right": last + 0.5}.get(anchor, (first + last) / 2),
            "y": 1, "yref": "paper", "yanchor": "bottom", "xanchor": anchor, "showarrow": False,
            "text": f"<b>{plain(shown)}</b>", "font": {"size": 15, "color": theme.value},
        }],
    }
