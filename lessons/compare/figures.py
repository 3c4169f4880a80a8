"""Pictures of one word in many sentences: cosines over layers, the cloud, accuracies by layer."""

from collections.abc import Mapping, Sequence
from textwrap import wrap

import numpy as np
import plotly.graph_objects as go

from lessons.compare.lesson import Result
from lessons.compare.measures import LABELS, Measures
from lessons.compare.scatter import Cloud, Plane
from lessons.theme import Theme, plain, style

STATIC_LABELS = {"word2vec": "word2vec", "glove": "GloVe"}
_DASHES = {"skipgram": "dash", "glove": "dot"}  # flat lines that may lie on each other
HOVER_WIDTH = 44  # letters in a line of hover text


def colours(theme: Theme) -> dict[str, str]:
    """One colour for each model, the same in every picture of the lesson."""
    return {
        "word2vec": theme.position, "glove": theme.value, "elmo": theme.key, "bert": theme.query,
    }


def by_layer(
    result: Result, baselines: Mapping[str, Sequence[float]], axis: str, baseline_name: str,
    theme: Theme,
) -> go.Figure:
    """The word's cosine in every layer, flat where a table has one vector for a word.

    baselines : by model, the mean cosine of two different words in each layer, drawn dotted
    """
    figure, ink = go.Figure(), colours(theme)
    last = max(len(result.bert.cosines), len(result.elmo.cosines)) - 1
    for table, dash in zip(result.static, ("solid", "dash"), strict=True):
        if table.cosine is not None:
            figure.add_scatter(
                x=[0, last], y=[table.cosine] * 2, mode="lines", name=STATIC_LABELS[table.name],
                line={"color": ink[table.name], "width": 4, "dash": dash},
                hovertemplate="%{y:.2f}",
            )
    for kind, label, answer in (("elmo", "ELMo", result.elmo), ("bert", "BERT", result.bert)):
        if not answer.cosines:
            continue
        figure.add_scatter(
            x=list(range(len(answer.cosines))), y=answer.cosines, name=label,
            mode="lines+markers", line={"color": ink[kind], "width": 4}, marker={"size": 11},
            hovertemplate="%{y:.4f}",
        )
        if kind in baselines:
            figure.add_scatter(
                x=list(range(len(baselines[kind]))), y=list(baselines[kind]), mode="lines",
                name=f"{label}: {baseline_name}", hovertemplate="%{y:.4f}",
                line={"color": ink[kind], "width": 2, "dash": "dot"},
            )
    lowest = min([0.0, *result.elmo.cosines, *result.bert.cosines])
    figure.update_yaxes(range=[lowest * 1.1, 1.06], title="cos")
    figure.update_xaxes(title=axis, dtick=1 if last < 16 else 2)
    figure.update_layout(hovermode="x unified")
    return style(figure, theme, height=420)


def cloud(
    cloud: Cloud, plane: Plane, names: Sequence[str], own: Sequence[tuple[str, str]], theme: Theme
) -> go.Figure:
    """The sentences on the plane, one colour and shape a sense.

    names : of the senses; own : (mark, sentence) for each of the learner's vectors
    """
    figure, sense = go.Figure(), np.array(cloud.sense)
    looks = ((theme.query, "circle"), (theme.key, "diamond"))
    for which, (name, (colour, shape)) in enumerate(zip(names, looks, strict=True)):
        rows = np.flatnonzero(sense == which)
        figure.add_scatter(
            x=plane.points[rows, 0], y=plane.points[rows, 1], mode="markers", name=plain(name),
            marker={"color": colour, "symbol": shape, "size": 15, "opacity": 0.85,
                    "line": {"color": theme.paper, "width": 1}},
            customdata=[_lines(cloud.sentences[i]) for i in rows],
            hovertemplate="%{customdata}<extra></extra>",
        )
    if plane.agree is None and own:  # one point: the marks would hide each other
        own = [(" = ".join(mark for mark, _ in own), own[0][1])]
    for (mark, sentence), (x, y) in zip(own, plane.own, strict=False):
        figure.add_scatter(
            x=[x], y=[y], mode="markers+text", text=[f"<b>{plain(mark)}</b>"], name=plain(mark),
            textposition="top center", textfont={"size": 20, "color": theme.segment},
            marker={"color": theme.segment, "symbol": "star", "size": 22,
                    "line": {"color": theme.paper, "width": 1}},
            customdata=[_lines(sentence)], hovertemplate="%{customdata}<extra></extra>",
            showlegend=False,
        )
    if plane.agree is None:
        figure.update_xaxes(range=[-1, 1], zeroline=False)
        figure.update_yaxes(range=[-1, 1], zeroline=False)
    else:
        titles = [f"PC {n} · {100 * share:.0f} %" for n, share in enumerate(plane.shares, 1)]
        figure.update_xaxes(title=titles[0], zeroline=False)
        figure.update_yaxes(title=titles[1], zeroline=False)
    return style(figure, theme, height=480)


def _lines(sentence: str) -> str:
    shown = sentence if len(sentence) <= 200 else sentence[:199] + "…"
    return "<br>".join(plain(line) for line in wrap(shown, HOVER_WIDTH))


def accuracies(found: Measures, axis: str, chance: str, theme: Theme) -> go.Figure:
    """Share of sentence pairs judged rightly, by layer, with 95 % intervals."""
    figure, ink = go.Figure(), colours(theme)
    shades = {**ink, "cbow": ink["word2vec"], "skipgram": ink["word2vec"], "gpt": theme.token}
    last = max((row.layer or 0 for row in found.in_context), default=0)
    figure.add_scatter(
        x=[0, last], y=[0.5, 0.5], mode="lines", name=chance, hoverinfo="skip",
        line={"color": theme.muted, "width": 2, "dash": "dot"},
    )
    for model in found.models:
        rows = found.rows_of(model)
        if rows[0].layer is None:
            x, y = [0, last], [rows[0].accuracy] * 2
            figure.add_scatter(
                x=x, y=y, mode="lines", name=LABELS[model], hovertemplate="%{y:.1%}",
                line={"color": shades[model], "width": 4, "dash": _DASHES.get(model, "solid")},
            )
            continue
        figure.add_scatter(
            x=[row.layer for row in rows], y=[row.accuracy for row in rows],
            mode="lines+markers", name=LABELS[model], hovertemplate="%{y:.1%}",
            line={"color": shades[model], "width": 4}, marker={"size": 11},
            error_y={"type": "data", "symmetric": False, "thickness": 1.5,
                     "array": [row.high - row.accuracy for row in rows],
                     "arrayminus": [row.accuracy - row.low for row in rows]},
        )
    figure.update_xaxes(title=axis, dtick=1)
    figure.update_yaxes(tickformat=".0%", range=[0.4, 1.0])
    figure.update_layout(hovermode="x unified")
    return style(figure, theme, height=440)
