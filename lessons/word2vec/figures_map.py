"""The map of some thousand words, flat, and in space by the graphics card (WebGL).

Flat points are SVG: Plotly's WebGL ones are drawn by code made of text, which a page's policy
forbids (docs/security.md).
"""

from collections.abc import Sequence

import plotly.graph_objects as go

from lessons.theme import Theme, plain, style
from lessons.word2vec.shipped import WordMap


def flat(chart: WordMap, found: int | None, near: Sequence[int], theme: Theme) -> go.Figure:
    """Every word a point, some named; a searched word and those drawn near it stand out.

    With a word the picture starts zoomed in on it.
    """
    x, y = chart.plane[:, 0], chart.plane[:, 1]
    names = [plain(w) for w in chart.words]
    figure = go.Figure(
        go.Scatter(x=x, y=y, mode="markers", text=names, hovertemplate="%{text}<extra></extra>",
                   marker={"size": 6, "color": theme.query, "opacity": 0.4})
    )
    landmarks = [i for i in chart.landmarks() if i != found and i not in near]
    figure.add_scatter(x=x[landmarks], y=y[landmarks], mode="text", hoverinfo="skip",
                       text=[names[i] for i in landmarks],
                       textfont={"size": 14, "color": theme.ink})
    if found is not None:
        group = [*near, found]
        figure.add_scatter(
            x=x[group], y=y[group], mode="markers+text", text=[names[i] for i in group],
            textposition="top center", hoverinfo="skip",
            textfont={"size": [15] * len(near) + [21], "color": theme.accent},
            marker={"size": [9] * len(near) + [15], "color": theme.accent},
        )
        reach = 1.6 * float(abs(chart.plane[group] - chart.plane[found]).max(initial=1.0))
        figure.update_xaxes(range=[float(x[found]) - reach, float(x[found]) + reach])
        figure.update_yaxes(range=[float(y[found]) - reach, float(y[found]) + reach])
    figure.update_layout(showlegend=False, dragmode="pan")
    figure.update_xaxes(showticklabels=False, zeroline=False)
    figure.update_yaxes(showticklabels=False, zeroline=False)
    return style(figure, theme, height=640)


def solid(chart: WordMap, found: int | None, near: Sequence[int], theme: Theme) -> go.Figure:
    """The first three principal components, to turn and zoom."""
    names = [plain(w) for w in chart.words]
    x, y, z = chart.space.T
    figure = go.Figure(
        go.Scatter3d(x=x, y=y, z=z, mode="markers", text=names,
                     hovertemplate="%{text}<extra></extra>",
                     marker={"size": 2.5, "color": theme.query, "opacity": 0.5})
    )
    group = [*near, found] if found is not None else list(chart.landmarks())[::3]
    colour = theme.accent if found is not None else theme.ink
    figure.add_scatter3d(x=x[group], y=y[group], z=z[group], mode="markers+text", hoverinfo="skip",
                         text=[names[i] for i in group], textfont={"size": 14, "color": colour},
                         marker={"size": 4, "color": colour})
    axis = {"showticklabels": False, "title": "", "gridcolor": theme.grid,
            "backgroundcolor": "rgba(0,0,0,0)", "zerolinecolor": theme.grid}
    figure.update_layout(showlegend=False, scene={"xaxis": axis, "yaxis": axis, "zaxis": axis})
    return style(figure, theme, height=640)
