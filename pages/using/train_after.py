"""After training: a typed sentence, and the held-out lines that went wrong."""

import streamlit as st

from core.live.lines import Lines
from lessons.theme import percent
from lessons.train import figures
from lessons.train.held import HeldOut, Judged
from lessons.train.lesson import Answer, Asked, ask
from pages import ui
from pages.ui import LessonPage
from pages.using.train_run import PLAIN, Session, result_of

SHOWN = 12


def attempt(page: LessonPage, session: Session | None) -> None:
    """The learner's sentence, and what the trained model says of it."""
    page.section("try")
    text = page.sentence_box()
    if session is None or not session.finished:
        st.info(page.t("train_first"), icon=":material/model_training:")
        return
    try:
        answer: Answer = ask(page.engine, Asked(session.job, text))
    except ui.InsideBertError as error:
        st.warning(page.sentence_for(error), icon=":material/edit:")
        return
    if session.lines.kind == "tags":
        _tagged(page, answer)
    else:
        _classed(page, answer)
    page.prove(answer.proof)


def _classed(page: LessonPage, answer: Answer) -> None:
    label, row = answer.best[0], answer.probabilities[0]
    left, right = st.columns([1, 2])
    with left, st.container(key="train_answer"):
        st.metric(page.t("it_says"), ui.escape_markdown(label), percent(float(row.max())),
                  delta_color="off", delta_arrow="off", border=True)
    with right:
        st.plotly_chart(figures.shares(answer.labels, row, page.theme), config=PLAIN,
                        key="train_shares", alt=page.t("shares_alt"))


def _tagged(page: LessonPage, answer: Answer) -> None:
    if not answer.best:
        st.info(page.t("no_words"), icon=":material/edit:")
        return
    words = [answer.text[a:b] for a, b in answer.said.spans]
    sure = answer.probabilities.max(-1)
    named = [0.0 if tag == "O" else float(p) for tag, p in zip(answer.best, sure, strict=True)]
    ui.tokens(
        "train_tags", words, clickable=False, label=page.t("tags_label"), values=named,
        sublabels=[f"{tag} {percent(float(p))}" for tag, p in zip(answer.best, sure, strict=True)],
    )


def mistakes(page: LessonPage, session: Session) -> None:
    """Accuracy beside always saying the same, the confusion matrix, and the wrong ones."""
    _, held = result_of(page, session)
    page.section("mistakes")
    boxes = st.columns(3)
    boxes[0].metric(page.t("held_accuracy"), percent(held.accuracy), border=True,
                    help=page.t("held_help", count=len(held.judged)))
    boxes[1].metric(page.t("majority"), percent(held.majority), border=True,
                    help=page.t("majority_help"))
    if held.names is not None:
        names = held.names
        boxes[2].metric(page.t("names_f1"), percent(names.f1), border=True, help=page.t(
            "names_help", true=names.true, found=names.found, right=names.right))
    else:
        boxes[2].metric(page.t("wrong"), f"{len(held.mistakes)} / {len(held.judged)}", border=True)
    _confusion(page, session.lines, held)


@st.fragment
def _confusion(page: LessonPage, lines: Lines, held: HeldOut) -> None:
    labels = list(lines.labels)
    codes = [f"{r}.{c}" for r in range(len(labels)) for c in range(len(labels))]
    code = page.value("cell", page.t("cell"), ["", *codes], "")
    chosen = tuple(int(x) for x in code.split(".")) if code else None
    st.markdown(f"**{page.t('confusion')}**")
    clicked = ui.heat(
        "confusion", held.confusion.astype(float), [page.t("is", label=name) for name in labels],
        labels, selected=(chosen[0], chosen[1]) if chosen else None, label=page.t("confusion_alt"),
        row_height=44, cell=110,
    )
    st.caption(page.t("confusion_how"))
    if clicked:
        page.put("cell", "" if clicked == chosen else f"{clicked[0]}.{clicked[1]}")
        st.rerun(scope="fragment")
    shown = held.mistakes if chosen is None else tuple(
        j for j in held.judged if (j.label, j.said) == chosen
    )
    if chosen is not None:
        st.markdown(page.t("in_cell", count=len(shown), label=ui.escape_markdown(labels[chosen[0]]),
                           said=ui.escape_markdown(labels[chosen[1]])))
    elif not shown:
        st.success(page.t("no_mistake", count=len(held.judged)), icon=":material/check_circle:")
    if shown:
        _table(page, lines, shown)


def _table(page: LessonPage, lines: Lines, shown: tuple[Judged, ...]) -> None:
    rows = shown[:SHOWN]
    columns: dict[str, list[str]] = {page.t("line"): [_marked(lines, one) for one in rows]}
    columns[page.t("label")] = [ui.escape_markdown(lines.labels[one.label]) for one in rows]
    columns[page.t("said")] = [
        f"{ui.escape_markdown(lines.labels[one.said])} ({percent(one.p)})" for one in rows
    ]
    st.table(columns)
    if len(shown) > SHOWN:
        st.caption(page.t("and_more", count=len(shown) - SHOWN))


def _marked(lines: Lines, one: Judged) -> str:
    """The line, with the judged word bold."""
    item = lines.items[one.line]
    if one.word < 0:
        return ui.escape_markdown(item.text)
    start, end = item.words[one.word]
    before, word, after = item.text[:start], item.text[start:end], item.text[end:]
    return f"{ui.escape_markdown(before)}**{ui.escape_markdown(word)}**{ui.escape_markdown(after)}"
