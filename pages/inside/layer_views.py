"""The upper part of the layer's page: the piece, the guess, and the block itself."""

from dataclasses import dataclass

import streamlit as st

from lessons.layer import arithmetic
from lessons.layer.arithmetic import Story
from lessons.layer.lesson import INNER, STATIONS, Result, Station, stations
from lessons.layer.moves import SUBLAYERS, Moves
from lessons.text import presets
from pages import ui
from pages.ui import LessonPage
from pages.ui.components.layer_block import Box, Words, layer_block

PICKED = "_picked_coordinate"  # by a click below the slider, for the next run
BRANCHES = ((0, 2), (3, 7))  # the two residuals, from station to station
FFN = (4, 6)
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
KINDS = {"input": "vector", "add_attention": "add", "add_ffn": "add", "norm_attention": "norm",
         "norm_ffn": "norm"}
COLOURS = {"input": "token", "attention": "query", "norm_attention": "position",
           "norm_ffn": "position", "up": "key", "gelu": "key", "down": "key"}


@dataclass(frozen=True)
class View:
    """What is open: the piece, the station, the coordinate, and the arithmetic behind it."""

    token: int
    station: str
    coordinate: int
    story: Story

    @property
    def neuron(self) -> int:
        return self.story.neuron.index


def piece(page: LessonPage, result: Result | Moves, token: int) -> str:
    """A piece's name, safe inside Markdown."""
    return ui.escape_markdown(result.encoded.tokens[token])


def _of_preset(page: LessonPage, key: str, default: str) -> str:
    """What the preset with this text sets, so that its sentence opens as intended."""
    points = next((p.controls for p in presets("layer") if p.text == page.text), {})
    return points.get(key, default)


def choose_token(page: LessonPage, result: Result, start: int, stop: int) -> int:
    """The piece to follow: a click on its chip."""
    n = len(result.encoded)
    places = [str(at) for at in range(n)]
    default = _of_preset(page, "token", str(min(1, n - 1)))
    if default not in places:
        default = places[-1]
    token = int(page.value("token", page.t("token"), places, default))
    st.caption(page.t("token_hint"))
    shown = [token - start] if start <= token < stop else []
    clicked = ui.tokens("layer_tokens", result.encoded.tokens[start:stop], selected=shown,
                        label=page.t("token"))
    if clicked is not None and clicked + start != token:
        page.put("token", str(clicked + start))
        st.rerun(scope="fragment")
    return token


def guessed(page: LessonPage, moved: Moves, layer: int, token: int) -> bool:
    """Ask which sublayer moves the piece more here; False until the learner commits."""
    names = [page.t(name) for name in SUBLAYERS]
    name = piece(page, moved, token)
    guess = page.guess(
        f"layer {layer} {token}", page.t("guess_question", piece=name, layer=layer), names
    )
    if guess:
        more = page.t(moved.more(layer, token))
        st.markdown(f"**{page.t('guess_yours')}: {guess}**")
        ratios = moved.ratio[:, layer, token]
        page.prose("guess-answer", piece=name, more=more, attention=f"{ratios[0]:.2f}",
                   ffn=f"{ratios[1]:.2f}")
    return guess is not None


def block(page: LessonPage, result: Result, token: int) -> View:
    """The layer as a block diagram; a click opens a station or chooses a coordinate."""
    view = _settled(page, result, token)
    picked = layer_block(
        "block", [_box(page, one, view) for one in stations(result, token)],
        words=Words(page.t("norm"), page.t("mean"), page.t("variance"), page.t("coordinate_short")),
        selected=STATIONS.index(view.station), branches=BRANCHES, frame=FFN,
        label=page.t("block_label"), legend=page.t("legend"), leaves=_leaves(page, result),
    )
    if picked:
        row, coordinate = picked
        page.put("station", STATIONS[row])
        if coordinate is not None:
            inner = STATIONS[row] in INNER
            page.put("neuron" if inner else "coord", str(coordinate) if inner else coordinate)
        st.rerun(scope="fragment")
    return view


def _settled(page: LessonPage, result: Result, token: int) -> View:
    """Station, coordinate and neuron, for the diagram that stands above their controls."""
    if (picked := st.session_state.pop(PICKED, None)) is not None:
        page.put("coord", picked)
    hidden, inner = result.x.shape[1], result.ffn_inner.shape[1]
    station = page.value("station", page.t("station"), list(STATIONS),
                         _of_preset(page, "station", "attention"))
    default = int(_of_preset(page, "coord", "0"))
    coordinate = page.peek_integer(
        "coord", page.t("coordinate"), 0, hidden - 1, default if default < hidden else 0
    )
    neurons = ["top", *(str(j) for j in range(inner))]
    neuron = page.value("neuron", page.t("neuron"), neurons, "top")
    story = page.run(arithmetic.run, arithmetic.Request(
        page.text, page.text_b, page.model, result.layer, token, coordinate,
        arithmetic.TOP if neuron == "top" else int(neuron),
    ))
    return View(token, station, coordinate, story)


def _box(page: LessonPage, one: Station, view: View) -> Box:
    return Box(
        page.t(f"box_{one.name}"), _formula(page, one.name), KINDS.get(one.name, "work"),
        COLOURS.get(one.name, "accent"), one.vector, one.norm, one.mean, one.variance,
        view.neuron if one.name in INNER else view.coordinate,
    )


def _formula(page: LessonPage, station: str) -> str:
    info = page.info
    last = str(info.heads).translate(SUBSCRIPTS)
    return {
        "input": f"x · {info.hidden}",
        "attention": f"a = [z₁ … z{last}] Wᴼ + b",
        "add_attention": "x + a",
        "norm_attention": "y = (s − μ) / σ · γ + β",
        "up": f"u = W₁ y + b₁ · {info.hidden} → {info.inner}",
        "gelu": "g = u · Φ(u)",
        "down": f"f = W₂ g + b₂ · {info.inner} → {info.hidden}",
        "add_ffn": "y + f",
        "norm_ffn": "(s − μ) / σ · γ + β",
    }[station]


def _leaves(page: LessonPage, result: Result) -> str:
    if result.layer + 1 < page.info.layers:
        return page.t("leaves", layer=result.layer + 1)
    return page.t("leaves_last")
