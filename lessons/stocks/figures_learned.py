"""What a classifier learned: weights as bars, a tree as a tree."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.stocks.learned import Linear, Tree
from lessons.theme import Theme, drawn, number, percent, plain

MOST = 18  # bars
DEPTH = 3  # levels of questions drawn
STILL = {"zeroline": False, "fixedrange": True}
Name = Callable[[str], str]  # a feature's name in the learner's language


def weights(linear: Linear, name: Name, theme: Theme, most: int = MOST) -> go.Figure:
    """The largest weights of standardized features; to the right they speak for up."""
    order = np.argsort(-np.abs(linear.weight), kind="stable")[:most]
    labels = [plain(name(linear.names[i])) for i in order]
    values = [float(linear.weight[i]) for i in order]
    top = max((abs(v) for v in values), default=1.0) or 1.0
    data: list[dict[str, object]] = [{
        "type": "bar", "orientation": "h", "x": values, "y": list(range(len(order))),
        "marker": {"color": [theme.good if v > 0 else theme.bad for v in values]},
        "text": [number(v) for v in values], "textposition": "outside", "cliponaxis": False,
        "textfont": {"size": 14, "color": theme.ink},
        "customdata": labels, "hovertemplate": "%{customdata}: %{x:.5f}<extra></extra>",
    }]
    layout = {
        "showlegend": False, "bargap": 0.3, "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "xaxis": {**STILL, "range": [-1.7 * top, 1.7 * top], "showgrid": False,
                  "zeroline": True, "showticklabels": False},
        "yaxis": {**STILL, "tickvals": list(range(len(order))), "ticktext": labels,
                  "range": [len(order) - 0.4, -0.6], "automargin": True, "showgrid": False,
                  "tickfont": {"size": 15, "color": theme.ink}},
    }
    return drawn(data, layout, theme, height=40 + 30 * max(1, len(order)))


def contributions(
    linear: Linear, x: np.ndarray, name: Name, theme: Theme, most: int = 8
) -> go.Figure:
    """One day's score as a sum: weight times standardized feature. x : float32 (F,)"""
    shares = (x.astype(np.float64) - linear.center) / linear.scale * linear.weight
    whole = Linear(linear.classifier, linear.window, linear.names, linear.center, linear.scale,
                   shares, linear.bias)
    return weights(whole, name, theme, most)


@dataclass(frozen=True)
class Words:
    """How a tree speaks: yes, no; days(n) and up(share) for a leaf; more(n) questions below."""

    yes: str
    no: str
    days: Callable[[int], str]
    up: Callable[[float], str]
    more: Callable[[int], str]


@dataclass(frozen=True)
class _Spot:
    node: int
    x: float
    level: int
    cut: bool


def tree(
    found: Tree, name: Name, words: Words, theme: Theme, path: Sequence[int] = (),
    depth: int = DEPTH,
) -> go.Figure:
    """Questions from the top; left is yes. The chosen day's way is drawn thick."""
    spots = _spots(found, depth)
    at = {spot.node: spot for spot in spots}
    on = set(path)
    shapes: list[dict[str, object]] = []
    notes: list[dict[str, object]] = []
    for spot in spots:
        if spot.cut or found.left[spot.node] < 0:
            continue
        for child, word in ((found.left[spot.node], words.yes), (found.right[spot.node], words.no)):
            below = at[int(child)]
            taken = spot.node in on and below.node in on
            shapes.append({
                "type": "line", "x0": spot.x, "y0": -spot.level, "x1": below.x,
                "y1": -below.level, "layer": "below",
                "line": {"color": theme.accent if taken else theme.grid,
                         "width": 5 if taken else 2},
            })
            notes.append({
                "x": (spot.x + below.x) / 2, "y": -(spot.level + below.level) / 2, "text": word,
                "showarrow": False, "font": {"size": 14, "color": theme.muted},
                "bgcolor": theme.paper,
            })
    notes += [_box(found, spot, spot.node in on, name, words, theme) for spot in spots]
    width = max(1, max(spot.x for spot in spots))
    levels = max(spot.level for spot in spots)
    hidden = {"visible": False, "fixedrange": True}
    layout = {
        "showlegend": False, "shapes": shapes, "annotations": notes,
        "margin": {"l": 4, "r": 4, "t": 8, "b": 8},
        "xaxis": {**hidden, "range": [-0.6, width + 0.6]},
        "yaxis": {**hidden, "range": [-levels - 0.5, 0.45]},
    }
    dots = [{"type": "scatter", "mode": "markers", "x": [s.x for s in spots],
             "y": [-s.level for s in spots], "marker": {"size": 1, "color": theme.grid},
             "hoverinfo": "skip"}]
    return drawn(dots, layout, theme, height=150 + 130 * levels)


def _spots(found: Tree, depth: int) -> list[_Spot]:
    """Where each node stands: leaves side by side, a question above the middle of its two."""
    spots: list[_Spot] = []
    free = 0

    def place(node: int, level: int) -> float:
        nonlocal free
        leaf = found.left[node] < 0
        if leaf or level == depth:
            x = float(free)
            free += 1
        else:
            x = (place(int(found.left[node]), level + 1)
                 + place(int(found.right[node]), level + 1)) / 2
        spots.append(_Spot(node, x, level, bool(level == depth and not leaf)))
        return x

    place(0, 0)
    return sorted(spots, key=lambda spot: (spot.level, spot.x))


def _below(found: Tree, node: int) -> int:
    """Questions under a node, its own too."""
    if found.left[node] < 0:
        return 0
    return 1 + _below(found, int(found.left[node])) + _below(found, int(found.right[node]))


def _box(
    found: Tree, spot: _Spot, on: bool, name: Name, words: Words, theme: Theme
) -> dict[str, object]:
    up = float(found.up[spot.node])
    lines = [f"<b>{plain(words.up(up))}</b>", plain(words.days(int(found.count[spot.node])))]
    if spot.cut:
        lines.append(plain(words.more(_below(found, spot.node))))
    elif found.left[spot.node] >= 0:
        feature = plain(name(found.names[int(found.feature[spot.node])]))
        lines.insert(0, f"<b>{feature}</b><br>≤ {number(float(found.threshold[spot.node]))}")
        lines.pop(1)
    colour = theme.good if up > 0.5 else theme.bad
    inner = found.left[spot.node] >= 0 and not spot.cut
    return {
        "x": spot.x, "y": -spot.level, "text": "<br>".join(lines), "showarrow": False,
        "align": "center", "bgcolor": theme.paper, "borderpad": 5,
        "bordercolor": theme.accent if on else theme.muted if inner else colour,
        "borderwidth": 3 if on else 1.5, "font": {"size": 13, "color": theme.ink},
    }


def probabilities(
    names: Sequence[str], values: Sequence[float], colours: Sequence[str], theme: Theme
) -> go.Figure:
    """A bar a class."""
    data: list[dict[str, object]] = [{
        "type": "bar", "orientation": "h", "x": list(values), "y": list(range(len(names))),
        "marker": {"color": list(colours)}, "text": [percent(v) for v in values],
        "textposition": "outside", "cliponaxis": False,
        "textfont": {"size": 17, "color": theme.ink}, "hoverinfo": "skip",
    }]
    layout = {
        "showlegend": False, "bargap": 0.3, "margin": {"l": 8, "r": 8, "t": 4, "b": 4},
        "xaxis": {**STILL, "range": [0, 1.22], "showgrid": False, "showticklabels": False},
        "yaxis": {**STILL, "tickvals": list(range(len(names))),
                  "ticktext": [plain(n) for n in names], "range": [len(names) - 0.5, -0.5],
                  "automargin": True, "showgrid": False,
                  "tickfont": {"size": 16, "color": theme.ink}},
    }
    return drawn(data, layout, theme, height=24 + 48 * len(names))
