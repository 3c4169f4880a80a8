"""The diagram of figure 4 over the learner's text, and the vector of one output."""

import streamlit as st

from lessons.tasks.lesson import Result
from lessons.tasks.marking import colour_of
from lessons.tasks.reading import (
    CLS,
    default_piece,
    lit,
    open_window,
    paragraph_pieces,
    read_piece,
)
from lessons.theme import number, percent
from pages import ui
from pages.ui import LessonPage
from pages.ui.components.task_shape import Band, Output, Top, task_shape
from pages.using.tasks_choose import class_name, task_name

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
ROOM = 6  # outputs that the head of a single class is as wide as
LONG = 40  # characters of an answer above its pieces


def output_name(piece: int) -> str:
    return "C" if piece == CLS else "T" + str(piece).translate(SUBSCRIPTS)


def chosen_output(page: LessonPage, result: Result) -> int:
    """The output that is open; a click sets it."""
    default, n = str(default_piece(result)), len(result.answer.encoded)

    def read(code: str) -> str:
        return code if code.isascii() and code.isdecimal() and int(code) < n else default

    return int(page.code("tk_out", page.t("output"), read, default))


def open_output(page: LessonPage, clicked: int | None, chosen: int) -> None:
    """Open what was clicked."""
    if clicked is not None and clicked != chosen:
        page.put("tk_out", str(clicked))
        page.forget("tk_row")
        st.rerun(scope="fragment")


def diagram(page: LessonPage, result: Result, chosen: int) -> None:
    """Pieces, encoder, outputs and head; a click on an output opens its vector."""
    answer, n = result.answer, len(result.answer.encoded)
    page.section(f"shape-{answer.shape}", read=sum(lit(result)), outputs=n,
                 classes=len(answer.labels))
    tops, heads = {"span": _span, "tags": _tags}.get(answer.shape, _class)(page, result)
    above = {at for top in tops for at in top.at} if answer.shape != "tags" else set()
    if answer.shape == "tags":
        above = {word.piece for word in answer.words}
    elif answer.shape != "span":
        above = {CLS}
    encoded = answer.encoded
    outputs = [
        Output(output_name(i), encoded.tokens[i], encoded.segments[i],
               encoded.word_index[i] is None, is_lit, i in above)
        for i, is_lit in enumerate(lit(result))
    ]
    clicked = task_shape(
        "shape", outputs, result.vectors, tops=tops, heads=heads, bands=_bands(page, result),
        chosen=chosen, focus=default_piece(result),
        encoder=page.t("encoder", layers=page.info.layers),
        adapter=page.t("with_adapter", task=task_name(page, answer.task)),
        read=page.t("head_reads"), label=page.t("diagram_label"),
    )
    st.caption(page.t("diagram_hint"))
    open_output(page, clicked, chosen)


def _class(page: LessonPage, result: Result) -> tuple[list[Top], list[Band]]:
    answer, room = result.answer, (CLS, min(ROOM, len(result.answer.encoded)) - 1)
    label = answer.label or ""
    p = answer.probabilities[answer.labels.index(label)]
    top = Top(room, class_name(page, label), percent(p), "accent", wide=True)
    return [top], [Band(room, "softmax(C Wᵀ + b)")]


def _span(page: LessonPage, result: Result) -> tuple[list[Top], list[Band]]:
    answer = result.answer
    window = answer.windows[open_window(result)]
    own = paragraph_pieces(window)
    nothing = float(window.start_logits[CLS]) + float(window.end_logits[CLS])
    believed = answer.answerable
    tops = [Top((CLS, CLS), page.t("no_answer"), number(nothing),
                "muted" if believed else "accent")]
    heads = [Band((CLS, CLS), "S·C + E·C")]
    if answer.spans:
        best = answer.spans[0]
        shown = best.text if len(best.text) <= LONG else best.text[: LONG - 1] + "…"
        sum_ = f"{number(best.start_logit)} + {number(best.end_logit)} = {number(best.score)}"
        tops.append(Top((best.first, best.last), shown, sum_, "value" if believed else "muted"))
    if len(own):
        heads.append(Band((int(own[0]), int(own[-1])), page.t("span_head")))
    return tops, heads


def _tags(page: LessonPage, result: Result) -> tuple[list[Top], list[Band]]:
    tops = [
        Top((word.piece, word.piece), word.tag, percent(word.probability),
            colour_of(word.tag) or "muted")
        for word in result.answer.words
    ]
    return tops, [Band((CLS, len(result.answer.encoded) - 1), page.t("tags_head"))]


def _bands(page: LessonPage, result: Result) -> list[Band]:
    """The names of the two segments under the pieces."""
    segments = result.answer.encoded.segments
    split = segments.index(1) if 1 in segments else len(segments)
    names = {"pair": ("first", "second"), "span": ("question", "paragraph")}
    first, second = names.get(result.answer.shape, ("sentence_band", ""))
    bands = [Band((0, split - 1), page.t(first))]
    if split < len(segments):
        bands.append(Band((split, len(segments) - 1), page.t(second), second=True))
    return bands


def vector(page: LessonPage, result: Result, chosen: int) -> None:
    """The numbers of the open output, and who reads them."""
    name, token = output_name(chosen), ui.escape_markdown(result.answer.encoded.tokens[chosen])
    st.markdown(page.t("vector_title", name=name, piece=token, size=result.vectors.shape[1]))
    ui.heat("tk_vector", result.vectors[chosen : chosen + 1], [name], scale="diverging",
            selectable=False, row_height=46, label=page.t("vector_label", name=name))
    read = read_piece(result, chosen)
    if read != chosen:
        st.info(page.t("not_read", name=name, read=output_name(read)),
                icon=":material/visibility_off:")
