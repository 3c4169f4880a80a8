"""The search as a staircase: one row an attempt, the window shrinking over the letters."""

import plotly.graph_objects as go

from core.wordpiece.search import CONTINUATION, Word
from lessons.theme import Theme, style


def staircase(word: Word, shown: int, theme: Theme) -> go.Figure:
    """Attempts 1..shown of a word's search; hits filled green, misses grey."""
    steps = word.steps[:shown]
    letters = list(word.word)
    shade: list[list[float | None]] = []
    text: list[list[str]] = []
    for step in steps:
        body = step.candidate.removeprefix(CONTINUATION) if step.start else step.candidate
        inside = range(step.start, step.start + len(body))
        shade.append([(1.0 if step.hit else 0.35) if i in inside else None
                      for i in range(len(letters))])
        text.append([c if i in inside else "" for i, c in enumerate(letters)])
    names = [f"{n + 1}" for n in range(len(steps))]
    figure = go.Figure(
        go.Heatmap(
            z=shade, text=text, texttemplate="%{text}", x=list(range(len(letters))), y=names,
            colorscale=[[0, theme.grid], [0.35, theme.grid], [1, theme.good]],
            zmin=0, zmax=1, showscale=False, xgap=3, ygap=3, hoverinfo="skip",
            textfont={"size": 17},
        )
    )
    for name, step in zip(names, steps, strict=True):
        figure.add_annotation(
            x=len(letters) - 0.3, y=name, xanchor="left", showarrow=False,
            text=("✓ " if step.hit else "✗ ") + _plain(step.candidate),
            font={"size": 15, "color": theme.good if step.hit else theme.muted},
        )
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    figure.update_xaxes(visible=False, range=[-0.6, len(letters) + max(4, len(letters) * 0.6)])
    return style(figure, theme, height=70 + 30 * max(len(steps), 2))


def _plain(text: str) -> str:
    """Plotly reads a little HTML in labels: learner text must not be read as any."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
