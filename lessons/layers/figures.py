"""Pictures of the choices: cosines to a second sentence, probes by layer, published beside ours,
and accuracy against time."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from lessons.layers.lesson import Result
from lessons.layers.measured import WAYS, Figure, Measured, Probed, Published
from lessons.theme import Theme, drawn, plain

STILL = {"zeroline": False, "fixedrange": True}
ROW = 46


def per_cent(share: float) -> str:
    """A share of 1 as lessons print figures here: one decimal."""
    return f"{100 * share:.1f}"


def to_second(result: Result, labels: Sequence[str], theme: Theme) -> go.Figure:
    """A bar for each choice: the cosine of the word in one sentence and in the other."""
    layers = sum(name.isdigit() for name in result.names)
    colours = [theme.query] * layers + [theme.accent] * (len(labels) - layers)
    low = min(0.0, *result.to_second)
    data: list[dict[str, object]] = [{
        "type": "bar", "orientation": "h", "x": list(result.to_second),
        "y": list(range(len(labels))), "marker": {"color": colours},
        "text": [f"{value:.2f}".replace("-", "\u2212") for value in result.to_second],
        "textposition": "outside", "textfont": {"size": 16, "color": theme.ink},
        "cliponaxis": False, "hoverinfo": "skip",
    }]
    layout = {
        "showlegend": False, "bargap": 0.25, "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "xaxis": {**STILL, "range": [1.15 * low, 1.14], "showticklabels": False,
                  "showgrid": False, "zeroline": True},
        "yaxis": {**STILL, "tickvals": list(range(len(labels))),
                  "ticktext": [plain(label) for label in labels], "autorange": "reversed",
                  "showgrid": False, "automargin": True, "tickfont": {"size": 15}},
    }
    return drawn(data, layout, theme, height=40 + 34 * len(labels))


def curve(
    probed: Probed, labels: Mapping[str, str], axis: str, theme: Theme
) -> go.Figure:
    """A task's figure by layer with its interval, and what is reached without any layer.

    labels : of "probe", "control", "usual"
    """
    layers = list(range(len(probed.layers)))
    shown = [100 * f.value for f in probed.layers]
    named = probed.layers[0].words is not None  # F1: the control's accuracy is of another kind
    data: list[dict[str, object]] = []
    if not named:
        data.append({
            "type": "scatter", "mode": "lines+markers", "x": layers, "name": labels["control"],
            "y": [100 * c for c in probed.control], "marker": {"size": 8, "symbol": "x"},
            "line": {"color": theme.muted, "width": 2, "dash": "dot"},
            "hovertemplate": "%{y:.1f}<extra></extra>",
        })
    data += [
        {"type": "scatter", "mode": "lines", "x": [layers[0], layers[-1]], "hoverinfo": "skip",
         "y": [100 * probed.usual.value] * 2, "name": labels["usual"],
         "line": {"color": theme.key, "width": 2, "dash": "dash"}},
        {"type": "scatter", "mode": "text", "x": layers, "showlegend": False,
         "y": [100 * f.high for f in probed.layers], "cliponaxis": False, "hoverinfo": "skip",
         "text": [per_cent(f.value) for f in probed.layers], "textposition": "top center",
         "textfont": {"size": 15, "color": theme.ink}},
        {"type": "scatter", "mode": "lines+markers", "x": layers, "y": shown,
         "name": labels["probe"], "line": {"color": theme.accent, "width": 3},
         "marker": {"size": 11, "color": theme.accent},
         "error_y": {"type": "data", "symmetric": False, "thickness": 1.5, "width": 5,
                     "array": [100 * (f.high - f.value) for f in probed.layers],
                     "arrayminus": [100 * (f.value - f.low) for f in probed.layers]},
         "hovertemplate": "%{y:.1f}<extra></extra>"},
    ]
    lowest = min([*(100 * f.low for f in probed.layers), 100 * probed.usual.value]
                 + ([] if named else [100 * c for c in probed.control]))
    highest = 100 * max(f.high for f in probed.layers)
    layout = {
        "xaxis": {**STILL, "title": {"text": plain(axis)}, "dtick": 1, "showgrid": False,
                  "range": [-0.4, layers[-1] + 0.4], "tickfont": {"size": 15}},
        "yaxis": {**STILL, "range": [lowest - 4, highest + 5], "automargin": True,
                  "tickfont": {"size": 14}},
        "margin": {"l": 8, "r": 12, "t": 64, "b": 8},
    }
    return drawn(data, layout, theme, height=400)


def printed(
    found: Published, names: Sequence[str], labels: Sequence[str], theme: Theme
) -> go.Figure:
    """The published figures as points, the best coloured; one number each, as printed."""
    values = [found.choices[name] for name in names]
    best = max(values)
    data: list[dict[str, object]] = [{
        "type": "scatter", "mode": "markers+text", "x": values, "y": list(range(len(values))),
        "marker": {"color": [theme.accent if v == best else theme.muted for v in values],
                   "size": 14},
        "text": [f"<b>{v:.1f}</b>" if v == best else f"{v:.1f}" for v in values],
        "textposition": "top center", "textfont": {"size": 15, "color": theme.ink},
        "cliponaxis": False, "hoverinfo": "skip",
    }]
    return _rows(data, labels, (min(values) - 1, max(values) + 1), theme)


def ours(
    found: Measured, names: Sequence[str], labels: Sequence[str], readers: Mapping[str, str],
    theme: Theme,
) -> go.Figure:
    """Our figures as points with their intervals, a colour a reader; the best of each bold."""
    data: list[dict[str, object]] = []
    every: list[float] = []
    for reader, colour, lift, symbol, side in (
        ("bilstm", theme.accent, -0.16, "circle", "right"),
        ("linear", theme.query, 0.16, "diamond", "left"),
    ):
        rows = [found.choices[name][reader] for name in names]
        best = max(row.value for row in rows)
        every += [100 * edge for row in rows for edge in (row.low, row.high)]
        heights = [at + lift for at in range(len(rows))]
        data += [
            {"type": "scatter", "mode": "markers", "name": readers[reader],
             "x": [100 * row.value for row in rows], "y": heights,
             "marker": {"size": 13, "color": colour, "symbol": symbol},
             "cliponaxis": False, "error_x": _interval(rows),
             "hovertemplate": "%{x:.1f}<extra></extra>"},
            {"type": "scatter", "mode": "text", "showlegend": False, "hoverinfo": "skip",
             "x": [100 * (row.high if side == "right" else row.low) for row in rows],
             "y": heights, "cliponaxis": False, "textposition": f"middle {side}",
             "text": [f"<b> {per_cent(r.value)} </b>" if r.value == best
                      else f" {per_cent(r.value)} " for r in rows],
             "textfont": {"size": 14, "color": colour}},
        ]
    return _rows(data, labels, (min(every) - 7, max(every) + 7), theme, legend=True)


def _interval(rows: Sequence[Figure]) -> dict[str, object]:
    return {
        "type": "data", "symmetric": False, "thickness": 2, "width": 5,
        "array": [100 * (row.high - row.value) for row in rows],
        "arrayminus": [100 * (row.value - row.low) for row in rows],
    }


def _rows(
    data: list[dict[str, object]], labels: Sequence[str], span: tuple[float, float],
    theme: Theme, *, legend: bool = False,
) -> go.Figure:
    rows = list(range(len(labels)))
    layout = {
        "showlegend": legend,
        "margin": {"l": 8, "r": 16, "t": 44, "b": 8},
        "legend": {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom"},
        "xaxis": {**STILL, "range": list(span), "tickfont": {"size": 14}},
        "yaxis": {**STILL, "tickvals": rows, "ticktext": [plain(label) for label in labels],
                  "range": [len(rows) - 0.4, -0.6], "showgrid": False, "automargin": True,
                  "tickfont": {"size": 15, "color": theme.ink}},
    }
    return drawn(data, layout, theme, height=60 + ROW * len(labels) + 20)


def spent(
    found: Measured, task: str, ways: Mapping[str, str], axis: str, sentences: str, theme: Theme
) -> go.Figure:
    """A line for each way: seconds across, figure up, the sentences learned from at each point.

    sentences : how a count is said, with {count}
    """
    looks = {"linear": (theme.query, "diamond"), "bilstm": (theme.accent, "circle"),
             "tuned": (theme.key, "square")}
    data: list[dict[str, object]] = []
    for way in WAYS:
        rows = sorted((r for r in found.spent[task] if r.way == way), key=lambda r: r.sentences)
        colour, symbol = looks[way]
        data.append({
            "type": "scatter", "mode": "lines+markers", "name": ways[way],
            "x": [r.seconds for r in rows], "y": [100 * r.figure.value for r in rows],
            "line": {"color": colour, "width": 2.5},
            "marker": {"size": 12, "symbol": symbol, "color": colour},
            "error_y": {"type": "data", "symmetric": False, "thickness": 1.5, "width": 4,
                        "array": [100 * (r.figure.high - r.figure.value) for r in rows],
                        "arrayminus": [100 * (r.figure.value - r.figure.low) for r in rows]},
            "customdata": [sentences.format(count=f"{r.sentences:,}") for r in rows],
            "hovertemplate": "%{customdata}: %{y:.1f}, %{x:.0f} s<extra></extra>",
            "cliponaxis": False,
        })
    layout = {
        "xaxis": {**STILL, "type": "log", "title": {"text": plain(axis)},
                  "tickvals": [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
                  "tickfont": {"size": 14}, "automargin": True},
        "yaxis": {**STILL, "automargin": True, "tickfont": {"size": 14}},
        "margin": {"l": 8, "r": 16, "t": 64, "b": 8},
    }
    return drawn(data, layout, theme, height=400)
