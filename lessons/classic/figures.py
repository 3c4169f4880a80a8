"""Pictures of counted words: a triangle, bars, curves and topic shares."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lessons.theme import Theme, number, percent, plain, style

_CORNERS = ((0.0, 0.0), (1.0, 0.0), (0.5, 0.866))


def shortened(text: str, length: int = 34) -> str:
    """A text that fits beside a bar."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def triangle(words: Sequence[str], distances: np.ndarray, theme: Theme) -> go.Figure:
    """Two or three words as points with the distance written on every side, float[N, N]."""
    corners = np.array(_CORNERS[: len(words)])
    figure = go.Figure()
    for i in range(len(words)):
        for j in range(i + 1, len(words)):
            ends = corners[[i, j]]
            figure.add_scatter(x=ends[:, 0], y=ends[:, 1], mode="lines", hoverinfo="skip",
                               line={"color": theme.muted, "width": 2, "dash": "dot"})
            middle = ends.mean(axis=0)
            figure.add_annotation(x=middle[0], y=middle[1], text=number(float(distances[i, j])),
                                  showarrow=False, bgcolor=theme.paper, borderpad=4,
                                  font={"size": 18, "color": theme.ink})
    figure.add_scatter(
        x=corners[:, 0], y=corners[:, 1], mode="markers+text", hoverinfo="skip",
        marker={"size": 20, "color": theme.token}, text=[f"<b>{plain(w)}</b>" for w in words],
        textposition=["bottom center", "bottom center", "top center"][: len(words)],
        textfont={"size": 22, "color": theme.token}, cliponaxis=False,
    )
    figure.update_xaxes(visible=False, range=[-0.35, 1.35])
    figure.update_yaxes(visible=False, range=[-0.28, 1.12])
    return style(figure, theme, height=330).update_layout(showlegend=False, margin_t=8)


def bars(
    names: Sequence[str], values: Sequence[float], theme: Theme, *, marked: Sequence[int] = ()
) -> go.Figure:
    """One horizontal bar for each name, the first on top; `marked` ones in the accent colour."""
    rows = list(range(len(names)))
    colours = [theme.accent if row in marked else theme.query for row in rows]
    figure = go.Figure(
        go.Bar(x=list(values), y=rows, orientation="h", marker_color=colours, width=0.66,
               text=[number(v) for v in values], textposition="outside", cliponaxis=False,
               hovertext=[plain(name) for name in names], hoverinfo="text")
    )
    figure.update_yaxes(tickvals=rows, ticktext=[plain(shortened(n)) for n in names],
                        autorange="reversed", showgrid=False, zeroline=False)
    figure.update_xaxes(visible=False, range=_room(values))
    return style(figure, theme, height=50 + 34 * len(rows)).update_layout(margin_t=8)


def _room(values: Sequence[float]) -> list[float]:
    low, high = min(0.0, *values), max(0.0, *values)
    margin = 0.3 * (high - low or 1.0)
    return [low - margin if low < 0 else 0.0, high + margin]


def two_bars(
    names: Sequence[str], both: tuple[np.ndarray, np.ndarray], labels: tuple[str, str],
    theme: Theme,
) -> go.Figure:
    """Two values for each name, float[N] each, one above the other."""
    rows = list(range(len(names)))
    figure = go.Figure()
    for values, label, colour in zip(both, labels, (theme.key, theme.query), strict=True):
        figure.add_bar(x=values, y=rows, orientation="h", name=label, marker_color=colour,
                       text=[number(float(v)) for v in values], textposition="outside",
                       cliponaxis=False, hoverinfo="skip")
    figure.update_yaxes(tickvals=rows, ticktext=[plain(shortened(n)) for n in names],
                        autorange="reversed", showgrid=False, zeroline=False)
    every = [*map(float, both[0]), *map(float, both[1])]
    figure.update_xaxes(visible=False, range=_room(every))
    figure.update_layout(barmode="group", bargap=0.25)
    return style(figure, theme, height=90 + 58 * len(rows))


def likelihood(values: Sequence[float], axes: tuple[str, str], theme: Theme) -> go.Figure:
    """The log-likelihood before EM's first step and after each."""
    figure = go.Figure(go.Scatter(
        x=list(range(len(values))), y=list(values), mode="lines+markers", marker={"size": 6},
        line={"color": theme.accent, "width": 3}, hovertemplate="%{x}: %{y:.4f}<extra></extra>",
    ))
    figure.update_xaxes(title=axes[0])
    figure.update_yaxes(title=axes[1])
    return style(figure, theme, height=300).update_layout(margin_t=12)


def topic_words(topic: Sequence[tuple[str, float]], colour: str, theme: Theme) -> go.Figure:
    """The most probable words of one topic."""
    rows = list(range(len(topic)))
    figure = go.Figure(
        go.Bar(x=[p for _, p in topic], y=rows, orientation="h", marker_color=colour, width=0.66,
               text=[percent(p) for _, p in topic], textposition="outside", cliponaxis=False,
               hoverinfo="skip")
    )
    figure.update_yaxes(tickvals=rows, ticktext=[plain(shortened(w, 16)) for w, _ in topic],
                        autorange="reversed", showgrid=False, zeroline=False)
    figure.update_xaxes(visible=False, range=[0, 1.45 * max(p for _, p in topic)])
    return style(figure, theme, height=40 + 27 * len(rows)).update_layout(margin_t=4)


def topic_colours(theme: Theme) -> tuple[str, ...]:
    """A colour for each topic."""
    return (*theme.series(), theme.segment, theme.muted)


def mixtures(
    names: Sequence[str], shares: np.ndarray, labels: Sequence[str], theme: Theme
) -> go.Figure:
    """Every text's shares of the topics as one bar that adds up to 1: float[D, K]."""
    rows = list(range(len(names)))
    figure = go.Figure()
    for column, label, colour in zip(shares.T, labels, topic_colours(theme), strict=False):
        figure.add_bar(
            x=column, y=rows, orientation="h", name=label, marker_color=colour, width=0.7,
            text=[f"{100 * p:.0f} %" if p >= 0.12 else "" for p in column],
            textposition="inside", insidetextanchor="middle", textangle=0,
            textfont={"color": theme.paper}, hovertemplate="%{x:.4f}",
        )
    figure.update_yaxes(tickvals=rows, ticktext=[plain(shortened(n)) for n in names],
                        autorange="reversed", showgrid=False, zeroline=False)
    figure.update_xaxes(visible=False, range=[0, 1])
    figure.update_layout(barmode="stack")
    return style(figure, theme, height=90 + 36 * len(rows))
