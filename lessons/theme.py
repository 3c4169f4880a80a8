"""Colours, number formats and the figure template: the one place that knows how things look."""

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from lessons.plain import PlainFigure


@dataclass(frozen=True)
class Theme:
    """Colours of one mode. Concepts keep their hue in every lesson and in both modes."""

    name: str
    ink: str
    muted: str
    grid: str
    paper: str
    accent: str
    query: str
    key: str
    value: str
    token: str
    segment: str
    position: str
    good: str
    bad: str
    sequential: tuple[str, str, str]
    diverging: tuple[str, str, str]

    def series(self) -> tuple[str, ...]:
        """Colours for unnamed series, in order; distinct under colour-vision deficiency."""
        return (self.query, self.key, self.value, self.accent, self.token, self.position)


LIGHT = Theme(
    name="light", ink="#1b2130", muted="#5d667a", grid="#e3e7ef", paper="#ffffff",
    accent="#4a3fc4", query="#0b62c4", key="#b84a00", value="#0a7a5a",
    token="#7a3fb0", segment="#b0206a", position="#0d7a8a", good="#0a7a5a", bad="#b3261e",
    sequential=("#f4f6fb", "#7fa6e8", "#123a8c"),
    diverging=("#b84a00", "#f7f7f9", "#0b62c4"),
)
DARK = Theme(
    name="dark", ink="#e9ecf4", muted="#a3acbf", grid="#2c3444", paper="#12161f",
    accent="#a79bff", query="#6db0ff", key="#ff9d57", value="#48cfa4",
    token="#c79bf2", segment="#ff86bd", position="#5fd0df", good="#48cfa4", bad="#ff8a80",
    sequential=("#1a2130", "#3f6fc0", "#cfe2ff"),
    diverging=("#ff9d57", "#1f2532", "#6db0ff"),
)
THEMES = {"light": LIGHT, "dark": DARK}

FONT = (
    "'Source Sans', 'Source Sans Pro', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', "
    "sans-serif"
)


def style(figure: go.Figure, theme: Theme, *, height: int = 360) -> go.Figure:
    """Give a figure the house look: transparent, quiet grid, readable from the last row."""
    layout = figure.layout  # plain assignments: update_layout searches, and costs 4 ms a figure
    for name, value in _look(theme, height).items():
        layout[name] = value
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        axis.gridcolor = axis.zerolinecolor = axis.linecolor = theme.grid
    return figure


def drawn(
    data: list[dict[str, Any]], layout: dict[str, Any], theme: Theme, *, height: int = 360
) -> go.Figure:
    """A figure in the house look from Plotly's plain properties, for what is redrawn at each step.

    Plotly's check of every property takes 5 ms a figure, so it is left to the tests.
    """
    lines = dict.fromkeys(("gridcolor", "zerolinecolor", "linecolor"), theme.grid)
    whole = {**_look(theme, height), **layout}
    for axis in ("xaxis", "yaxis"):
        whole[axis] = {**lines, **layout.get(axis, {})}
    return PlainFigure.of(data, whole)


def _look(theme: Theme, height: int) -> dict[str, Any]:
    clear = "rgba(0,0,0,0)"
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 36, "b": 8},
        "paper_bgcolor": clear,
        "plot_bgcolor": clear,
        "font": {"family": FONT, "size": 15, "color": theme.ink},
        "colorway": theme.series(),
        "hoverlabel": {"font": {"size": 15}},
        # grows upwards, for two rows on a phone
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    }


def number(value: float) -> str:
    """A number as lessons print it: four decimals, or scientific where that would show 0."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.4f}".replace("-", "\u2212")
    return f"{value:.2e}".replace("-", "\u2212")


def tex(value: float) -> str:
    """`number` for a formula: a minus that TeX reads, and a power of ten instead of an e."""
    mantissa, _, power = number(value).replace("\u2212", "-").partition("e")
    return rf"{mantissa}\cdot 10^{{{int(power)}}}" if power else mantissa


def percent(probability: float) -> str:
    """A probability as a percentage with one decimal, or '< 0.1 %'."""
    return "< 0.1 %" if 0 < probability < 0.0005 else f"{100 * probability:.1f} %"


def plain(text: str) -> str:
    """Text for a figure's label: Plotly reads a little HTML there, learner text must not be any."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
