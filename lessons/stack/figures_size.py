"""Pictures of a BERT's size: where its parameters are, where its work goes, what memory holds."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.models.sizes import Memory, Parameters, Shape, Work, parameters
from lessons.theme import Theme, drawn


def short(count: float) -> str:
    """A count to three digits: 109 M, 4.39 M, 66 k."""
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= 0.9995 * size:
            return f"{count / size:.3g} {unit}"
    return f"{count:.0f}"


def bytes_of(count: float) -> str:
    """Bytes to three digits, in powers of 1024."""
    for power, unit in ((4, "TiB"), (3, "GiB"), (2, "MiB"), (1, "KiB")):
        if count >= 0.9995 * 1024**power:
            return f"{count / 1024**power:.3g} {unit}"
    return f"{count:.0f} B"


def colours(theme: Theme) -> tuple[str, str, str, str]:
    """Of embeddings, attention, FFN and heads, in every picture of sizes."""
    return theme.token, theme.query, theme.key, theme.muted


def parts(count: Parameters, names: Sequence[str], theme: Theme) -> go.Figure:
    """Embeddings, attention, FFN and the heads as bars. names : of the four"""
    values = [count.embeddings, count.attention, count.ffn, count.heads]
    whole = count.pretraining
    bars = {
        "type": "bar", "x": list(names), "y": values, "marker": {"color": colours(theme)},
        "text": [f"<b>{short(v)}</b><br>{100 * v / whole:.0f} %" for v in values],
        "textposition": "outside", "textfont": {"size": 17}, "cliponaxis": False,
        "hovertemplate": "%{x}: %{y:,}<extra></extra>",
    }
    layout = {
        "showlegend": False, "bargap": 0.35,
        "xaxis": {"fixedrange": True, "tickangle": 0, "tickfont": {"size": 16}},
        "yaxis": {"range": [0, 1.25 * max(values)], "fixedrange": True, "showticklabels": False,
                  "showgrid": False},
    }
    return drawn([bars], layout, theme, height=340)


def shares(
    shapes: Mapping[str, Shape], names: Sequence[str], theme: Theme
) -> go.Figure:
    """For each shape what share of its parameters lies where, one bar a shape."""
    counts = [parameters(shape) for shape in shapes.values()]
    rows = list(shapes)
    data = []
    for name, part, colour in zip(
        names, ("embeddings", "attention", "ffn", "heads"), colours(theme), strict=True
    ):
        values = [100 * getattr(c, part) / c.pretraining for c in counts]
        data.append({
            "type": "bar", "orientation": "h", "y": rows, "x": values, "name": name,
            "marker": {"color": colour}, "hovertemplate": "%{y} · " + name + ": %{x:.1f} %"
            "<extra></extra>",
            "text": [f"{v:.0f} %" if v >= 9 else "" for v in values],
            "textposition": "inside", "insidetextanchor": "middle", "textangle": 0,
            "textfont": {"size": 15, "color": theme.paper},
        })
    layout = {
        "barmode": "stack", "bargap": 0.25,
        "xaxis": {"range": [0, 100.5], "fixedrange": True, "ticksuffix": " %", "dtick": 25},
        "yaxis": {"autorange": "reversed", "fixedrange": True, "tickfont": {"size": 16}},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom",
                   "traceorder": "normal"},
    }
    return drawn(data, layout, theme, height=90 + 44 * len(rows))


def growth(
    works: Mapping[int, Work], chosen: int, names: Sequence[str], axes: tuple[str, str],
    theme: Theme,
) -> go.Figure:
    """Multiply-adds for one piece by the length of the sequence: only the pairs grow.

    works : by n; names : projections, FFN, pairs
    """
    lengths = list(works)
    data = [
        {"type": "scatter", "x": lengths, "y": [getattr(w, part) for w in works.values()],
         "name": name, "mode": "lines", "stackgroup": "work",
         "line": {"color": colour, "width": 2}, "hovertemplate": "%{y:.4s}"}
        for name, part, colour in zip(
            names, ("projections", "ffn", "pairs"), (theme.query, theme.key, theme.segment),
            strict=True,
        )
    ]
    top = max(w.total for w in works.values())
    layout = {
        "hovermode": "x unified",
        "xaxis": {"title": {"text": axes[0]}, "range": [0, max(lengths)], "fixedrange": True},
        "yaxis": {"title": {"text": axes[1]}, "range": [0, 1.08 * top], "fixedrange": True,
                  "exponentformat": "SI"},
        "shapes": [{"type": "line", "x0": chosen, "x1": chosen, "y0": 0, "y1": 1,
                    "yref": "paper", "line": {"color": theme.ink, "width": 2, "dash": "dash"}}],
    }
    return drawn(data, layout, theme, height=340)


def needs(found: Memory, names: Mapping[str, str], theme: Theme) -> go.Figure:
    """Bytes for using and for training. names : float32, float16, int8, adam, activations"""
    values = {**found.weights, "adam": found.adam, "activations": found.activations}
    ink = (theme.query, theme.query, theme.query, theme.key, theme.segment)
    most = max(values.values())
    bars = {
        "type": "bar", "orientation": "h", "y": [names[k] for k in values],
        "x": list(values.values()), "marker": {"color": ink},
        "text": [f"<b>{bytes_of(v)}</b>" for v in values.values()], "textposition": "outside",
        "textfont": {"size": 17}, "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:,} B<extra></extra>",
    }
    layout = {
        "showlegend": False, "bargap": 0.3,
        "xaxis": {"range": [0, 1.35 * most], "showticklabels": False, "showgrid": False,
                  "fixedrange": True, "zeroline": False},
        "yaxis": {"autorange": "reversed", "fixedrange": True, "showgrid": False,
                  "tickfont": {"size": 16}},
    }
    return drawn([bars], layout, theme, height=290)
