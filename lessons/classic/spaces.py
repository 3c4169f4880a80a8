"""Pictures of places: the graph of TextRank, and documents and words in LSA's plane."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.vectors.textrank import Ranked
from lessons.classic.latent import Space
from lessons.theme import Theme, number, plain, style

MOST_NODES = 32
_MOST_WORDS = 26


def graph(ranked: Ranked, marked: Sequence[int], node: int, theme: Theme) -> go.Figure:
    """The best-ranked words and their edges; area by rank, key words in the accent colour.

    marked : nodes that are key words; node : the one whose edges are drawn strong
    """
    shown = set(ranked.order()[:MOST_NODES]) | {node}
    order = sorted(shown)
    figure = go.Figure()
    weak, strong = _lines(ranked, order, node)
    for (xs, ys), colour, width in ((weak, theme.grid, 1.5), (strong, theme.key, 3)):
        figure.add_scatter(x=xs, y=ys, mode="lines", hoverinfo="skip",
                           line={"color": colour, "width": width})
    largest = float(ranked.ranks[order].max())
    sizes = [12 + 34 * (float(ranked.ranks[i]) / largest) for i in order]
    figure.add_scatter(
        x=ranked.places[order, 0], y=ranked.places[order, 1], mode="markers+text",
        marker={"size": sizes, "color": [theme.accent if i in set(marked) else theme.muted
                                         for i in order],
                "line": {"color": [theme.key if i == node else theme.paper for i in order],
                         "width": 3}},
        text=[plain(ranked.names[i]) for i in order], textposition="top center",
        textfont={"size": [15 if i in set(marked) else 13 for i in order], "color": theme.ink},
        hovertext=[f"{plain(ranked.names[i])}: {number(float(ranked.ranks[i]))}" for i in order],
        hoverinfo="text", cliponaxis=False,
    )
    _bare(figure, ranked.places[order])
    return style(figure, theme, height=470).update_layout(showlegend=False, margin_t=12)


def _lines(ranked: Ranked, order: Sequence[int], node: int) -> tuple[tuple[list, list], ...]:
    """x and y of all edges among `order`, None between two: those of `node` apart."""
    weak: tuple[list[float | None], list[float | None]] = ([], [])
    strong: tuple[list[float | None], list[float | None]] = ([], [])
    for at, i in enumerate(order):
        for j in order[at + 1 :]:
            if ranked.weights[i, j] > 0:
                line = strong if node in (i, j) else weak
                for axis in (0, 1):
                    line[axis].extend([ranked.places[i, axis], ranked.places[j, axis], None])
    return weak, strong


def _bare(figure: go.Figure, places: np.ndarray) -> None:
    """No axes, and room at the sides for the labels."""
    low, high = places.min(axis=0), places.max(axis=0)
    margin = 0.16 * np.maximum(high - low, 0.2)
    for update, axis in ((figure.update_xaxes, 0), (figure.update_yaxes, 1)):
        update(visible=False, range=[low[axis] - margin[axis], high[axis] + margin[axis]])


def plane(space: Space, labels: tuple[str, str, str], theme: Theme) -> go.Figure:
    """The first two directions of LSA: words as names, documents as numbers, the sentence as a
    star.

    labels : what words, documents and the sentence are called
    """
    words = list(space.classed[:_MOST_WORDS])
    names, places = space.counted.counts.words, _spread(space.lsa.words[words, :2])
    figure = go.Figure()
    figure.add_scatter(
        x=places[:, 0], y=places[:, 1], mode="markers+text", name=labels[0],
        text=[plain(names[w]) for w in words], textposition=_sides(places),
        textfont={"size": 13, "color": theme.token}, marker={"size": 7, "color": theme.token},
        hovertemplate="%{text}: %{x:.3f}, %{y:.3f}<extra></extra>", cliponaxis=False,
    )
    texts, documents = space.counted.collection.texts, space.lsa.documents[:, :2]
    figure.add_scatter(
        x=documents[:, 0], y=documents[:, 1], mode="markers+text", name=labels[1],
        text=[f"<b>{i}</b>" for i in range(1, len(texts) + 1)],
        textfont={"size": 14, "color": theme.paper},
        marker={"size": 25, "symbol": "square", "color": theme.query, "opacity": 0.92},
        hovertext=[f"{i} {plain(text)}" for i, text in enumerate(texts, 1)], hoverinfo="text",
    )
    if space.counted.query.any():
        figure.add_scatter(
            x=[space.query[0]], y=[space.query[1]], mode="markers", name=labels[2],
            marker={"size": 20, "symbol": "star", "color": theme.key},
            hovertemplate="%{x:.3f}, %{y:.3f}<extra></extra>",
        )
    figure.update_xaxes(title="1", zeroline=True)
    figure.update_yaxes(title="2", zeroline=True)
    return style(figure, theme, height=520)


def _spread(places: np.ndarray) -> np.ndarray:
    """Words at the very same place are moved apart a little, so that each can be read."""
    moved = places.copy()
    step = 0.035 * float(np.ptp(places[:, 1]) or 1.0)
    seen: dict[tuple[float, float], int] = {}
    for at, place in enumerate(places):
        key = (round(float(place[0]), 3), round(float(place[1]), 3))
        moved[at, 1] -= step * seen.get(key, 0)
        seen[key] = seen.get(key, 0) + 1
    return moved


def _sides(places: np.ndarray) -> list[str]:
    """Names go outwards from the middle."""
    middle = float(np.median(places[:, 0]))
    return ["middle right" if x >= middle else "middle left" for x in places[:, 0]]


def spectrum(space: Space, axis: str, theme: Theme) -> go.Figure:
    """All singular values; those kept in the accent colour."""
    values = space.lsa.singular
    kept = len(space.lsa.directions)
    figure = go.Figure(go.Bar(
        x=list(range(1, len(values) + 1)), y=values,
        marker_color=[theme.accent if i < kept else theme.grid for i in range(len(values))],
        text=[f"{v:.2f}" for v in values] if len(values) <= 14 else None,
        textposition="outside", cliponaxis=False, hovertemplate="%{x}: %{y:.4f}<extra></extra>",
    ))
    figure.update_xaxes(title=axis, dtick=1 if len(values) <= 14 else None)
    return style(figure, theme, height=280).update_layout(margin_t=24)
