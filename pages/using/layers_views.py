"""The parts of the layers page that show one word: strips, cosines, the second sentence."""

import numpy as np
import streamlit as st

from lessons.layers import figures, pooling
from lessons.layers.lesson import Result
from lessons.theme import number
from pages import ui
from pages.ui import LessonPage

PLAIN = {"displayModeBar": False}
SCALES = ("common", "unit")


def many(page: LessonPage) -> int:
    """How many layers "the last four" are in this model."""
    return min(pooling.LAST, page.info.layers)


def row_name(page: LessonPage, name: str) -> str:
    """A choice as the page calls it."""
    if not name.isdigit():
        return page.t(f"row_{name}", many=many(page)) if "last4" in name else page.t(f"row_{name}")
    if name == "0":
        return page.t("row_embeddings")
    return page.t("row_last" if int(name) == page.info.layers else "row_layer", layer=name)


def _about(page: LessonPage, result: Result) -> None:
    """Which pieces the word is made of."""
    pieces = result.first.piece_names
    shown = " ".join(f"`{piece}`" for piece in pieces)
    st.markdown(page.t("looking" if len(pieces) == 1 else "looking_mean", count=len(pieces),
                       word=ui.escape_markdown(result.word), pieces=shown))


@st.fragment
def vectors(page: LessonPage, result: Result) -> None:
    """A strip for each choice, on one scale or each at length 1."""
    _about(page, result)
    layers, size = page.info.layers, page.info.hidden
    norms = [float(np.linalg.norm(v)) for v in result.vectors]
    page.section(
        "vectors", shape=page.t("shape", layers=layers, size=size), layers=layers, size=size,
        many=many(page), long=many(page) * size, last_norm=f"{norms[layers]:.2f}",
        before_norm=f"{norms[layers - 1]:.2f}",
    )
    scale = page.control_choice(
        "scale", page.t("scale"), list(SCALES), "common", lambda s: page.t(f"scale_{s}")
    )
    shown = [v / n if scale == "unit" and n else v
             for v, n in zip(result.vectors, norms, strict=True)]
    limit = float(np.percentile(np.abs(np.concatenate(shown)), 99))
    labels = [
        page.t("row_length", row=row_name(page, name), length=f"{norm:.2f}")
        for name, norm in zip(result.names, norms, strict=True)
    ]
    ui.heat(
        "strips", np.stack(shown[:-1]), labels[:-1], scale="diverging", domain=(-limit, limit),
        row_height=30, selectable=False, label=page.t("strips_label"),
    )
    ui.heat(
        "concat", shown[-1][None], labels[-1:], scale="diverging", domain=(-limit, limit),
        row_height=30, selectable=False, label=page.t("concat_label"),
    )
    st.caption(page.t("strips_clipped", limit=number(limit)))


def between(page: LessonPage, result: Result) -> None:
    """The cosine of every two choices that have one."""
    page.section("between")
    count = len(result.names) - 1  # the concatenation has another length
    labels = [row_name(page, name) for name in result.names[:count]]
    ui.heat(
        "between", result.between[:count, :count], labels, labels, domain=(0.0, 1.0),
        selectable=False, cell=64, row_height=44, label=page.t("between_label"),
    )


def second(page: LessonPage, result: Result) -> None:
    """How alike the word is to itself in the second sentence, under every choice."""
    page.section("second")
    word = ui.escape_markdown(result.word)
    if result.second is None:
        key = "second_without" if page.text_b.strip() else "second_hint"
        st.info(page.t(key, word=word), icon=":material/compare_arrows:")
        return
    labels = [row_name(page, name) for name in result.names]
    order = np.argsort(result.to_second)
    st.plotly_chart(
        figures.to_second(result, labels, page.theme), config=PLAIN, key="to_second",
        alt=page.t("second_alt"),
    )
    most, least = int(order[-1]), int(order[0])
    st.markdown(page.t(
        "second_said", most=labels[most], most_value=f"{result.to_second[most]:.2f}",
        least=labels[least], least_value=f"{result.to_second[least]:.2f}",
    ))


def nearest(page: LessonPage, result: Result) -> None:
    """Under each choice the nearest other words of the sentences."""
    page.section("nearest", word=ui.escape_markdown(result.word))
    if not result.nearest[0]:
        st.info(page.t("no_others"), icon=":material/info:")
        return
    ranks = range(min(3, len(result.nearest[0])))
    st.table({page.t("choice"): [f"**{row_name(page, name)}**" for name in result.names]} | {
        page.t(f"near_{rank + 1}"): [_near(page, row[rank].word, row[rank].sentence,
                                           row[rank].cosine) for row in result.nearest]
        for rank in ranks
    })
    if page.text_b.strip():
        st.caption(page.t("near_note"))


def _near(page: LessonPage, word: str, sentence: int, cosine: float) -> str:
    shown = ui.escape_markdown(word)
    return f"{page.t('in_second', word=shown) if sentence else shown} · {cosine:.2f}"
