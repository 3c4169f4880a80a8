"""Pictures of word2vec and GloVe: loss curves, moving vectors, the weighting function."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lessons.theme import Theme, plain, style
from lessons.word2vec.shipped import Curve
from lessons.word2vec.space import Plane, Ranked, plane

NAMED = 60  # words with a name beside their point


def loss_curve(losses: Sequence[float], axes: tuple[str, str], theme: Theme) -> go.Figure:
    """Mean loss of each pass over the text."""
    figure = go.Figure(
        go.Scatter(
            x=list(range(1, len(losses) + 1)), y=list(losses),
            mode="lines+markers" if len(losses) < 30 else "lines",
            line={"color": theme.accent, "width": 3},
            hovertemplate="%{x}: %{y:.4f}<extra></extra>",
        )
    )
    figure.update_xaxes(title=axes[0], rangemode="tozero")
    figure.update_yaxes(title=axes[1], rangemode="tozero")
    return style(figure, theme, height=320)


def training_curve(curve: Curve, labels: dict[str, str], theme: Theme) -> go.Figure:
    """The loss kept from a shipped table's training; labels : x, train, held_out."""
    figure = go.Figure()
    figure.add_scatter(x=curve.x, y=curve.train, mode="lines", name=labels["train"],
                       line={"color": theme.query, "width": 3})
    if curve.held_out:
        figure.add_scatter(x=curve.x, y=curve.held_out, mode="lines", name=labels["held_out"],
                           line={"color": theme.key, "width": 3})
    figure.update_traces(hovertemplate="%{y:.4f}<extra></extra>")
    figure.update_xaxes(title=labels["x"], rangemode="tozero", nticks=5)
    return style(figure, theme, height=320)


def _cloud(places: np.ndarray, words: Sequence[str], marked: Sequence[int], theme: Theme
           ) -> go.Scatter:
    named = [plain(w) if i < NAMED or i in marked else "" for i, w in enumerate(words)]
    return go.Scatter(
        x=places[:, 0], y=places[:, 1], mode="markers+text", text=named,
        hovertext=[plain(w) for w in words], hoverinfo="text", textposition="top center",
        textfont={"size": 15, "color": [
            theme.accent if i in marked else theme.ink for i in range(len(words))
        ]},
        marker={"size": [13 if i in marked else 9 for i in range(len(words))],
                "color": [theme.accent if i in marked else theme.token
                          for i in range(len(words))]},
        cliponaxis=False,
    )


def _frame(figure: go.Figure, extent: float, theme: Theme, height: int) -> go.Figure:
    reach = [-1.15 * extent, 1.15 * extent]
    figure.update_xaxes(range=reach, showticklabels=False, zeroline=True)
    figure.update_yaxes(range=reach, showticklabels=False, zeroline=True)
    figure.update_layout(showlegend=False)
    return style(figure, theme, height=height)


def vectors_now(vectors: np.ndarray, words: Sequence[str], marked: Sequence[int], theme: Theme
                ) -> tuple[go.Figure, Plane]:
    """The words where they stand at this moment; the picture glides to the next one."""
    view = plane(vectors)
    places = view.place(vectors)
    figure = go.Figure(_cloud(places, words, marked, theme))
    extent = float(np.abs(places).max(initial=0.0)) or 1.0
    figure = _frame(figure, extent, theme, 520)
    figure.layout.transition = {"duration": 250}
    return figure, view


def vectors_moving(
    snapshots: Sequence[tuple[int, np.ndarray]], words: Sequence[str], marked: Sequence[int],
    labels: dict[str, str], theme: Theme,
) -> tuple[go.Figure, Plane]:
    """All stored moments on one plane, that of the last, with a slider and a play button.

    snapshots : (epoch, float[V, N]); labels : play, epoch
    """
    view = plane(snapshots[-1][1])
    moments = [(epoch, view.place(np.asarray(w, np.float64))) for epoch, w in snapshots]
    figure = go.Figure(_cloud(moments[-1][1], words, marked, theme))
    figure.frames = [
        go.Frame(name=str(epoch), data=[go.Scatter(x=p[:, 0], y=p[:, 1])], traces=[0])
        for epoch, p in moments
    ]
    how = {"frame": {"duration": 280, "redraw": False}, "mode": "immediate",
           "transition": {"duration": 260}}
    figure.update_layout(
        updatemenus=[{
            "type": "buttons", "x": 0, "y": -0.04, "xanchor": "left", "yanchor": "top",
            "pad": {"t": 4}, "showactive": False, "bgcolor": theme.paper,
            "bordercolor": theme.grid, "font": {"color": theme.ink},
            "buttons": [{"label": f"▶ {labels['play']}", "method": "animate",
                         "args": [None, how]}],
        }],
        sliders=[{
            "active": len(moments) - 1, "x": 0.2, "len": 0.8, "y": -0.02, "pad": {"t": 4},
            "currentvalue": {"prefix": f"{labels['epoch']} ", "xanchor": "right"},
            "ticklen": 0, "font": {"color": theme.ink}, "minorticklen": 0,
            "steps": [{"label": str(epoch), "method": "animate", "args": [[str(epoch)], how]}
                      for epoch, _ in moments],
        }],
    )
    extent = max(float(np.abs(p).max(initial=0.0)) for _, p in moments) or 1.0
    figure = _frame(figure, extent, theme, 600)
    figure.layout.margin.b = 90
    return figure, view


def ranked(found: Ranked, colour: str, theme: Theme, *, height: int | None = None) -> go.Figure:
    """Words and their cosines as bars, best on top."""
    words = [plain(w) for w, _ in found][::-1]
    values = [v for _, v in found][::-1]
    places = list(range(len(words)))
    figure = go.Figure(
        go.Bar(y=places, x=values, orientation="h", marker_color=colour,
               text=[f"{v:.2f}".replace("-", "−") for v in values], textposition="auto",
               textfont={"size": 15}, hovertemplate="%{x:.4f}<extra></extra>")
    )
    figure.update_yaxes(tickvals=places, ticktext=words, ticks="", automargin=True, showgrid=False,
                        tickfont={"size": 15, "color": theme.ink}, fixedrange=True)
    figure.update_xaxes(range=[min(0.0, *values, 0.0), 1.0], visible=False, fixedrange=True)
    figure = style(figure, theme, height=height or 60 + 34 * max(len(words), 1))
    figure.layout.margin.t = 8
    return figure


def weighting(counts: np.ndarray, x_max: float, alpha: float, axes: tuple[str, str], theme: Theme
              ) -> go.Figure:
    """f(x), and on it one dot for each different count of the text.

    counts : float[m], the non-zero cells
    """
    values, often = np.unique(counts.round(6), return_counts=True)
    reach = max(1.3 * x_max, float(values.max(initial=0.0)) * 1.05)
    x = np.linspace(0, reach, 300)
    figure = go.Figure()
    figure.add_scatter(x=x, y=np.minimum(x / x_max, 1.0) ** alpha, mode="lines",
                       line={"color": theme.accent, "width": 3}, hoverinfo="skip")
    figure.add_scatter(
        x=values, y=np.minimum(values / x_max, 1.0) ** alpha, mode="markers", customdata=often,
        marker={"color": theme.key, "size": 7 + 3 * np.sqrt(np.minimum(often, 60)),
                "opacity": 0.75},
        hovertemplate="X = %{x:.2f}: f = %{y:.3f}, × %{customdata}<extra></extra>",
    )
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title=axes[0])
    figure.update_yaxes(title=axes[1], range=[0, 1.08])
    return style(figure, theme, height=340)
