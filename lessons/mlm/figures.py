"""Pictures of the masked-LM lesson."""

from collections.abc import Sequence

import plotly.graph_objects as go

from lessons.mlm.context import Curve
from lessons.theme import Theme, drawn, percent, plain


def words(
    names: Sequence[str], probabilities: Sequence[float], theme: Theme, *, full: bool = False
) -> go.Figure:
    """The best words with their probabilities, best on top."""
    shares = [float(p) for p in probabilities]
    rows = list(range(len(names)))[::-1]
    bar = {
        "type": "bar", "x": shares, "y": rows, "orientation": "h",
        "marker": {"color": theme.accent}, "text": [percent(p) for p in shares],
        "textposition": "outside", "cliponaxis": False, "textfont": {"size": 16},
        "hoverinfo": "skip",
    }
    layout = {
        "margin": {"l": 8, "r": 8, "t": 4, "b": 8},
        "yaxis": {"tickvals": rows, "ticktext": [plain(n) for n in names],
                  "tickfont": {"size": 17}, "showgrid": False, "zeroline": False},
        "xaxis": {"range": [0, 1.4 if full else max(shares) * 1.25], "visible": False},
    }
    return drawn([bar], layout, theme, height=20 + 34 * len(rows))


def context_curve(curve: Curve, labels: Sequence[str], theme: Theme) -> go.Figure:
    """p(word) over the number of words kept: left alone, right alone, both sides.

    labels : names of the three lines, then of the axis below
    """
    lines = zip(
        (curve.left, curve.right, curve.both), labels, (theme.query, theme.key, theme.accent),
        (7, 7, 9), ("dot", "dash", "solid"), strict=False,
    )
    places = [str(k) for k in curve.kept]
    data = [
        {
            "type": "scatter", "x": places, "y": values, "name": name, "mode": "lines+markers",
            "line": {"color": colour, "width": 3, "dash": dash}, "marker": {"size": size},
            "hovertemplate": "%{x}: %{y:.1%}",
        }
        for values, name, colour, size, dash in lines
    ]
    highest = max(*curve.left, *curve.right, *curve.both)
    layout = {
        "xaxis": {"title": {"text": labels[3]}, "type": "category"},
        "yaxis": {"range": [0, 1.08 * highest], "tickformat": ".0%" if highest > 0.1 else ".1%"},
    }
    return drawn(data, layout, theme, height=340)
