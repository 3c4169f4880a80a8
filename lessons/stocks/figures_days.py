"""One ticker's days: its price, what was predicted, and the sentiment below."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.stocks.evaluation import Predicted
from core.stocks.table import DayTable
from lessons.theme import Theme, drawn, plain

STILL = {"zeroline": False, "fixedrange": True}
LEGEND = {"orientation": "h", "x": 0, "y": 1.04, "yanchor": "bottom", "font": {"size": 15}}


@dataclass(frozen=True)
class Words:
    """What the figure says: names of the line, of the marks, of the bars; of a chosen day."""

    price: str
    right: str
    wrong: str
    sentiment: str
    up: str
    down: str
    texts: str
    chosen: str


def days(
    table: DayTable, said: Predicted, ticker: str, chosen: int, words: Words, theme: Theme,
    start: str = "", end: str = "",
) -> go.Figure:
    """The closes with a mark on each judged day: where the arrow points, whether it was right.

    chosen : row of the table whose day is pointed at
    start, end : first and last day drawn, "" for all
    """
    inside = table.date >= np.datetime64(start or "1900-01-01", "D")
    inside &= table.date <= np.datetime64(end or "2200-01-01", "D")
    own = np.flatnonzero((table.ticker == ticker) & inside)
    dates = [str(day) for day in table.date[own]]
    data: list[dict[str, object]] = [
        {"type": "scatter", "mode": "lines", "x": dates, "y": _plain(table.close[own]),
         "name": plain(words.price), "line": {"color": theme.muted, "width": 2},
         "hovertemplate": "%{x} · %{y:.2f}<extra></extra>"},
    ]
    judged = np.isin(said.rows, own)
    for right, name, colour in (
        (True, words.right, theme.good), (False, words.wrong, theme.bad)
    ):
        data.append(_marks(table, said, judged & ((said.said == said.actual) == right), name,
                           colour, words))
    mean = np.nan_to_num(table.mean[own])
    data.append({
        "type": "bar", "x": dates, "y": _plain(mean), "yaxis": "y2", "showlegend": False,
        "marker": {"color": [theme.query if m >= 0 else theme.key for m in mean]},
        "customdata": [int(n) for n in table.tweets[own]],
        "hovertemplate": "%{x} · %{y:+.2f}, " + plain(words.texts) + " %{customdata}"
                         "<extra></extra>",
    })
    day = str(table.date[chosen])
    top = max(0.2, 1.1 * float(np.abs(mean).max(initial=0.0)))
    layout = {
        "showlegend": True, "legend": LEGEND, "bargap": 0.1, "dragmode": False,
        "clickmode": "event+select",
        "margin": {"l": 8, "r": 8, "t": 52, "b": 8}, "hovermode": "closest",
        "xaxis": {**STILL, "showgrid": False, "anchor": "y2", "automargin": True, "type": "date",
                  "tickfont": {"size": 14}, "nticks": 5, "tickformat": "%Y-%m-%d"},
        "yaxis": {**STILL, "domain": [0.36, 1.0], "tickfont": {"size": 14}, "automargin": True,
                  "nticks": 5},
        "yaxis2": {**STILL, "domain": [0.0, 0.27], "range": [-top, top], "nticks": 4,
                   "tickfont": {"size": 14}, "gridcolor": theme.grid, "automargin": True},
        "shapes": [
            {"type": "line", "x0": day, "x1": day, "y0": 0, "y1": 1, "xref": "x", "yref": "paper",
             "line": {"color": theme.accent, "width": 2}},
        ],
        "annotations": [
            {"x": day, "y": 1.0, "xref": "x", "yref": "paper", "yanchor": "bottom",
             "text": f"<b>{plain(words.chosen)}</b>", "showarrow": False,
             "font": {"size": 14, "color": theme.accent}},
            {"x": 0, "y": 0.27, "xref": "paper", "yref": "paper", "yanchor": "bottom",
             "xanchor": "left", "text": plain(words.sentiment), "showarrow": False,
             "font": {"size": 14, "color": theme.muted}},
        ],
    }
    return drawn(data, layout, theme, height=520)


def _marks(
    table: DayTable, said: Predicted, which: np.ndarray, name: str, colour: str, words: Words
) -> dict[str, object]:
    rows, up = said.rows[which], said.said[which]
    hollow = "-open" if name == words.wrong else ""  # told apart without colour too
    return {
        "type": "scatter", "mode": "markers", "name": plain(name),
        "x": [str(day) for day in table.date[rows]], "y": _plain(table.close[rows]),
        "customdata": [[int(row), words.up if u else words.down, words.up if a else words.down]
                       for row, u, a in zip(rows, up, said.actual[which], strict=True)],
        "marker": {"size": 10, "color": colour,
                   "symbol": [f"triangle-{'up' if u else 'down'}{hollow}" for u in up],
                   "line": {"width": 2, "color": colour}},
        "hovertemplate": "%{x}: %{customdata[1]} → %{customdata[2]}<extra>" + plain(name)
                         + "</extra>",
    }


def _plain(values: np.ndarray) -> list[float | None]:
    return [round(float(v), 4) if np.isfinite(v) else None for v in values]
