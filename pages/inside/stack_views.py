"""One piece through all layers, layers beside each other, and where the layers look."""

import numpy as np
import streamlit as st

from lessons.stack import figures
from lessons.stack.lesson import Result, first_choice, same_piece
from lessons.stack.plane import VIEWS
from lessons.stack.similarity import MEASURES
from lessons.theme import percent
from pages import ui
from pages.ui import LessonPage
from pages.ui.components.layer_path import Words

PLAIN = {"displayModeBar": False}
CHIPS = 60  # pieces that are offered as a row to click


def names_of(result: Result) -> list[str]:
    """Every piece of the first sentence with its place, so that no two are alike."""
    return [f"{i} {t}" for i, t in enumerate(result.encoded[0].tokens)]


def chosen(page: LessonPage, result: Result) -> int:
    """The piece to follow: from the list, a chip, or a click in the picture."""
    encoded, names = result.encoded[0], names_of(result)
    places = [str(at) for at in range(len(encoded))]
    if (picked := st.session_state.pop("_picked_token", None)) in places:
        page.put("token", picked)
    default = str(first_choice(encoded))
    at = int(page.peek_choice("token", page.t("piece"), places, default))
    if len(places) <= CHIPS:
        clicked = ui.tokens("followed", encoded.tokens, selected=[at],
                            label=page.t("pieces_label"))
        if clicked is not None:
            pick(clicked)
    return int(page.control_choice("token", page.t("piece"), places, default,
                                   lambda place: names[int(place)]))


def pick(position: int) -> None:
    """Follow another piece from the next run on."""
    st.session_state["_picked_token"] = str(position)
    st.rerun(scope="fragment")


def path(page: LessonPage, result: Result, position: int) -> None:
    """The way of the piece, of the same piece in the second sentence, and what is not shown."""
    other = same_piece(result, position)
    piece = result.encoded[0].tokens[position]
    if len(result.encoded) > 1:
        st.caption(page.t("apart_note"))
        if other is None:
            st.caption(page.t("not_in_b", piece=ui.escape_markdown(piece)))
    view = page.peek_choice("view", page.t("view"), list(VIEWS), VIEWS[0])
    shadow = result.shadows[view]
    layers = [str(layer) for layer in range(result.layers + 1)]
    start = int(page.peek_choice("at_layer", page.t("slider"), layers, layers[-1]))
    drawn = 1 if other is None else 2
    moved = ui.layer_path(
        "path", shadow.points[:drawn],
        [encoded.tokens for encoded in result.encoded[:drawn]],
        [position] if other is None else [position, other], _told(page, result, position),
        tuple(page.t("axis", name=f"PC {n}", share=percent(share))
              for n, share in enumerate(shadow.shares, 1)),  # type: ignore[arg-type]
        Words(*(page.t(key) for key in ("slider", "play", "pause", "whole", "near", "as_table"))),
        start=start, label=page.t("path_label", piece=piece),
    )
    if moved.layer is not None and str(moved.layer) in layers:
        page.put("at_layer", str(moved.layer))
    page.value("at_layer", page.t("slider"), layers, layers[-1])
    if moved.piece is not None:
        pick(moved.piece)
    page.control_choice("view", page.t("view"), list(VIEWS), VIEWS[0],
                        lambda name: page.t(f"view_{name}"))
    lengths = result.lengths
    page.prose(f"view-{view}", first=f"{lengths[0]:.1f}", last=f"{lengths[-1]:.1f}",
               most=f"{lengths.max():.1f}", layers=result.layers)
    page.prose("shadow", hidden=page.info.hidden, share=percent(sum(shadow.shares)))


def _told(page: LessonPage, result: Result, position: int) -> list[str]:
    tokens = result.encoded[0].tokens
    return [
        page.t("told", layer=layer, last=result.layers, hidden=page.info.hidden,
               piece=tokens[nearest], cosine=f"{cosine:.2f}")
        for layer, (nearest, cosine) in enumerate(zip(
            result.nearest[:, position], result.nearest_cosine[:, position], strict=True
        ))
    ]


def alike(page: LessonPage, result: Result, position: int) -> None:
    """Cosines along the way, and four tables of layers by layers."""
    baseline = np.diag(result.different)
    shown = [f"{v:.2f}" if np.isfinite(v) else page.t("no_pair") for v in baseline]
    own = result.measure("token", position)
    page.section("alike", layers=result.layers, different=shown[-1], different_input=shown[0],
                 value=f"{own[0, -1]:.2f}")
    piece = figures.plain(result.encoded[0].tokens[position])
    st.plotly_chart(
        figures.along(result, position, (page.t("with_input", piece=piece),
                                         page.t("with_before", piece=piece),
                                         page.t("two_pieces")),
                      page.t("layer_axis"), page.theme),
        config=PLAIN, key="along", alt=page.t("along_alt"),
    )
    measure = page.control_choice("measure", page.t("measure"), list(MEASURES), MEASURES[0],
                                  lambda name: page.t(f"measure_{name}"))
    table = result.measure(measure, position)
    if np.isfinite(table).all():
        names = [str(layer) for layer in range(result.layers + 1)]
        ui.heat(f"alike_{measure}", table, names, names, domain=(min(0.0, float(table.min())), 1.0),
                selectable=False, cell=64,
                label=page.t("measure_label", measure=page.t(f"measure_{measure}")))
    page.prose("measures", pieces=len(result.encoded[0]), hidden=page.info.hidden)


def reach(page: LessonPage, result: Result) -> None:
    """Distance and entropy of every head, with or without the special pieces."""
    everywhere, means = result.reach, result.on_specials.mean(axis=1)
    page.section("reach", pieces=everywhere.pieces, most=f"{everywhere.even_entropy:.2f}")
    options = ["with", "without"]
    choice = page.control_choice("specials", page.t("specials"), options, options[0],
                                 lambda name: page.t(f"specials_{name}"))
    if choice == "without" and result.plain_reach is None:
        st.info(page.t("too_few"), icon=":material/info:")
    found = result.plain_reach if choice == "without" and result.plain_reach else everywhere
    drawings = figures.reaches(
        found, (page.t("one_head"), page.t("mean"), page.t("even")), page.t("layer_axis"),
        (page.t("distance"), page.t("entropy")), page.theme,
    )
    for column, name, figure in zip(st.columns(2), ("distance", "entropy"), drawings, strict=True):
        with column:
            st.markdown(f"**{page.t(name)}**")
            st.plotly_chart(figure, config=PLAIN, key=name, alt=page.t(f"{name}_alt"))
    page.prose("specials", share=percent(float(means.mean())), layer=int(means.argmax()) + 1,
               most=percent(float(means.max())))
