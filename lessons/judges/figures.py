"""Pictures of the judges: three bars for each piece, and one judge's ranks against another's."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lessons.judges.lesson import Judge, Result
from lessons.judges.measured import Survey
from lessons.theme import Theme, drawn, number, plain

PANELS = ((0.0, 0.3), (0.35, 0.65), (0.7, 1.0))
ROW = 36
ROOM = 1.3  # beside the longest bar, for the rank
STILL = {"zeroline": False, "fixedrange": True}


def ordinal(rank: float) -> str:
    """1, 2, 3 and so on; a shared rank is the mean of those it takes up."""
    return f"{rank:g}"


def names(result: Result) -> list[str]:
    """Each judged piece with its place in the text, so that equal words stay apart."""
    pieces = zip(result.rated, result.tokens, strict=True)
    return [f"{plain(token)} <sup>{place}</sup>" for place, token in pieces]


def three(result: Result, titles: Sequence[str], theme: Theme, start: int, stop: int) -> go.Figure:
    """A row for each judged piece from start to stop, a panel for each judge.

    Bars have each judge's own scale; the number at a bar is the rank; the favourite is coloured.
    """
    rows = list(range(start, stop))
    labels = names(result)[start:stop]
    data: list[dict[str, object]] = []
    layout: dict[str, object] = {
        "showlegend": False, "bargap": 0.25, "margin": {"l": 8, "r": 8, "t": 40, "b": 8},
        "yaxis": {**STILL, "tickvals": rows, "ticktext": labels, "showgrid": False,
                  "automargin": True, "range": [stop - 0.4, start - 0.6],
                  "tickfont": {"size": 17, "color": theme.ink}},
        "annotations": [
            {"text": f"<b>{plain(title)}</b>", "x": panel[0], "y": 1, "xref": "paper",
             "yref": "paper", "xanchor": "left", "yanchor": "bottom", "showarrow": False,
             "font": {"size": 16, "color": theme.ink}}
            for title, panel in zip(titles, PANELS, strict=True)
        ],
    }
    for at, (judge, panel) in enumerate(zip(result.judges, PANELS, strict=True)):
        axis = "x" if at == 0 else f"x{at + 1}"
        data.append(_bars(judge, rows, labels, axis, theme))
        layout[axis.replace("x", "xaxis")] = {
            "domain": list(panel), "range": _range(judge.scores), "showticklabels": False,
            "showgrid": False, "zeroline": True, "zerolinecolor": theme.muted,
            "zerolinewidth": 1, "fixedrange": True,
        }
    return drawn(data, layout, theme, height=56 + ROW * max(1, len(rows)))


def _bars(
    judge: Judge, rows: list[int], labels: list[str], axis: str, theme: Theme
) -> dict[str, object]:
    said = [ordinal(float(judge.ranks[row])) for row in rows]
    first = [row == judge.favourite for row in rows]
    return {
        "type": "bar", "orientation": "h", "xaxis": axis, "y": rows,
        "x": [float(judge.scores[row]) for row in rows],
        "marker": {"color": [theme.accent if one else theme.muted for one in first],
                   "opacity": [1.0 if one else 0.55 for one in first]},
        "text": [f"<b>{rank}</b>" if one else rank for rank, one in zip(said, first, strict=True)],
        "textposition": "outside", "cliponaxis": False,
        "textfont": {"size": 15, "color": theme.ink},
        "customdata": [
            f"{label}: {number(float(judge.scores[row]))} ({rank})"
            for row, label, rank in zip(rows, labels, said, strict=True)
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _range(scores: np.ndarray) -> list[float]:
    low = float(scores.min(initial=0.0))
    high = float(scores.max(initial=0.0))
    room = (ROOM - 1) * max(high - low, 1e-9)
    return [low - (room if low < 0 else 0.0), high + room]


def scatter(
    result: Result, pair: tuple[int, int], titles: Sequence[str], theme: Theme
) -> go.Figure:
    """Two judges' ranks against each other, the first at the top right; agreement is a line."""
    one, other = (result.judges[at].ranks for at in pair)
    m = len(result.rated)
    off = [float(m), 1.0]
    data: list[dict[str, object]] = [
        {"type": "scatter", "mode": "lines", "x": off, "y": off, "hoverinfo": "skip",
         "line": {"color": theme.muted, "width": 1.5, "dash": "dash"}},
        {
            "type": "scatter", "mode": "markers+text", "x": one.tolist(), "y": other.tolist(),
            "text": [plain(token) for token in result.tokens], "textposition": "top center",
            "textfont": {"size": 15, "color": theme.ink}, "cliponaxis": False,
            "marker": {"size": 11, "color": theme.accent},
            "hovertemplate": "%{text}: %{x:g}, %{y:g}<extra></extra>",
        },
    ]
    span = [m + 0.9, 0.1]
    axis = {**STILL, "range": span, "dtick": 1 if m <= 16 else 5, "tick0": 1,
            "tickfont": {"size": 14}}
    layout = {
        "showlegend": False, "margin": {"l": 8, "r": 24, "t": 24, "b": 8},
        "xaxis": {**axis, "title": {"text": plain(titles[pair[0]])}, "automargin": True},
        "yaxis": {**axis, "title": {"text": plain(titles[pair[1]])}, "automargin": True},
    }
    return drawn(data, layout, theme, height=460)


def spread(found: Survey, labels: Sequence[str], title: str, theme: Theme) -> go.Figure:
    """How often each tau came up over the surveyed sentences, attention and gradient."""
    edges = np.linspace(-1, 1, 21)
    middles = ((edges[1:] + edges[:-1]) / 2).tolist()
    data: list[dict[str, object]] = []
    for judge, label, colour in zip(
        ("attention", "gradient"), labels, (theme.muted, theme.accent), strict=True
    ):
        counts, _ = np.histogram(found.kendall[judge], edges)
        data.append({
            "type": "bar", "x": middles, "y": counts.tolist(), "name": plain(label),
            "marker": {"color": colour}, "hovertemplate": "τ ≈ %{x:.2f}: %{y}<extra></extra>",
        })
    layout = {
        "barmode": "group", "bargap": 0.15, "showlegend": True,
        "xaxis": {**STILL, "title": {"text": plain(title)}, "dtick": 0.25, "range": [-1, 1],
                  "tickfont": {"size": 14}},
        "yaxis": {**STILL, "tickfont": {"size": 14}, "automargin": True},
    }
    return drawn(data, layout, theme, height=320)
