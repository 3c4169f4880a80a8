"""Pictures of recurrent cells: what was learned, what is left of a gradient, ways and times."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lessons.recurrent.race import Race
from lessons.recurrent.small import NETS, Small
from lessons.theme import Theme, plain, style

SMOOTHED = 8  # steps averaged in the loss curves: the rows are drawn anew at every step
DASHES = {"rnn": "dot", "lstm": "dash", "attention": "solid"}


def colours(theme: Theme) -> dict[str, str]:
    """One colour for each kind of network, in every picture of this lesson."""
    return {"rnn": theme.key, "lstm": theme.position, "attention": theme.query,
            "elmo": theme.value, "bert": theme.token}


def learning(small: Small, names: dict[str, str], axes: tuple[str, str], theme: Theme) -> go.Figure:
    """Loss of the three networks, step by step, and what guessing would cost.

    axes : names of the x axis and of the line of guessing
    """
    figure = go.Figure()
    longest = max(one.steps for one in small.learned)
    for net, one in zip(NETS, small.learned, strict=True):
        width = min(SMOOTHED, one.steps)
        mean = np.convolve(one.losses, np.ones(width) / width, "valid")
        figure.add_scatter(
            x=np.arange(width, one.steps + 1), y=mean, name=names[net], mode="lines",
            line={"color": colours(theme)[net], "width": 3, "dash": DASHES[net]},
            hovertemplate="%{x}: %{y:.3f}",
        )
    counts = np.array([small.words.count(word) for word in set(small.words)], float)
    shares = counts / counts.sum()
    entropy = float(-(shares * np.log(shares)).sum())
    figure.add_scatter(
        x=[1, longest], y=[entropy, entropy], name=axes[1], mode="lines", hoverinfo="skip",
        line={"color": theme.muted, "width": 1.5, "dash": "dashdot"},
    )
    figure.update_xaxes(title=axes[0])
    figure.update_yaxes(rangemode="tozero", title="−ln p")
    return style(figure, theme, height=340)


def reach(
    lines: Sequence[tuple[str, str, np.ndarray]], axis: str, theme: Theme
) -> go.Figure:
    """What is left of the gradient, by distance from the word read last, on a log scale.

    lines : (kind of network, name to show, float[n] in reading order)
    """
    figure = go.Figure()
    for kind, name, values in lines:
        back = values[::-1]
        shown = np.where(back > 0, back, np.nan)
        figure.add_scatter(
            x=np.arange(len(back)), y=shown, name=name, mode="lines+markers",
            line={"color": colours(theme)[kind], "width": 3, "dash": DASHES.get(kind, "solid")},
            marker={"size": 7}, hovertemplate="%{x}: %{y:.3g}",
        )
    figure.update_xaxes(title=axis, rangemode="tozero")
    figure.update_yaxes(type="log", exponentformat="power", dtick=2)
    return style(figure, theme, height=400)


def race(result: Race, names: tuple[str, str], axes: tuple[str, str], theme: Theme) -> go.Figure:
    """Milliseconds over the number of words, both axes logarithmic."""
    figure = go.Figure()
    for values, name, kind in zip(
        (result.lstm, result.attention), names, ("lstm", "attention"), strict=True
    ):
        figure.add_scatter(
            x=result.lengths, y=values, name=name, mode="lines+markers",
            line={"color": colours(theme)[kind], "width": 3, "dash": DASHES[kind]},
            marker={"size": 9}, hovertemplate="%{x}: %{y:.2f} ms",
        )
    figure.update_xaxes(type="log", title=axes[0], tickvals=list(result.lengths))
    figure.update_yaxes(type="log", title=axes[1], dtick=1)
    return style(figure, theme, height=380)


def ways(words: Sequence[str], theme: Theme) -> go.Figure:
    """How the first word reaches the last state: along the chain, and at once.

    words : at most a dozen, or they no longer fit
    """
    last = len(words) - 1
    at = np.arange(len(words))
    figure = go.Figure()
    colour = colours(theme)
    for y, kind in ((1.0, "lstm"), (0.0, "attention")):
        figure.add_scatter(
            x=at, y=np.full(len(words), y), mode="markers", hoverinfo="skip", showlegend=False,
            marker={"size": 16, "color": colour[kind]},
        )
    for k in range(last):
        _arrow(figure, (k + 0.13, 1.0), (k + 0.87, 1.0), colour["lstm"])
    bow = np.linspace(0.0, last, 41)
    height = -0.55 * (1 - (2 * bow / max(last, 1) - 1) ** 2)
    figure.add_scatter(x=bow[:-2], y=height[:-2], mode="lines", hoverinfo="skip",
                       showlegend=False, line={"color": colour["attention"], "width": 3})
    _arrow(figure, (float(bow[-5]), float(height[-5])), (float(bow[-2]), float(height[-2])),
           colour["attention"])
    figure.update_xaxes(tickvals=at, ticktext=[plain(w[:14]) for w in words], showgrid=False,
                        zeroline=False, showline=False, range=[-0.5, last + 0.5],
                        side="top",
                        tickangle=-45 if len(words) > 7 else 0)
    figure.update_yaxes(visible=False, range=[-0.75, 1.3])
    return style(figure, theme, height=260).update_layout(margin_t=70)


def _arrow(
    figure: go.Figure, start: tuple[float, float], end: tuple[float, float], colour: str
) -> None:
    figure.add_annotation(
        x=end[0], y=end[1], ax=start[0], ay=start[1], xref="x", yref="y", axref="x", ayref="y",
        showarrow=True, arrowhead=2, arrowwidth=2.5, arrowcolor=colour, text="",
    )
