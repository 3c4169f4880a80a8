"""Pictures of the next-sentence lesson."""

import plotly.graph_objects as go

from lessons.nsp.lesson import IS_NEXT, NOT_NEXT, Result, largest
from lessons.theme import Theme, drawn, number, percent, plain

SHOWN_TERMS = 10


def verdict(is_next: float, labels: tuple[str, str], theme: Theme) -> go.Figure:
    """IsNext and NotNext as two bars that share 100 %."""
    shares = (is_next, 1 - is_next)
    rows = [1, 0]
    bars = {
        "type": "bar", "x": shares, "y": rows, "orientation": "h",
        "marker": {"color": [theme.good, theme.bad]}, "width": 0.62,
        "text": [percent(s) for s in shares], "textposition": "outside", "cliponaxis": False,
        "textfont": {"size": 18}, "hoverinfo": "skip",
    }
    layout = {
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "yaxis": {"tickvals": rows, "ticktext": [plain(label) for label in labels],
                  "tickfont": {"size": 18}, "showgrid": False, "zeroline": False},
        "xaxis": {"range": [0, 1.2], "visible": False},
    }
    return drawn([bars], layout, theme, height=130)


def contributions(
    result: Result, row: int, labels: tuple[str, str, str], theme: Theme
) -> go.Figure:
    """One logit as a sum: its largest terms w_j C_j, all the others, the bias, the total.

    labels : names of "the other {n}", "bias" and "logit"
    """
    terms = result.terms[row]
    shown = largest(terms, SHOWN_TERMS)
    rest = float(terms.sum() - terms[shown].sum())
    values = [*(float(terms[j]) for j in shown), rest, float(result.bias[row])]
    names = [*(f"C<sub>{j}</sub>" for j in shown), plain(labels[0]), plain(labels[1])]
    steps = {
        "type": "waterfall", "orientation": "h", "y": [*names, f"<b>{plain(labels[2])}</b>"],
        "x": [*values, float(result.logits[row])],
        "measure": ["relative"] * len(values) + ["total"],
        "text": [number(v) for v in values] + [f"<b>{number(float(result.logits[row]))}</b>"],
        "textposition": "outside", "cliponaxis": False, "hoverinfo": "skip",
        "increasing": {"marker": {"color": theme.query}},
        "decreasing": {"marker": {"color": theme.key}},
        "totals": {"marker": {"color": theme.accent}},
        "connector": {"line": {"color": theme.grid}},
    }
    layout = {
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "yaxis": {"autorange": "reversed", "showgrid": False, "tickfont": {"size": 15}},
        "xaxis": {"visible": False, "range": _with_room(values)},
    }
    return drawn([steps], layout, theme, height=40 + 31 * len(names))


def _with_room(values: list[float]) -> list[float]:
    """The range of the running sum, with room for the numbers on both sides."""
    running, low, high = 0.0, 0.0, 0.0
    for value in values:
        running += value
        low, high = min(low, running), max(high, running)
    margin = 0.45 * (high - low or 1.0)
    return [low - margin, high + margin]


ROWS = (IS_NEXT, NOT_NEXT)
