"""The spaces that ship with the program: neighbours, analogies, the map, how they were trained."""

import streamlit as st

from core.errors import InsideBertError, ModelUnavailable
from core.vectors.windows import MAX_VOCABULARY
from lessons.theme import number
from lessons.word2vec import figures, figures_map, shipped
from pages import ui
from pages.ui import LessonPage

PLAIN = {"displayModeBar": False}
ZOOM = {"displayModeBar": False, "scrollZoom": True}
NEAR_ON_MAP = 10
COMMANDS = ("python -m core.training.word2vec --data DIR", shipped.MAP_COMMAND)


@st.fragment
def wikipedia(page: LessonPage) -> None:
    page.section("wikipedia", live=MAX_VOCABULARY)
    parts = {"near": _neighbours, "analogy": _analogy, "map": _map, "curves": _curves}
    part = page.control_choice(
        "wiki", page.t("wiki"), list(parts), "near", lambda p: page.t(f"wiki_{p}")
    )
    try:
        parts[part](page)
    except ModelUnavailable:
        missing = "map_file_missing" if part == "map" else "tables_missing"
        st.info(page.t(missing, command=COMMANDS[part == "map"]), icon=":material/inventory_2:")
    except InsideBertError as error:
        st.warning(page.sentence_for(error), icon=":material/edit:")


def _answers(page: LessonPage, request: shipped.Request) -> None:
    """The same question to every table, side by side."""
    answers = shipped.run(page.engine, request)
    colours = (page.theme.query, page.theme.value, page.theme.key)
    for column, answer, colour in zip(st.columns(len(answers)), answers, colours, strict=False):
        with column, st.container(border=True):
            st.markdown(f"**{answer.label}**")
            st.plotly_chart(figures.ranked(answer.ranked, colour, page.theme), config=PLAIN,
                            key=f"wiki_{answer.label}", alt=answer.label)
    st.caption(page.t("wiki_count", word=ui.escape_markdown(request.word.strip()),
                      count=f"{answers[0].count:,}"))


def _neighbours(page: LessonPage) -> None:
    word = page.control_line("wiki_word", page.t("wiki_word"), "river")
    _answers(page, shipped.Request(word))


def _analogy(page: LessonPage) -> None:
    a, b, c = (
        _line(column, page, key, default)
        for column, key, default in zip(
            st.columns(3), ("wiki_a", "wiki_b", "wiki_c"), ("man", "king", "woman"), strict=True
        )
    )
    st.latex(r"v_b - v_a + v_c")
    _answers(page, shipped.Request(a, b, c))
    page.prose("analogy-caution")


def _line(column: st.delta_generator.DeltaGenerator, page: LessonPage, key: str, default: str
          ) -> str:
    with column:
        return page.control_line(key, page.t(key), default)


def _map(page: LessonPage) -> None:
    chart = shipped.word_map()
    left, right = st.columns(2)
    with left:
        word = page.control_line("map_word", page.t("map_word"), "")
    with right:
        view = page.control_choice("map_view", page.t("map_view"), ["flat", "solid"], "flat",
                                   lambda v: page.t(f"map_{v}"))
    found = chart.find(word)
    if word.strip() and found is None:
        st.warning(page.t("map_missing", word=ui.escape_markdown(word.strip()),
                          words=len(chart.words)), icon=":material/search_off:")
    near = () if found is None else chart.around(found, NEAR_ON_MAP, space=view == "solid")
    draw = figures_map.flat if view == "flat" else figures_map.solid
    st.plotly_chart(draw(chart, found, near, page.theme), config=ZOOM, key=f"map_{view}_{found}",
                    alt=page.t("map_alt"))
    facts = chart.facts
    page.prose(
        "map-flat" if view == "flat" else "map-solid", words=len(chart.words),
        table=shipped.label_of(str(facts["table"])), perplexity=f"{facts['perplexity']:g}",
        share=f"{100 * float(facts['variance']):.1f} %", command=shipped.MAP_COMMAND,
    )


def _curves(page: LessonPage) -> None:
    found = shipped.curves(page.engine)
    if not found:
        st.info(page.t("curves_missing"), icon=":material/inventory_2:")
        return
    for column, curve in zip(st.columns(len(found)), found, strict=True):
        with column, st.container(border=True):
            st.markdown(f"**{curve.label}**")
            labels = {"x": page.t("curve_words" if curve.unit == "words" else "epoch"),
                      "train": page.t("curve_train"), "held_out": page.t("curve_held_out")}
            st.plotly_chart(figures.training_curve(curve, labels, page.theme), config=PLAIN,
                            key=f"curve_{curve.label}", alt=page.t("wiki_curves"))
            st.caption(page.t("curve_ends", first=number(curve.train[0]),
                              last=number(curve.train[-1])))
    page.prose("curves-note")
