"""Pictures of the surgery lesson."""

from collections.abc import Sequence

import plotly.graph_objects as go

from lessons.surgery.lesson import Words
from lessons.surgery.table import Result as Table
from lessons.theme import Theme, drawn, percent, plain

LEGEND = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 16}}
HIDDEN = {"visible": False, "fixedrange": True}


def before_after(words: Words, labels: tuple[str, ...], theme: Theme) -> go.Figure:
    """Each word before and after, best on top, or before alone without labels.

    The followed word is bold.
    """
    rows = list(range(len(words.tokens)))[::-1]
    names = [plain(token) for token in words.tokens]
    names[words.watched] = f"<b>{names[words.watched]}</b>"
    data = [_bars(list(words.before), rows, "", theme.accent)]
    if labels:
        data = [
            _bars(list(words.after), rows, labels[1], theme.accent),
            _bars(list(words.before), rows, labels[0], theme.muted),
        ]
    most = max(*words.before, *words.after)
    layout = {
        "barmode": "group", "bargap": 0.28, "bargroupgap": 0.06, "showlegend": bool(labels),
        "legend": LEGEND | {"traceorder": "reversed"},
        "yaxis": _names(rows, names, theme), "xaxis": HIDDEN | {"range": [0, 1.22 * most]},
    }
    return drawn(data, layout, theme, height=60 + (58 if labels else 40) * len(rows))


def _bars(
    shares: list[float], rows: list[int], name: str, colour: str | list[str]
) -> dict[str, object]:
    return {
        "type": "bar", "orientation": "h", "x": shares, "y": rows, "name": plain(name),
        "marker": {"color": colour}, "text": [percent(p) for p in shares],
        "textposition": "outside", "cliponaxis": False, "textfont": {"size": 16},
        "hoverinfo": "skip",
    }


def _names(rows: list[int], names: list[str], theme: Theme) -> dict[str, object]:
    return {
        "tickvals": rows, "ticktext": names, "tickfont": {"size": 17, "color": theme.ink},
        "showgrid": False, "zeroline": False, "automargin": True, "fixedrange": True,
    }


def without_layers(
    shares: Sequence[float], intact: float, labels: tuple[str, str], theme: Theme
) -> go.Figure:
    """The probability with each layer off; a line at what it is with all of them.

    labels : of a layer's bar ("layer {n}" is made by the caller as names), of the line
    """
    places = list(range(len(shares)))
    data: list[dict[str, object]] = [
        {
            "type": "bar", "x": places, "y": list(shares), "marker": {"color": theme.accent},
            "text": [percent(p) for p in shares], "textposition": "outside", "cliponaxis": False,
            "textfont": {"size": 16}, "hoverinfo": "skip", "showlegend": False,
        },
        {
            "type": "scatter", "mode": "lines", "x": [-0.5, len(shares) - 0.5],
            "y": [intact, intact], "line": {"color": theme.ink, "width": 2, "dash": "dash"},
            "name": f"{plain(labels[1])}: {percent(intact)}", "hoverinfo": "skip",
        },
    ]
    layout = {
        "showlegend": True, "legend": LEGEND,
        "xaxis": {"title": {"text": plain(labels[0])}, "tickvals": places, "showgrid": False,
                  "tickfont": {"size": 16, "color": theme.ink}, "fixedrange": True,
                  "zeroline": False},
        "yaxis": HIDDEN | {"range": [0, 1.2 * max(*shares, intact)]},
    }
    return drawn(data, layout, theme, height=300)


def operations(
    result: Table, watched: bool, names: Sequence[str], theme: Theme
) -> go.Figure:
    """One bar an operation: the followed word's probability, or P(IsNext)."""
    shares = [float((row.watched if watched else row.is_next) or 0.0) for row in result.rows]
    rows = list(range(len(shares)))[::-1]
    colours = [theme.muted, *([theme.accent] * (len(shares) - 1))]
    layout = {
        "showlegend": False, "yaxis": _names(rows, [plain(name) for name in names], theme),
        "xaxis": HIDDEN | {"range": [0, 1.22 * max(max(shares), 1e-9)]}, "bargap": 0.3,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
    }
    return drawn([_bars(shares, rows, "", colours)], layout, theme, height=24 + 40 * len(rows))
