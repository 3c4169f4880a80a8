import streamlit as st

from lessons.embeddings import figures, lesson
from lessons.embeddings.lesson import Request, run
from lessons.theme import number
from pages import ui

page = ui.open_lesson("embeddings", pair="optional")
result = page.run(run, Request(page.text, page.text_b, page.model), needs_model=False)
page.tell_cut(result.encoded)
info = page.info
PARTS = ("token", "segment", "position", "sum", "normalized")

page.section("three", hidden=info.hidden, places=info.max_positions)
start, stop = page.window(len(result.encoded), 24)
names = [f"{i} {t}" for i, t in enumerate(result.encoded.tokens)][start:stop]


@st.fragment
def bands_and_one_number() -> None:
    last = len(result.encoded) - 1
    piece = page.peek_integer("piece", page.t("piece"), 0, last, min(2, last))
    dimension = page.peek_integer("dim", page.t("dimension"), 0, info.hidden - 1, 0)
    extent = lesson.colour_extent(result.sum)
    for part in PARTS:
        st.markdown(f"**{page.t(part)}**")
        matrix = getattr(result, part)[start:stop]
        own = lesson.colour_extent(matrix) if part == "normalized" else extent
        clicked = ui.heat(
            f"band_{part}", matrix, names, scale="diverging", domain=(-own, own),
            row_height=16 if len(names) > 10 else 22, label=f"{page.t('bands')}: {page.t(part)}",
            selected=(piece - start, dimension) if start <= piece < stop else None,
        )
        if clicked:
            st.session_state["piece"], st.session_state["dim"] = clicked[0] + start, clicked[1]
            st.rerun(scope="fragment")
    one_number(last, piece, dimension)


def one_number(last: int, piece: int, dimension: int) -> None:
    page.section("number", hidden=info.hidden)
    left, right = st.columns(2)
    with left:
        piece = page.control_integer("piece", page.t("piece"), 0, last, min(2, last))
    with right:
        dimension = page.control_integer("dim", page.t("dimension"), 0, info.hidden - 1, 0)
    token = ui.escape_markdown(result.encoded.tokens[piece])
    st.markdown(f"### {token} · {page.t('dimension')} {dimension}")
    st.plotly_chart(
        figures.one_dimension(
            result, piece, dimension, tuple(page.t(p) for p in PARTS[:4]), page.theme
        ),
        config={"displayModeBar": False}, key="waterfall", alt=page.t("waterfall"),
    )
    x, mu, sigma = result.sum[piece, dimension], result.mean[piece], result.deviation[piece]
    gamma, beta = result.gamma[dimension], result.beta[dimension]
    st.latex(
        rf"\frac{{{number(x)} - ({number(mu)})}}{{{number(sigma)}}}"
        rf"\cdot {number(gamma)} + ({number(beta)})"
        rf" = \mathbf{{{number(result.normalized[piece, dimension])}}}"
    )
    page.section("neighbours")
    st.plotly_chart(
        figures.neighbours(
            lesson.nearest_pieces(page.engine, page.model, result.encoded.ids[piece]), page.theme
        ),
        config={"displayModeBar": False}, key="neighbours", alt=page.t("near", piece=token),
    )


bands_and_one_number()


@st.fragment
def positions() -> None:
    page.section("positions")
    count = page.control_integer("places", page.t("places"), 16, min(128, info.max_positions), 64)
    tables = {
        "learned": lesson.learned_positions(page.engine, page.model, count),
        "sinusoidal": lesson.sinusoidal_positions(count, info.hidden),
    }
    for column, (name, table) in zip(st.columns(2), tables.items(), strict=True):
        with column:
            st.markdown(f"**{page.t(name)}**")
            ui.heat(
                f"positions_{name}", lesson.cosine_similarity(table),
                [str(i) for i in range(count)], domain=(0.0, 1.0), selectable=False,
                label=f"{page.t('similarity')}: {page.t(name)}",
            )


positions()
page.prove(result.proof)
page.finish()
