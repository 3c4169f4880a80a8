"""Pictures of places: the graph of TextRank, and documents and words in LSA's plane."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.vectors.textrank import Ranked
from lessons.classic.labels import spread, width_of
from lessons.classic.latent import Space
from lessons.theme import Theme, drawn, number, plain

MOST_NODES = 28
_MOST_WORDS = 26
_GRAPH = np.array([760.0, 460.0])  # pixels that names are laid out for
_PLANE = np.array([800.0, 470.0])
_SQUARE = 26
_HIDDEN = {"visible": False, "fixedrange": True}


def graph(ranked: Ranked, marked: Sequence[int], node: int, theme: Theme) -> go.Figure:
    """The best-ranked words and their edges; size by rank, key words in the accent colour.

    marked : nodes that are key words; node : the one whose edges are drawn strong
    """
    order = sorted({*ranked.order()[:MOST_NODES], node})
    ranks = ranked.ranks[order]
    dots = 12 + 26 * ranks / ranks.max()
    fonts = [17 if i in set(marked) else 14 for i in order]
    places = _apart(ranked.places[order], [ranked.names[i] for i in order], dots, fonts)
    lines = [
        {"type": "scatter", "x": xs, "y": ys, "mode": "lines", "hoverinfo": "skip",
         "line": {"color": colour, "width": width}, "opacity": opacity}
        for (xs, ys), (colour, width, opacity) in zip(
            _lines(ranked, order, places, node),
            ((theme.muted, 1.5, 0.35), (theme.key, 3, 1.0)), strict=True)
    ]
    names = {
        "type": "scatter", "x": places[:, 0], "y": places[:, 1], "mode": "markers+text",
        "marker": {"size": dots, "opacity": 1,
                   "color": [theme.accent if i in set(marked) else theme.muted for i in order],
                   "line": {"color": [theme.key if i == node else theme.paper for i in order],
                            "width": 3}},
        "text": [plain(ranked.names[i]) for i in order], "textposition": "top center",
        "textfont": {"size": fonts,
                     "color": [theme.key if i == node else theme.ink for i in order]},
        "hovertext": [f"{plain(ranked.names[i])}: {number(float(ranked.ranks[i]))}"
                      for i in order],
        "hoverinfo": "text", "cliponaxis": False,
    }
    layout = {
        "showlegend": False, "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "xaxis": {**_HIDDEN, "range": [0, _GRAPH[0]]},
        "yaxis": {**_HIDDEN, "range": [0, _GRAPH[1]]},
    }
    return drawn([*lines, names], layout, theme, height=int(_GRAPH[1]))


def _apart(
    places: np.ndarray, names: Sequence[str], dots: np.ndarray, fonts: Sequence[int]
) -> np.ndarray:
    """The dots' places in pixels, so that no dot with the name above it lies on another."""
    low, high = places.min(axis=0), places.max(axis=0)
    pixels = (0.08 + 0.84 * (places - low) / np.maximum(high - low, 1e-9)) * _GRAPH
    heads = 1.35 * np.array(fonts, float)  # (N,)
    boxes = np.column_stack([
        [max(dot, width_of(name, font)) + 8
         for dot, name, font in zip(dots, names, fonts, strict=True)], dots + heads,
    ])
    lift = np.column_stack([np.zeros(len(dots)), heads / 2])
    return spread(pixels + lift, boxes, low=np.zeros(2), high=_GRAPH) - lift


def _lines(
    ranked: Ranked, order: Sequence[int], places: np.ndarray, node: int
) -> tuple[tuple[list, list], tuple[list, list]]:
    """x and y of all edges among `order`, None between two: those of `node` apart."""
    weak: tuple[list[float | None], list[float | None]] = ([], [])
    strong: tuple[list[float | None], list[float | None]] = ([], [])
    for at, i in enumerate(order):
        for to, j in enumerate(order[:at]):
            if ranked.weights[i, j] > 0:
                line = strong if node in (i, j) else weak
                for axis in (0, 1):
                    line[axis].extend([places[at, axis], places[to, axis], None])
    return weak, strong


def plane(space: Space, labels: tuple[str, str, str], theme: Theme) -> go.Figure:
    """The first two directions of LSA: words as names, documents as numbers, the sentence as a
    star.

    labels : what words, documents and the sentence are called
    """
    shown = list(space.classed[:_MOST_WORDS])
    words, documents = space.lsa.words[shown, :2], space.lsa.documents[:, :2]
    names = [space.counted.counts.words[w] for w in shown]
    asked = [space.query[:2]] if space.counted.query.any() else []
    low, high = _edges(np.vstack([words, documents, *asked]))
    named = _names(words, documents, names, low, high)
    points = [_words(words, names, labels[0], theme), _documents(space, labels[1], theme)]
    if asked:
        points.append({
            "type": "scatter", "x": [asked[0][0]], "y": [asked[0][1]], "mode": "markers",
            "name": labels[2], "marker": {"size": 22, "symbol": "star", "color": theme.key},
            "hovertemplate": "%{x:.3f}, %{y:.3f}<extra></extra>",
        })
    layout = {
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom",
                   "font": {"size": 16}},
        "xaxis": _axis("1", low[0], high[0], theme), "yaxis": _axis("2", low[1], high[1], theme),
    }
    text = {
        "type": "scatter", "x": named[:, 0], "y": named[:, 1], "mode": "text",
        "text": [plain(name) for name in names], "textposition": "middle right",
        "hoverinfo": "skip", "showlegend": False,
        "textfont": {"size": 15, "color": theme.token}, "cliponaxis": False,
    }
    return drawn([_leads(words, named, theme), *points, text], layout, theme, height=540)


def _edges(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Corners of the picture: all places and the origin, with room for names around them."""
    low, high = np.minimum(places.min(axis=0), 0), np.maximum(places.max(axis=0), 0)
    room = 0.12 * np.maximum(high - low, 1e-6)
    return low - room, high + room


def _names(
    words: np.ndarray, documents: np.ndarray, names: Sequence[str], low: np.ndarray,
    high: np.ndarray,
) -> np.ndarray:
    """Where the names begin: beside their points, clear of each other and of the documents."""
    scale = _PLANE / (high - low)
    wide = np.array([width_of(name, 15) + 6 for name in names])
    beside = (words - low) * scale + np.column_stack([wide / 2 + 6, np.zeros(len(names))])
    boxes = np.vstack([np.column_stack([wide, np.full(len(names), 19.0)]),
                       np.full((len(documents), 2), float(_SQUARE))])
    fixed = np.arange(len(boxes)) >= len(names)
    middles = np.vstack([beside, (documents - low) * scale])
    moved = spread(middles, boxes, fixed, low=np.zeros(2), high=_PLANE)
    starts = moved[: len(names)] - np.column_stack([wide / 2, np.zeros(len(names))])
    return starts / scale + low


def _words(places: np.ndarray, names: Sequence[str], label: str, theme: Theme) -> dict[str, Any]:
    return {
        "type": "scatter", "x": places[:, 0], "y": places[:, 1], "mode": "markers", "name": label,
        "marker": {"size": 8, "color": theme.token}, "text": [plain(name) for name in names],
        "hovertemplate": "%{text}: %{x:.3f}, %{y:.3f}<extra></extra>",
    }


def _leads(words: np.ndarray, named: np.ndarray, theme: Theme) -> dict[str, Any]:
    """A thin line from each point to its name."""
    ends = [[(one[axis], other[axis], None) for one, other in zip(words, named, strict=True)]
            for axis in (0, 1)]
    return {
        "type": "scatter", "x": [v for e in ends[0] for v in e], "mode": "lines",
        "y": [v for e in ends[1] for v in e], "hoverinfo": "skip", "showlegend": False,
        "line": {"color": theme.grid, "width": 1},
    }


def _documents(space: Space, label: str, theme: Theme) -> dict[str, Any]:
    texts, places = space.counted.collection.texts, space.lsa.documents[:, :2]
    return {
        "type": "scatter", "x": places[:, 0], "y": places[:, 1], "mode": "markers+text",
        "name": label, "text": [f"<b>{i}</b>" for i in range(1, len(texts) + 1)],
        "textfont": {"size": 15, "color": theme.paper},
        "marker": {"size": _SQUARE, "symbol": "square", "color": theme.query, "opacity": 0.92},
        "hovertext": [f"{i} {plain(text)}" for i, text in enumerate(texts, 1)],
        "hoverinfo": "text",
    }


def _axis(title: str, low: float, high: float, theme: Theme) -> dict[str, Any]:
    return {"title": {"text": title}, "zeroline": True, "range": [low, high],
            "tickfont": {"size": 14, "color": theme.muted}}


def spectrum(space: Space, axis: str, theme: Theme) -> go.Figure:
    """All singular values; those kept in the accent colour."""
    values = space.lsa.singular
    kept, few = len(space.lsa.directions), len(space.lsa.singular) <= 14
    bars = {
        "type": "bar", "x": list(range(1, len(values) + 1)), "y": values,
        "marker": {"color": [theme.accent if i < kept else theme.grid
                             for i in range(len(values))]},
        "text": [f"{v:.2f}" for v in values] if few else None, "textposition": "outside",
        "cliponaxis": False, "hovertemplate": "%{x}: %{y:.4f}<extra></extra>",
    }
    ticks = {"dtick": 1} if few else {}
    layout = {"margin": {"l": 8, "r": 8, "t": 24, "b": 8},
              "xaxis": {"title": {"text": axis}, **ticks}}
    return drawn([bars], layout, theme, height=280)
