"""The parts of the input-embeddings page."""

import streamlit as st

from lessons.embeddings import figures, lesson, story, tables
from lessons.embeddings.lesson import Result
from lessons.theme import number
from pages import ui
from pages.ui import LessonPage
from pages.ui.trace_link import trace_link

PLAIN = {"displayModeBar": False}
MOST_PLACES = 128


def chosen(page: LessonPage, result: Result) -> tuple[int, int]:
    """Piece and dimension to follow, for the pictures above their controls."""
    last = len(result.encoded) - 1
    return (
        page.peek_integer("piece", page.t("piece"), 0, last, lesson.own_piece(result.encoded)),
        page.peek_integer("dim", page.t("dimension"), 0, page.info.hidden - 1, 0),
    )


def bands(
    page: LessonPage, result: Result, parts: tuple[str, ...], start: int, stop: int,
    followed: tuple[int, int],
) -> None:
    """One band a part, all pieces below each other; a click chooses a number to follow."""
    names = [f"{i} {t}" for i, t in enumerate(result.encoded.tokens)][start:stop]
    extent = lesson.colour_extent(result.sum)
    piece, dimension = followed
    for part in parts:
        st.markdown(f"**{page.t(part)}**")
        matrix = getattr(result, part)[start:stop]
        own = lesson.colour_extent(matrix) if part == "normalized" else extent
        clicked = ui.heat(
            f"band_{part}", matrix, names, scale="diverging", domain=(-own, own),
            row_height=16 if len(names) > 10 else 22, label=f"{page.t('bands')}: {page.t(part)}",
            selected=(piece - start, dimension) if start <= piece < stop else None,
        )
        if clicked:
            page.put("piece", clicked[0] + start)
            page.put("dim", clicked[1])
            st.rerun(scope="fragment")


def one_number(page: LessonPage, result: Result) -> tuple[int, int]:
    """Three numbers added, and LayerNorm of the sum, each step with its factors."""
    page.section("number", hidden=page.info.hidden)
    last = len(result.encoded) - 1
    left, right = st.columns(2)
    with left:
        piece = page.control_integer(
            "piece", page.t("piece"), 0, last, lesson.own_piece(result.encoded)
        )
    with right:
        dimension = page.control_integer("dim", page.t("dimension"), 0, page.info.hidden - 1, 0)
    one = story.follow(result, piece, dimension)
    token = ui.escape_markdown(result.encoded.tokens[piece])
    st.markdown(f"### {piece} {token} · {page.t('dimension')} {dimension}")
    names = tuple(page.t(part) for part in lesson.PARTS[:4])
    picture, steps = st.columns(2)
    with picture:
        st.plotly_chart(figures.adding_up(one, names, page.theme), config=PLAIN,
                        key="adding_up", alt=page.t("adding_up_alt"))
    with steps:
        st.latex(story.latex_sum(one, page.theme))
        for line in story.latex_norm(one):
            st.latex(line)
    trace_link(page, "normalized", row=piece, column=dimension)
    return piece, dimension


def neighbours(page: LessonPage, result: Result, piece: int) -> None:
    """Whose token rows point the same way."""
    token = ui.escape_markdown(result.encoded.tokens[piece])
    page.section("neighbours", piece=token, pieces=f"{page.info.vocabulary:,}")
    found = page.run(
        tables.nearest, (page.model, result.encoded.ids[piece]), needs_model=False
    )
    st.plotly_chart(figures.neighbours(found, page.theme), config=PLAIN, key="neighbours",
                    alt=page.t("near_alt", piece=token))


def two_segments(page: LessonPage) -> None:
    """The two rows of the segment table."""
    found = page.run(tables.segments, page.model, needs_model=False)
    page.section("segments", cosine=number(found.cosine), difference=number(found.difference),
                 length_a=number(found.lengths[0]), length_b=number(found.lengths[1]))


@st.fragment
def places(page: LessonPage) -> None:
    """Learned position rows beside the sine and cosine waves."""
    page.section("positions")
    found = page.run(tables.positions, page.model, needs_model=False)
    top = min(MOST_PLACES, page.info.max_positions)
    count = page.control_integer("places", page.t("places"), 16, top, min(64, top))
    pictures = {"learned": found.learned_cosine, "sinusoidal": found.sinusoidal_cosine}
    for column, (name, cosines) in zip(st.columns(2), pictures.items(), strict=True):
        with column:
            st.markdown(f"**{page.t(name)}**")
            ui.heat(
                f"positions_{name}", cosines[:count, :count], [str(i) for i in range(count)],
                domain=(0.0, 1.0), selectable=False,
                label=f"{page.t('similarity')}: {page.t(name)}",
            )
    page.section("distance", places=page.info.max_positions)
    st.plotly_chart(
        figures.along_distance(
            found.learned_distances, found.sinusoidal_distances,
            (page.t("learned"), page.t("sinusoidal"), page.t("apart")), page.theme,
        ),
        config=PLAIN, key="distances", alt=page.t("distance_alt"),
    )
