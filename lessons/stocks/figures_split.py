"""Which days are learned from and which are judged, fold by fold."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.stocks.evaluation import Report
from lessons.theme import Theme, drawn, plain

STILL = {"zeroline": False, "fixedrange": True}
LEGEND = {"orientation": "h", "x": 0, "y": 1.04, "yanchor": "bottom", "font": {"size": 15}}


@dataclass(frozen=True)
class Words:
    learned: str
    judged: str
    both: str
    fold: str


def calendar(report: Report, words: Words, theme: Theme) -> go.Figure:
    """A line a fold; of a random split the two sides lie over each other."""
    mixed = report.settings.split == "random"
    folds, data = report.folds, []
    sides = (
        (words.both if mixed else words.learned, theme.bad if mixed else theme.query,
         [(f.train_from, f.train_to) for f in folds]),
        (words.judged, theme.key, [(f.test_from, f.test_to) for f in folds]),
    )
    for label, colour, spans in sides[:1] if mixed else sides:
        data.append(_spans(label, colour, spans))
    layout = {
        "showlegend": True, "legend": LEGEND, "margin": {"l": 8, "r": 8, "t": 44, "b": 8},
        "xaxis": {**STILL, "type": "date", "automargin": True, "tickfont": {"size": 14},
                  "nticks": 7, "tickformat": "%Y-%m"},
        "yaxis": {**STILL, "tickvals": list(range(len(folds))), "automargin": True,
                  "ticktext": [f"{plain(words.fold)} {i + 1}" for i in range(len(folds))],
                  "range": [len(folds) - 0.4, -0.6], "showgrid": False,
                  "tickfont": {"size": 15, "color": theme.ink}},
    }
    return drawn(data, layout, theme, height=96 + 40 * len(folds))


def _spans(
    label: str, colour: str, spans: Sequence[tuple[str, str]]
) -> dict[str, object]:
    xs: list[str | None] = []
    ys: list[int | None] = []
    for at, (first, last) in enumerate(spans):
        xs += [first, last, None]
        ys += [at, at, None]
    return {
        "type": "scatter", "mode": "lines", "x": xs, "y": ys, "name": plain(label),
        "line": {"color": colour, "width": 18}, "connectgaps": False,
        "hovertemplate": "%{x}<extra>" + plain(label) + "</extra>",
    }
