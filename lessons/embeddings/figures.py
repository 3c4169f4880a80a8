"""Pictures of the input layer."""

import plotly.graph_objects as go

from lessons.embeddings.lesson import Result
from lessons.theme import Theme, number, style


def one_dimension(result: Result, piece: int, dimension: int, names: tuple[str, ...],
                  theme: Theme) -> go.Figure:
    """token + segment + position = sum at one dimension, as a waterfall."""
    parts = [float(p[piece, dimension]) for p in (result.token, result.segment, result.position)]
    total = float(result.sum[piece, dimension])
    figure = go.Figure(
        go.Waterfall(
            x=list(names), y=[*parts, total],
            measure=["relative", "relative", "relative", "total"],
            text=[number(v) for v in (*parts, total)], textposition="outside",
            connector={"line": {"color": theme.grid}},
            increasing={"marker": {"color": theme.query}},
            decreasing={"marker": {"color": theme.key}},
            totals={"marker": {"color": theme.accent}},
            textfont={"size": 16}, cliponaxis=False,
        )
    )
    figure.update_yaxes(zeroline=True, zerolinecolor=theme.muted)
    return style(figure, theme, height=330)


def neighbours(pairs: tuple[tuple[str, float], ...], theme: Theme) -> go.Figure:
    """Cosine of the nearest token embeddings as bars."""
    names = [name for name, _ in pairs][::-1]
    values = [value for _, value in pairs][::-1]
    figure = go.Figure(
        go.Bar(x=values, y=list(range(len(names))), orientation="h", marker_color=theme.token,
               text=[f"{v:.2f}" for v in values], textposition="outside", cliponaxis=False)
    )
    figure.update_yaxes(tickvals=list(range(len(names))), ticktext=names)
    figure.update_xaxes(range=[0, max(values) * 1.15])
    return style(figure, theme, height=320)
