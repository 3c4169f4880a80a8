"""Pictures of one head: products, softmax rows, terms of z, and two sentences compared."""

import numpy as np
import plotly.graph_objects as go

from lessons.attention.story import Story
from lessons.theme import Theme, number, plain, style


def products(story: Story, axis: str, theme: Theme) -> go.Figure:
    """The d_k products of q_i and k_j as bars, their running sum as a line ending at the score."""
    dimensions = list(range(len(story.products)))
    figure = go.Figure()
    figure.add_bar(
        x=dimensions, y=story.products, name="q·k",
        marker_color=[theme.query if p >= 0 else theme.key for p in story.products],
        hovertemplate="%{x}: %{y:.4f}<extra></extra>",
    )
    figure.add_scatter(
        x=dimensions, y=story.products.cumsum(), mode="lines+markers", name="Σ",
        line={"color": theme.accent, "width": 3}, hovertemplate="Σ %{y:.4f}<extra></extra>",
    )
    figure.add_annotation(
        x=dimensions[-1], y=story.score, text=f"<b>{number(story.score)}</b>", showarrow=False,
        xanchor="left", xshift=8, font={"size": 18, "color": theme.accent},
    )
    figure.update_layout(showlegend=False)
    figure.update_xaxes(range=[-0.7, len(dimensions) * 1.1 + 1.5], title=axis)
    return style(figure, theme, height=300)


def two_softmaxes(
    before: np.ndarray, after: np.ndarray, names: list[str], labels: tuple[str, str], theme: Theme
) -> go.Figure:
    """Two rows of weights over the same pieces, side by side."""
    places = list(range(len(names)))
    figure = go.Figure()
    figure.add_bar(x=places, y=before, name=labels[0], marker_color=theme.key)
    figure.add_bar(x=places, y=after, name=labels[1], marker_color=theme.query)
    figure.update_layout(barmode="group")
    figure.update_xaxes(tickvals=places, ticktext=[plain(n) for n in names], tickangle=-45)
    figure.update_yaxes(rangemode="tozero")
    return style(figure, theme, height=340)


def terms(story: Story, names: list[str], theme: Theme) -> go.Figure:
    """weight_j * v_j[c] for every piece, and their sum z."""
    places = list(range(len(names)))
    figure = go.Figure(
        go.Bar(x=places, y=story.terms, marker_color=theme.value,
               hovertemplate="%{y:.5f}<extra></extra>")
    )
    figure.update_xaxes(tickvals=places, ticktext=[plain(n) for n in names], tickangle=-45)
    return style(figure, theme, height=300)


def largest_inputs(story: Story, theme: Theme, count: int = 12) -> go.Figure:
    """The largest of the H products x_i * W_Q that make q_i[c], with the rest as one bar."""
    order = np.argsort(-np.abs(story.inputs))[:count]
    rest = story.q - story.bias - float(story.inputs[order].sum())
    names = [f"x[{d}]·W" for d in order] + ["…", "b", "q"]
    values = [*story.inputs[order], rest, story.bias]
    figure = go.Figure(
        go.Waterfall(
            x=names, y=[*values, story.q], measure=["relative"] * len(values) + ["total"],
            connector={"line": {"color": theme.grid}},
            increasing={"marker": {"color": theme.query}},
            decreasing={"marker": {"color": theme.key}},
            totals={"marker": {"color": theme.accent}},
            hovertemplate="%{x}: %{delta:.4f}<extra></extra>",
        )
    )
    return style(figure, theme, height=300)
