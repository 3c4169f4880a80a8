"""The head's own numbers, and one of its results as a sum of products."""

import streamlit as st

from lessons.tasks import figures
from lessons.tasks.figures import TOP
from lessons.tasks.lesson import Result
from lessons.tasks.reading import read_piece, sum_of, word_at
from lessons.theme import number
from pages import ui
from pages.ui import LessonPage
from pages.using.tasks_choose import class_name
from pages.using.tasks_picture import output_name

PLAIN = {"displayModeBar": False}
SPAN_ROWS = ("S", "E")


def head(page: LessonPage, result: Result, chosen: int) -> None:
    """W as bands, a row a class, and the products that make one logit."""
    answer, piece = result.answer, read_piece(result, chosen)
    page.section("head", classes=len(answer.labels), size=result.weight.shape[1],
                 numbers=f"{result.weight.size + result.bias.size:,}")
    rows = list(SPAN_ROWS if answer.shape == "span" else answer.labels)
    row = _row(page, result, piece, rows)
    made, name = sum_of(result, piece, row), output_name(piece)
    first = int(made.order[0])
    clicked = ui.heat(
        "tk_head", result.weight, [_said(page, result, one) for one in rows],
        scale="diverging", selected=(row, first),
        row_height=46 if len(rows) <= 3 else 21, label=page.t("head_label"),
    )
    st.caption(page.t("head_hint"))
    if clicked and clicked[0] != row:
        page.put("tk_row", rows[clicked[0]])
        st.rerun(scope="fragment")
    weight = rows[row] if answer.shape == "span" else "w"
    st.markdown(page.t(
        "sum_title", name=name, row=_said(page, result, rows[row]), total=number(made.total),
    ))
    others = page.t("others", count=len(made.x) - TOP)
    st.plotly_chart(
        figures.products(made, name, weight, others, page.theme),
        config=PLAIN, key="tk_products", alt=page.t("products_alt"),
    )
    page.prose("sum", name=name, weight=weight, first=first, x=number(float(made.x[first])),
               w=number(float(made.w[first])), product=number(float(made.products[first])),
               top=TOP, others=number(made.rest(TOP)), bias=number(made.bias),
               total=number(made.total), size=len(made.x))


def _row(page: LessonPage, result: Result, piece: int, rows: list[str]) -> int:
    """The class whose logit is taken apart: the clicked one, else the head's answer."""
    answer, word = result.answer, word_at(result, piece)
    default = {"span": SPAN_ROWS[0]}.get(answer.shape) or (word.tag if word else answer.label)
    first = default if default in rows else rows[0]
    return rows.index(page.code(
        "tk_row", page.t("head_label"), lambda code: code if code in rows else first, first
    ))


def _said(page: LessonPage, result: Result, row: str) -> str:
    shape = result.answer.shape
    return class_name(page, row) if shape in ("sentence", "pair") else row
