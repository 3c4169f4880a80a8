"""One cell over the learner's sentence: its gates as bands, one number with its factors."""

import numpy as np
import streamlit as st

from lessons.recurrent.lesson import Networks, Opened, Request, Story, follow, run
from lessons.theme import number
from pages import ui
from pages.ui import LessonPage
from pages.vectors.recurrent_training import elmo_is_here

WINDOW = 20
GATES = ("i", "f", "o")  # between 0 and 1


def shown(page: LessonPage, networks: Networks) -> None:
    """Choose a network, see its gates and states, follow one unit at one word."""
    page.section("gates")
    here = elmo_is_here()
    if not here:
        st.info(page.t("elmo_missing"), icon=":material/inventory_2:")
    options = ["elmo", "lstm", "rnn"] if here else ["lstm", "rnn"]
    net = page.control_choice("rn_net", page.t("net"), options, options[0],
                              lambda n: page.t(f"open_{n}"))
    cell = _elmo(page) if net == "elmo" else (networks.lstm if net == "lstm" else networks.rnn)
    trained = net == "elmo" or networks.small.trained
    st.caption(page.t(f"which_{net}" if trained else "which_untrained", size=cell.size,
                      shown=len(cell.units)))
    start, stop = page.window(len(cell.words), WINDOW)
    _pictures(page, cell, start, stop)
    _one_unit(page, cell)
    page.prove(cell.proof)


def _elmo(page: LessonPage) -> Opened:
    left, right = st.columns(2)
    with left:
        direction = page.control_choice(
            "rn_direction", page.t("direction"), ["forward", "backward"], "forward",
            lambda d: page.t(d),
        )
    with right:
        layer = page.control_choice("rn_layer", page.t("layer"), ["1", "2"], "1")
    request = Request(page.text, direction, int(layer))
    result: Opened = page.run(run, request, needs_model=False)
    return result


def _pictures(page: LessonPage, cell: Opened, start: int, stop: int) -> None:
    """The handful of units as rows, the words as columns, one picture a band."""
    words = [f"{k} {w}" for k, w in enumerate(cell.words)][start:stop]
    rows = [page.t("unit", unit=u) for u in cell.units]
    bands = list(cell.bands)
    for pair in (bands[at : at + 2] for at in range(0, len(bands), 2)):
        for column, name in zip(st.columns(2), pair, strict=False):
            values = cell.bands[name][start:stop, list(cell.units)].T  # (units, words)
            with column:
                st.markdown(f"**{page.t(f'band_{name}')}**")
                clicked = ui.heat(
                    f"band_{cell.net}_{name}", values, rows, words, cell=40, row_height=24,
                    scale="sequential" if name in GATES else "diverging",
                    domain=_domain(name), label=page.t(f"band_{name}"),
                )
                if clicked:
                    page.put("rn_unit", str(clicked[0]))
                    page.put("rn_word", str(start + clicked[1]))
                    st.rerun(scope="fragment")


def _domain(name: str) -> tuple[float, float] | None:
    """The range a band can have; None for those without bounds."""
    if name in GATES:
        return 0.0, 1.0
    return (-1.0, 1.0) if name in ("g", "h") else None


def _one_unit(page: LessonPage, cell: Opened) -> None:
    page.section("unit")
    left, right = st.columns(2)
    words = [str(k) for k in range(len(cell.words))]
    units = [str(place) for place in range(len(cell.units))]
    with left:
        word = page.control_choice("rn_word", page.t("word"), words, words[1],
                                   lambda k: f"{k} {cell.words[int(k)]}")
    with right:
        unit = page.control_choice("rn_unit", page.t("unit_choice"), units, units[0],
                                   lambda place: str(cell.units[int(place)]))
    story = follow(cell, int(word), cell.units[int(unit)])
    with st.container(border=True):
        (_rnn_step if cell.net == "rnn" else _lstm_step)(page, story)


def _lstm_step(page: LessonPage, story: Story) -> None:
    v = {name: number(value) for name, value in story.values.items()}
    st.markdown(page.t("say_lstm", word=ui.escape_markdown(story.word), unit=story.unit,
                       forget=f"{story.values['f']:.0%}", enter=f"{story.values['i']:.0%}",
                       out=f"{story.values['o']:.0%}"))
    st.latex(
        r"\begin{aligned} c &= f\,c' + i\,g \\"
        rf"&= {v['f']}\cdot({number(story.before)}) + {v['i']}\cdot({v['g']}) \\"
        rf"&= \mathbf{{{v['c']}}} \end{{aligned}}"
    )
    bent = number(float(np.tanh(story.values["c"])))
    st.latex(rf"h = o\tanh c = {v['o']}\cdot({bent}) = \mathbf{{{v['h']}}}")


def _rnn_step(page: LessonPage, story: Story) -> None:
    v = {name: number(value) for name, value in story.values.items()}
    st.markdown(page.t("say_rnn", word=ui.escape_markdown(story.word), unit=story.unit))
    st.latex(
        r"\begin{aligned} h &= \tanh(Wx + b + Uh') \\"
        rf"&= \tanh({v['Wx']} + ({v['Uh']})) \\ &= \mathbf{{{v['h']}}} \end{{aligned}}"
    )
