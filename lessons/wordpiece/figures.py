"""The search as a staircase, one row an attempt; and what the vocabulary is made of."""

import plotly.graph_objects as go

from core.wordpiece.search import CONTINUATION, Step, Word
from lessons.theme import Theme, drawn, percent, plain
from lessons.wordpiece.lesson import Vocabulary

ROWS = 14  # attempts in view at a time
FEWEST_COLUMNS = 16  # short words keep letters of a readable width, not of half a screen
_TINTS = {"earlier miss": 0.10, "earlier hit": 0.30, "miss": 0.32, "hit": 0.72}


def staircase(word: Word, attempt: int, theme: Theme) -> go.Figure:
    """Attempts up to number `attempt` (from 1): the window shrinks over the letters.

    Misses are grey, hits green and ticked; the last row is the attempt at hand.
    """
    first = max(0, attempt - ROWS)
    steps = word.steps[first:attempt]
    rows = list(range(first + 1, attempt + 1))
    kinds = [("" if row == attempt else "earlier ") + ("hit" if step.hit else "miss")
             for row, step in zip(rows, steps, strict=True)]
    columns = len(word.word)
    tiles = {
        "type": "heatmap",
        "z": [_window(step, columns, list(_TINTS).index(kind))
              for step, kind in zip(steps, kinds, strict=True)],
        "text": [_letters(step, columns) for step in steps], "texttemplate": "%{text}",
        "x": list(range(columns)), "y": rows, "zmin": 0, "zmax": len(_TINTS) - 1,
        "showscale": False, "colorscale": _colours(theme), "xgap": 2, "ygap": 4,
        "hoverinfo": "skip", "textfont": {"size": _font(columns), "color": theme.ink},
    }
    ticks = [f"{row}  {'✓' if step.hit else '✗'}" for row, step in zip(rows, steps, strict=True)]
    layout = {
        "yaxis": {"range": [attempt + 0.5, first + 0.5], "tickvals": rows, "ticktext": ticks,
                  "showgrid": False, "zeroline": False, "fixedrange": True,
                  "tickfont": _ticks(theme)},
        "xaxis": {"visible": False, "range": [-0.6, max(columns, FEWEST_COLUMNS) - 0.4],
                  "fixedrange": True},
    }
    return drawn([tiles], layout, theme, height=60 + 34 * max(len(rows), 2))


def _window(step: Step, columns: int, shade: int) -> list[int | None]:
    inside = range(step.start, step.start + len(step.letters))
    return [shade if i in inside else None for i in range(columns)]


def _letters(step: Step, columns: int) -> list[str]:
    shown = [""] * columns
    shown[step.start : step.start + len(step.letters)] = [plain(c) for c in step.letters]
    if step.start == 1:
        shown[0] = CONTINUATION
    elif step.start:
        shown[step.start - 2 : step.start] = CONTINUATION
    return shown


def _colours(theme: Theme) -> list[list[object]]:
    base = {name: theme.good if name.endswith("hit") else theme.muted for name in _TINTS}
    last = len(_TINTS) - 1
    return [[i / last, _tint(base[name], share)] for i, (name, share) in enumerate(_TINTS.items())]


def _ticks(theme: Theme) -> dict[str, object]:
    return {"size": 15, "color": theme.ink}


def _tint(colour: str, share: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"


def _font(columns: int) -> int:
    return max(8, min(18, 420 // max(columns, 1)))


def composition(counts: Vocabulary, names: dict[str, str], theme: Theme) -> go.Figure:
    """What the entries are, as one bar each; `names` label the fields of `Vocabulary`."""
    fields = ("words", "continued", "characters", "unused", "special")
    values = [getattr(counts, field) for field in fields]
    labels = [
        f"{names[field]}<br>{value:,} · {percent(value / counts.size)}"
        for field, value in zip(fields, values, strict=True)
    ]
    colours = [theme.token, theme.accent, theme.query, theme.muted, theme.muted]
    bars = {"type": "bar", "x": values, "y": labels, "orientation": "h",
            "marker": {"color": colours}, "hoverinfo": "skip"}
    layout = {
        "yaxis": {"autorange": "reversed", "showgrid": False, "fixedrange": True,
                  "automargin": True, "tickfont": _ticks(theme)},
        "xaxis": {"visible": False, "fixedrange": True},
    }
    return drawn([bars], layout, theme, height=330)
