"""Pictures beside the heads: where attention goes by layer, and what an average hides."""

import numpy as np
import plotly.graph_objects as go

from lessons.theme import Theme, drawn


def landing(to_kind: np.ndarray, labels: list[str], axis: str, theme: Theme) -> go.Figure:
    """float[L, A, 4] as stacked bars, one a layer: the share of attention on each kind."""
    shares = to_kind.mean(axis=1)  # (L, 4)
    layers = list(range(len(shares)))
    colours = (theme.position, theme.query, theme.key, theme.grid)
    bars = [
        {"type": "bar", "x": layers, "y": shares[:, kind], "name": label,
         "marker": {"color": colour}, "hovertemplate": "%{y:.1%}<extra>" + label + "</extra>"}
        for kind, (label, colour) in enumerate(zip(labels, colours, strict=True))
    ]
    layout = {
        "barmode": "stack", "bargap": 0.25,
        "xaxis": {"title": {"text": axis}, "dtick": 1},
        "yaxis": {"tickformat": ".0%", "range": [0, 1]},
    }
    return drawn(bars, layout, theme, height=320)


def hidden_by_average(
    head_bits: np.ndarray, average_bits: np.ndarray, labels: tuple[str, str, str], theme: Theme
) -> go.Figure:
    """Entropy of a row by layer: of single heads, and of their average."""
    layers = list(range(len(head_bits)))
    bars = [
        {"type": "bar", "x": layers, "y": bits, "name": label, "marker": {"color": colour},
         "hovertemplate": "%{y:.2f}<extra>" + label + "</extra>"}
        for bits, label, colour in (
            (head_bits, labels[0], theme.query), (average_bits, labels[1], theme.key),
        )
    ]
    layout = {
        "barmode": "group",
        "xaxis": {"title": {"text": labels[2]}, "dtick": 1}, "yaxis": {"rangemode": "tozero"},
    }
    return drawn(bars, layout, theme, height=320)
