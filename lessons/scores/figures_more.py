"""Pictures of the ablations, of the years after BERT, and of what the learner tries."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lessons.scores.figures import STILL, signed
from lessons.scores.likelihood import Likelihood
from lessons.scores.results import Ablation, Later
from lessons.theme import Theme, drawn, plain


def losses(found: Ablation, names: Sequence[str], theme: Theme) -> go.Figure:
    """Points lost against the whole BERT, a group of bars for each set, a colour a variant."""
    shades = (theme.value, theme.key, theme.segment)
    data: list[dict[str, object]] = []
    for variant in range(1, len(found.variants)):
        lost = [found.loss(variant, column) for column in range(len(found.columns))]
        data.append({
            "type": "bar", "x": list(found.columns), "y": [-points for points in lost],
            "name": plain(names[variant]), "marker": {"color": shades[variant - 1]},
            "text": [signed(-points) for points in lost], "textposition": "outside",
            "textfont": {"size": 13, "color": theme.ink}, "cliponaxis": False,
            "customdata": list(found.variants[variant].scores),
            "hovertemplate": "%{customdata:.1f} (%{text})<extra>%{fullData.name}</extra>",
        })
    worst = max(found.loss(v, c) for v in range(len(found.variants))
                for c in range(len(found.columns)))
    layout = {
        "barmode": "group", "bargap": 0.25, "margin": {"l": 8, "r": 8, "t": 64, "b": 8},
        "xaxis": {**STILL, "side": "top", "tickfont": {"size": 15}, "showgrid": False},
        "yaxis": {**STILL, "range": [-1.15 * worst, 0.4], "tickfont": {"size": 14},
                  "zeroline": True, "automargin": True},
        "legend": {"orientation": "h", "x": 0, "y": -0.04, "yanchor": "top"},
    }
    return drawn(data, layout, theme, height=400)


def growth(found: Ablation, titles: tuple[str, str], theme: Theme) -> go.Figure:
    """Accuracy against masked-LM perplexity, better models to the right; a line a set."""
    shades = (theme.query, theme.key, theme.value)
    x = [variant.perplexity for variant in found.variants]
    data: list[dict[str, object]] = []
    for column, name in enumerate(found.columns):
        data.append({
            "type": "scatter", "mode": "lines+markers", "x": x, "name": plain(name),
            "y": [variant.scores[column] for variant in found.variants],
            "line": {"color": shades[column], "width": 3}, "marker": {"size": 10},
            "customdata": [f"L {v.layers}, H {v.hidden}, A {v.heads}" for v in found.variants],
            "hovertemplate": "%{customdata}: %{y:.1f}<extra>%{fullData.name}</extra>",
        })
    layout = {
        "margin": {"l": 8, "r": 24, "t": 40, "b": 8},
        "xaxis": {**STILL, "range": [6.1, 3.0], "title": {"text": plain(titles[0])},
                  "tickfont": {"size": 14}},
        "yaxis": {**STILL, "title": {"text": plain(titles[1])}, "automargin": True,
                  "tickfont": {"size": 14}},
    }
    return drawn(data, layout, theme, height=380)


def years(models: Sequence[Later], chosen: str, title: str, theme: Theme) -> go.Figure:
    """A row a model, oldest first; its mean GLUE score, and an area that grows with its size.

    The dotted line is BERT-large. A model without figures has a row and no dot.
    """
    rows = list(range(len(models)))
    labels = [f"{m.year}-{m.month:02}  <b>{m.name}</b>" if m.id == chosen
              else f"{m.year}-{m.month:02}  {m.name}" for m in models]
    shown = [(row, m, m.mean) for row, m in enumerate(models) if m.mean is not None]
    bert = next(mean for _, m, mean in shown if m.id == "bert")
    data: list[dict[str, object]] = [{
        "type": "scatter", "mode": "markers+text", "cliponaxis": False,
        "x": [mean for _, _, mean in shown], "y": [row for row, _, _ in shown],
        "text": [f"<b>  {mean:.1f}  </b>" if m.id == chosen else f"  {mean:.1f}  "
                 for _, m, mean in shown],
        "textposition": ["middle left" if mean < bert else "middle right"
                         for _, _, mean in shown],
        "textfont": {"size": 16, "color": theme.ink},
        "marker": {
            "size": [1.5 * float(np.sqrt(m.million)) for _, m, _ in shown],
            "color": [theme.accent if m.id == chosen else theme.query for _, m, _ in shown],
            "opacity": [0.95 if m.id == chosen else 0.5 for _, m, _ in shown],
        },
        "customdata": [f"{m.name}: {m.million:g} M, {mean:.1f}" for _, m, mean in shown],
        "hovertemplate": "%{customdata}<extra></extra>",
    }]
    layout = {
        "showlegend": False, "margin": {"l": 8, "r": 48, "t": 8, "b": 8},
        "xaxis": {**STILL, "range": [73, 94], "title": {"text": plain(title)},
                  "tickfont": {"size": 14}},
        "yaxis": {**STILL, "tickvals": rows, "ticktext": labels, "automargin": True,
                  "range": [len(rows) - 0.4, -0.6], "tickfont": {"size": 16}},
        "shapes": [{"type": "line", "xref": "x", "yref": "paper", "x0": bert, "x1": bert,
                    "y0": 0, "y1": 1,
                    "line": {"color": theme.muted, "width": 2, "dash": "dot"}}],
    }
    return drawn(data, layout, theme, height=72 + 46 * len(rows))


def pieces(found: Likelihood, theme: Theme, start: int, stop: int, low: float) -> go.Figure:
    """log P of every piece as a bar downwards; the least likely is coloured."""
    rows = list(range(start, stop))
    weakest = int(found.log_p.argmin())
    data: list[dict[str, object]] = [{
        "type": "bar", "x": rows, "y": [float(found.log_p[row]) for row in rows],
        "marker": {"color": [theme.bad if row == weakest else theme.query for row in rows]},
        "text": [f"{found.log_p[row]:.1f}".replace("-", "\u2212") for row in rows],
        "textposition": "outside", "cliponaxis": False,
        "textfont": {"size": 13, "color": theme.ink},
        "customdata": [
            f"{plain(found.tokens[row])}: {found.log_p[row]:.2f} ({plain(found.best[row])})"
            for row in rows
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
    }]
    layout = {
        "showlegend": False, "bargap": 0.3, "margin": {"l": 8, "r": 8, "t": 8, "b": 24},
        "xaxis": {**STILL, "side": "top", "tickvals": rows, "showgrid": False,
                  "ticktext": [plain(found.tokens[row]) for row in rows],
                  "tickfont": {"size": 15, "color": theme.ink}},
        "yaxis": {**STILL, "range": [1.18 * low, 0.0], "zeroline": True, "automargin": True,
                  "tickfont": {"size": 13}},
    }
    return drawn(data, layout, theme, height=240)


def layers(
    curve: Sequence[float], strangers: Sequence[float], names: tuple[str, str],
    titles: tuple[str, str], theme: Theme,
) -> go.Figure:
    """Cosine of the pair after each layer; dots at the end: the other sentences."""
    last = len(curve) - 1
    data: list[dict[str, object]] = [
        {"type": "scatter", "mode": "lines+markers", "x": list(range(last + 1)),
         "y": list(curve), "name": plain(names[0]), "line": {"color": theme.accent, "width": 3},
         "marker": {"size": 9}, "hovertemplate": "%{x}: %{y:.3f}<extra></extra>"},
        {"type": "scatter", "mode": "markers", "x": [last] * len(strangers),
         "y": list(strangers), "name": plain(names[1]),
         "marker": {"size": 11, "color": theme.muted, "symbol": "circle-open"},
         "hovertemplate": "%{y:.3f}<extra></extra>"},
    ]
    layout = {
        "margin": {"l": 8, "r": 16, "t": 40, "b": 8},
        "xaxis": {**STILL, "title": {"text": plain(titles[0])}, "dtick": 1 if last <= 12 else 4,
                  "range": [-0.2, last + 0.4], "tickfont": {"size": 14}},
        "yaxis": {**STILL, "title": {"text": plain(titles[1])}, "automargin": True,
                  "range": [min(0.0, *curve, *strangers, 0.0), 1.05],
                  "tickfont": {"size": 14}},
    }
    return drawn(data, layout, theme, height=320)


def classes(names: Sequence[str], shares: Sequence[float], theme: Theme) -> go.Figure:
    """A bar a class with its probability; the likeliest is coloured."""
    best = int(np.argmax(shares))
    data: list[dict[str, object]] = [{
        "type": "bar", "orientation": "h", "y": [plain(n) for n in names],
        "x": [float(s) for s in shares],
        "marker": {"color": [theme.accent if i == best else theme.muted
                             for i in range(len(names))]},
        "text": [f"<b>{100 * s:.1f} %</b>" for s in shares], "textposition": "outside",
        "textfont": {"size": 16, "color": theme.ink}, "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:.4f}<extra></extra>",
    }]
    layout = {
        "showlegend": False, "bargap": 0.35, "margin": {"l": 8, "r": 72, "t": 8, "b": 8},
        "xaxis": {**STILL, "range": [0, 1], "showticklabels": False, "showgrid": False},
        "yaxis": {**STILL, "autorange": "reversed", "automargin": True,
                  "tickfont": {"size": 17, "color": theme.ink}, "showgrid": False},
    }
    return drawn(data, layout, theme, height=40 + 48 * len(names))


def numbers(names: Sequence[str], counts: Sequence[int], theme: Theme) -> go.Figure:
    """Bars of parameter counts, in millions."""
    data: list[dict[str, object]] = [{
        "type": "bar", "orientation": "h", "y": [plain(n) for n in names],
        "x": [count / 1e6 for count in counts],
        "marker": {"color": [theme.muted, *[theme.accent] * (len(names) - 1)]},
        "text": [f"<b>{count / 1e6:.1f} M</b>" for count in counts], "textposition": "outside",
        "textfont": {"size": 16, "color": theme.ink}, "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:.3f} M<extra></extra>",
    }]
    layout = {
        "showlegend": False, "bargap": 0.35, "margin": {"l": 8, "r": 88, "t": 8, "b": 8},
        "xaxis": {**STILL, "showticklabels": False, "showgrid": False,
                  "range": [0, max(counts) / 1e6]},
        "yaxis": {**STILL, "autorange": "reversed", "automargin": True,
                  "tickfont": {"size": 16, "color": theme.ink}, "showgrid": False},
    }
    return drawn(data, layout, theme, height=40 + 48 * len(names))
