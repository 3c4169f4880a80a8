"""How the classifiers stand: a dot and its interval each, beside the majority class and others."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.stocks.evaluation import Report, Row
from core.stocks.reference import Reference
from lessons.theme import Theme, drawn, percent, plain

MEASURES = ("accuracy", "balanced", "mcc")
ROW = 58
STILL = {"zeroline": False, "fixedrange": True}
LEGEND = {"orientation": "h", "x": 0, "y": 1.04, "yanchor": "bottom", "font": {"size": 15}}
SPREAD = 0.17  # the windows' dots stand so far above and below a classifier's line


@dataclass(frozen=True)
class Words:
    """What the figure of all classifiers says.

    classifiers : names in the report's order; windows : a name each; majority, chance : of the
    lines; exercise : of the figures handed down, "" to leave them out
    """

    classifiers: Sequence[str]
    windows: Sequence[str]
    majority: str
    chance: str
    exercise: str
    measure: str


def interval(row: Row, measure: str) -> tuple[float, float, float]:
    """Value and 95 % interval."""
    s = row.scores
    if measure == "balanced":
        return s.balanced, s.balanced_low, s.balanced_high
    if measure == "mcc":
        return s.mcc, s.mcc_low, s.mcc_high
    return s.accuracy, s.low, s.high


def shown(value: float, measure: str) -> str:
    """A share as a percentage, MCC as it is."""
    return f"{value:+.3f}".replace("-", "\u2212") if measure == "mcc" else percent(value)


def standings(
    report: Report, measure: str, words: Words, exercise: Sequence[Reference], theme: Theme
) -> go.Figure:
    """A line for each classifier, a dot with its 95 % interval for each window."""
    names = list(dict.fromkeys(row.classifier for row in report.rows))
    windows = report.settings.windows
    data: list[dict[str, object]] = [
        _dots(report, window, names, _offset(at, len(windows)), measure, words.windows[at],
              (theme.query, theme.key, theme.value)[at])
        for at, window in enumerate(windows)
    ]
    if words.exercise and measure == "accuracy":
        data.append(_exercise(exercise, names, windows, words.exercise, theme))
    line = _line(report, measure)
    lines = [(line, words.majority if measure == "accuracy" else words.chance, "dash")]
    top = -0.75
    layout = {
        "showlegend": True, "legend": LEGEND, "margin": {"l": 8, "r": 16, "t": 76, "b": 8},
        "xaxis": {**STILL, "title": {"text": plain(words.measure)}, "automargin": True,
                  "tickformat": "+.2f" if measure == "mcc" else ".0%", "side": "bottom",
                  "tickfont": {"size": 15}, "range": _range(data, line), "nticks": 7},
        "yaxis": {**STILL, "tickvals": list(range(len(names))), "showgrid": False,
                  "ticktext": [plain(name) for name in words.classifiers], "automargin": True,
                  "range": [len(names) - 0.4, top], "tickfont": {"size": 16, "color": theme.ink}},
        "shapes": [
            {"type": "line", "x0": x, "x1": x, "y0": len(names) - 0.4, "y1": top + 0.3,
             "line": {"color": theme.bad, "width": 2.5, "dash": dash}} for x, _, dash in lines
        ],
        "annotations": [
            {"x": x, "y": top + 0.28, "text": f"<b>{plain(text)}</b>", "showarrow": False,
             "yanchor": "bottom", "font": {"size": 15, "color": theme.bad}} for x, text, _ in lines
        ],
    }
    return drawn(data, layout, theme, height=120 + ROW * len(names))


def _offset(at: int, count: int) -> float:
    return 0.0 if count == 1 else SPREAD * (2 * at / (count - 1) - 1)


def _line(report: Report, measure: str) -> float:
    """What says nothing: always the larger class, or guessing."""
    return {"accuracy": report.majority, "balanced": 0.5, "mcc": 0.0}[measure]


def _dots(
    report: Report, window: int, names: Sequence[str], offset: float, measure: str, label: str,
    colour: str,
) -> dict[str, object]:
    rows = [report.row(name, window) for name in names]
    found = [interval(row, measure) for row in rows]
    return {
        "type": "scatter", "mode": "markers", "name": plain(label),
        "x": [value for value, _, _ in found], "y": [at + offset for at in range(len(names))],
        "error_x": {
            "type": "data", "symmetric": False, "thickness": 3, "width": 0, "color": colour,
            "array": [high - value for value, _, high in found],
            "arrayminus": [value - low for value, low, _ in found],
        },
        "marker": {"size": 13, "color": colour},
        "customdata": [
            f"{shown(value, measure)} ({shown(low, measure)} – {shown(high, measure)})"
            for value, low, high in found
        ],
        "hovertemplate": "%{customdata}<extra>" + plain(label) + "</extra>",
    }


def _exercise(
    references: Sequence[Reference], names: Sequence[str], windows: Sequence[int], label: str,
    theme: Theme,
) -> dict[str, object]:
    """Hollow diamonds: figures that are not ours."""
    points = [
        (reference.accuracy(window), names.index(reference.classifier) + _offset(at, len(windows)))
        for at, window in enumerate(windows) if window in (1, 3)
        for reference in references if reference.classifier in names
    ]
    return {
        "type": "scatter", "mode": "markers", "name": plain(label),
        "x": [x for x, _ in points], "y": [y for _, y in points],
        "marker": {"size": 12, "symbol": "diamond-open", "color": theme.muted,
                   "line": {"width": 2, "color": theme.muted}},
        "hovertemplate": "%{x:.6f}<extra>" + plain(label) + "</extra>",
    }


def _range(data: Sequence[dict[str, object]], line: float) -> list[float]:
    ends = [line]
    for trace in data:
        xs = list(trace["x"])  # type: ignore[call-overload]
        error = trace.get("error_x")
        ends += xs
        if isinstance(error, dict):
            ends += [x + e for x, e in zip(xs, error["array"], strict=True)]
            ends += [x - e for x, e in zip(xs, error["arrayminus"], strict=True)]
    room = 0.06 * max(max(ends) - min(ends), 0.02)
    return [min(ends) - room, max(ends) + room]
