"""Pictures of the three ways: the words for the blank, the hidden word, and the two curves."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lessons.theme import Theme, percent, plain, style
from lessons.three_ways.leak import Leak
from lessons.three_ways.lesson import Answer


def colours(theme: Theme) -> dict[str, str]:
    """One colour for each way, in every picture of this lesson."""
    return {"elmo_forward": theme.value, "elmo_backward": theme.position, "gpt": theme.key,
            "bert": theme.query, "elmo_together": theme.muted}


def words(answer: Answer, hidden: str, theme: Theme) -> go.Figure:
    """One model's words, best on top; the hidden word, if it is among them, in full colour."""
    shares = list(answer.probabilities)
    rows = list(range(len(shares)))[::-1]
    hit = [word == hidden.lower() for word in answer.words]
    figure = go.Figure(go.Bar(
        x=shares, y=rows, orientation="h", marker_color=colours(theme)[answer.way],
        marker_opacity=[1.0 if h or not any(hit) else 0.45 for h in hit],
        text=[percent(p) for p in shares], textposition="outside", cliponaxis=False,
        textfont={"size": 16}, hoverinfo="skip",
    ))
    names = [f"<b>{plain(w)}</b>" if h else plain(w)
             for w, h in zip(answer.words, hit, strict=True)]
    figure.update_yaxes(tickvals=rows, ticktext=names, tickfont={"size": 17}, showgrid=False,
                        zeroline=False)
    figure.update_xaxes(range=[0, 1.4 * max(shares)], visible=False)
    return style(figure, theme, height=20 + 34 * len(rows)).update_layout(margin_t=4)


def hidden_word(
    answers: Sequence[Answer], names: Sequence[str], theme: Theme
) -> go.Figure:
    """The probability of the hidden word under each model, on a logarithmic scale."""
    known = [(n, a) for n, a in zip(names, answers, strict=True) if a.p_word]
    rows = list(range(len(known)))[::-1]
    logs = np.log10([a.p_word or 0.0 for _, a in known])
    floor = float(np.floor(logs.min(initial=-1.0))) - 0.5
    figure = go.Figure(go.Bar(
        x=logs - floor, base=floor, y=rows, orientation="h",
        marker_color=[colours(theme)[a.way] for _, a in known],
        text=[share(a.p_word or 0.0) for _, a in known], textposition="outside",
        cliponaxis=False, textfont={"size": 16}, hoverinfo="skip",
    ))
    figure.update_yaxes(tickvals=rows, ticktext=[n for n, _ in known], tickfont={"size": 16},
                        showgrid=False, zeroline=False)
    ticks = np.arange(np.ceil(floor), 1)
    figure.update_xaxes(tickvals=ticks, ticktext=[f"10<sup>{int(t)}</sup>" if t else "1"
                                                  for t in ticks],
                        range=[floor, 0.25 * -floor], zeroline=False)
    return style(figure, theme, height=70 + 44 * len(known)).update_layout(margin_t=4)


def share(p: float) -> str:
    """A probability as a percentage, with one digit however small it is."""
    if p >= 0.0005:
        return percent(p)
    return f"{np.format_float_positional(100 * p, 1, fractional=False)} %"


def curves(
    leak: Leak, what: str, names: dict[str, str], axes: tuple[str, str, str], theme: Theme
) -> go.Figure:
    """The loss of each stack, or the share of masked words it names.

    what : "loss" or "right"; axes : names of the x axis, the y axis and the line of chance
    """
    figure = go.Figure()
    looks = {"itself": (theme.bad, "dot"), "others": (theme.key, "dash"),
             "masked": (theme.good, "solid")}
    for curve in leak.curves:
        colour, dash = looks[curve.kind]
        figure.add_scatter(
            x=leak.steps, y=getattr(curve, what), name=names[curve.kind], mode="lines+markers",
            line={"color": colour, "width": 3, "dash": dash}, marker={"size": 6},
            hovertemplate="%{x}: %{y:.1%}" if what == "right" else "%{x}: %{y:.3f}",
        )
    if what == "right":
        figure.add_scatter(
            x=[leak.steps[0], leak.steps[-1]], y=[leak.chance, leak.chance], name=axes[2],
            mode="lines", hoverinfo="skip",
            line={"color": theme.muted, "width": 1.5, "dash": "dashdot"},
        )
        figure.update_yaxes(range=[0, 1.05], tickformat=".0%")
    else:
        figure.update_yaxes(rangemode="tozero")
    figure.update_xaxes(title=axes[0])
    figure.update_yaxes(title=axes[1])
    return style(figure, theme, height=380)
