"""What each layer's probe says of the learner's words: a row a layer, a column a word."""

import numpy as np
import streamlit as st

from core.contract import TaskRequest
from core.tasks import adapter
from core.tasks.registry import find
from lessons.layers import measured
from lessons.layers.lesson import Result, tuned
from lessons.layers.tagging import Tagging
from lessons.theme import percent
from pages import ui
from pages.ui import LessonPage
from pages.ui.components.board import Cell, Legend, legend
from pages.using.layers_choose import look_at
from pages.using.layers_views import row_name

WIDEST = 30


@st.fragment
def tags(page: LessonPage, result: Result) -> None:
    """The grid, judged by the fine-tuned head where there is one, else by the last layer."""
    page.section("tags")
    if not result.taggings:
        key = "no_probes" if measured.measured() else "no_measure"
        st.info(page.t(key, model=page.info.label) if key == "no_probes" else page.t(key),
                icon=":material/info:")
        return
    task = page.control_choice(
        "probe", page.t("probe"), list(measured.TASKS), "pos", lambda p: page.t(f"probe_{p}")
    )
    tagging = result.tagging(task)
    if tagging is None:
        return
    judge, sure = _judge(page, task, tagging)
    _legend(page, theirs=judge is not None)
    wanted = judge if judge is not None else [tagging.labels[t] for t in tagging.tags[-1]]
    start, stop = page.window(len(tagging.words), WIDEST)
    clicked = ui.board(
        "tags_board", _cells(page, tagging, wanted, judge is not None, sure, start, stop),
        wide=True, label=page.t("tags_label"), columns=tagging.words[start:stop],
        rows=_rows(page, tagging, judge is not None), corner=page.t("curve_axis"),
    )
    _counts(page, tagging, wanted)
    if judge is not None:
        facts = adapter.facts(find(task).folder)["evaluation"]
        st.caption(page.t("tags_note", accuracy=percent(next(iter(facts.values()))["accuracy"])))
    else:
        st.caption(page.t("tags_note_last"))
    if clicked:
        look_at(page, page.text, tagging.spans[start + clicked[1]])


def _judge(
    page: LessonPage, task: str, tagging: Tagging
) -> tuple[list[str] | None, list[float]]:
    """The fine-tuned head's tags of the same words and how sure it is; None where it is not."""
    if not adapter.is_here(task):
        return None, []
    said = page.run(tuned, TaskRequest(task, page.text, None, page.model)).words
    if tuple(word.text for word in said) != tagging.words:
        return None, []
    return [word.tag for word in said], [word.probability for word in said]


def _legend(page: LessonPage, *, theirs: bool) -> None:
    same = page.t("legend_same" if theirs else "legend_same_last")
    legend("tags_legend", [Legend(page.theme.value, "", same),
                           Legend(page.theme.key, "", page.t("legend_other"))])


def _rows(page: LessonPage, tagging: Tagging, theirs: bool) -> list[str]:
    names = [str(layer) for layer in range(len(tagging.logits))]
    return names + ([page.t("row_tuned")] if theirs else [])


def _cells(
    page: LessonPage, tagging: Tagging, wanted: list[str], theirs: bool, sure: list[float],
    start: int, stop: int,
) -> list[list[Cell]]:
    rows = [row_name(page, str(layer)) for layer in range(len(tagging.logits))]
    rows += [page.t("row_tuned")]
    said = [[tagging.labels[t] for t in row] for row in tagging.tags]
    shares = tagging.sure.tolist()
    if theirs:
        said, shares = [*said, wanted], [*shares, sure]
    return [
        [
            Cell(
                row[w], f"{100 * p[w]:.0f} %",
                page.t("tag_about", word=tagging.words[w], row=rows[r], tag=row[w],
                       p=percent(p[w])),
                page.theme.value if row[w] == wanted[w] else page.theme.key,
                0.15 + 0.4 * p[w],
            )
            for w in range(start, stop)
        ]
        for r, (row, p) in enumerate(zip(said, shares, strict=True))
    ]


def _counts(page: LessonPage, tagging: Tagging, wanted: list[str]) -> None:
    goal = np.array([tagging.labels.index(tag) for tag in wanted])
    right = (tagging.tags == goal).sum(axis=1)
    counts = ", ".join(page.t("tags_at", layer=n, right=int(r)) for n, r in enumerate(right))
    st.markdown(page.t("tags_settled", all=len(wanted), counts=counts))
