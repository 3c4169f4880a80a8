"""Pictures of the input layer."""

import numpy as np
import plotly.graph_objects as go

from lessons.embeddings.lesson import Result
from lessons.embeddings.story import OneNumber
from lessons.embeddings.tables import Distances, Neighbourhood
from lessons.theme import Theme, number, plain, style


def adding_up(one: OneNumber, names: tuple[str, ...], theme: Theme) -> go.Figure:
    """token, segment, position set one on the other, and their sum, at one dimension."""
    values = [one.token, one.segment, one.position, one.x]
    bases = [0.0, one.token, one.token + one.segment, 0.0]
    colours = [theme.token, theme.segment, theme.position, theme.accent]
    figure = go.Figure(
        go.Bar(
            x=list(names), y=values, base=bases, marker_color=colours, hoverinfo="skip",
            text=[number(v) for v in values], textposition="outside", textfont={"size": 17},
            cliponaxis=False, width=0.62,
        )
    )
    for column, level in enumerate((one.token, one.token + one.segment, one.x)):
        figure.add_shape(
            type="line", x0=column + 0.31, x1=column + 0.69, y0=level, y1=level,
            line={"color": theme.muted, "width": 2, "dash": "dot"},
        )
    reach = np.array([*values, *bases, one.token + one.segment + one.position])
    room = 0.22 * (float(np.ptp(reach)) or 1.0)
    figure.update_yaxes(
        range=[float(reach.min()) - room, float(reach.max()) + room], zeroline=True,
        zerolinecolor=theme.ink, showgrid=False, tickfont={"color": theme.muted}, fixedrange=True,
    )
    figure.update_xaxes(tickfont=_ticks(theme), showgrid=False, fixedrange=True)
    return style(figure, theme, height=320)


def lengths(
    result: Result, start: int, stop: int, names: tuple[str, ...], theme: Theme
) -> go.Figure:
    """The lengths of the three rows of each piece, side by side."""
    places = list(range(start, stop))
    figure = go.Figure()
    colours = (theme.token, theme.segment, theme.position)
    for row, name, colour in zip(result.norms, names, colours, strict=False):
        figure.add_bar(x=places, y=row[start:stop], name=name, marker_color=colour,
                       hovertemplate="%{y:.3f}<extra></extra>")
    labels = [plain(token) for token in result.encoded.tokens[start:stop]]
    figure.update_layout(barmode="group", bargap=0.25)
    figure.update_xaxes(tickvals=places, ticktext=labels, tickangle=-60, tickfont=_ticks(theme),
                        showgrid=False, fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    return style(figure, theme, height=360)


def along_distance(
    learned: Distances, sinusoidal: Distances, names: tuple[str, str, str], theme: Theme
) -> go.Figure:
    """Cosine of two places by how far apart they are: mean as a line, all pairs as a band."""
    figure = go.Figure()
    shown = ((learned, names[0], theme.position, None), (sinusoidal, names[1], theme.key, "dash"))
    for found, name, colour, dash in shown:
        apart = np.arange(len(found.mean))
        figure.add_scatter(
            x=np.concatenate([apart, apart[::-1]]), y=np.concatenate([found.high, found.low[::-1]]),
            fill="toself", mode="none", fillcolor=_faint(colour), showlegend=False,
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=apart, y=found.mean, name=name, mode="lines",
            line={"color": colour, "width": 3, "dash": dash},
            hovertemplate="%{x}: %{y:.3f}<extra></extra>",
        )
    figure.update_xaxes(title=names[2], fixedrange=True, tickfont=_ticks(theme))
    figure.update_yaxes(range=[min(-0.05, float(learned.low.min()) - 0.05), 1.05], fixedrange=True)
    return style(figure, theme, height=380)


def neighbours(found: Neighbourhood, theme: Theme) -> go.Figure:
    """Cosine of the nearest token rows as bars."""
    places = list(range(len(found.pieces)))
    figure = go.Figure(
        go.Bar(
            x=found.cosines, y=places, orientation="h", marker_color=theme.token,
            text=[f"{c:.2f}" for c in found.cosines], textposition="inside",
            insidetextanchor="end", textfont={"size": 15, "color": theme.paper},
            hoverinfo="skip",
        )
    )
    figure.update_yaxes(
        tickvals=places, ticktext=[plain(p) for p in found.pieces], autorange="reversed",
        tickfont={"size": 17, "color": theme.ink}, showgrid=False, fixedrange=True,
    )
    figure.update_xaxes(range=[min(0.0, *found.cosines), 1], fixedrange=True)
    return style(figure, theme, height=390)


def _ticks(theme: Theme) -> dict[str, object]:
    return {"size": 15, "color": theme.ink}


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"
