"""The parts of the surgery page: the patient, the board of heads, before and after."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.engine.answers import mask_positions
from lessons.mlm import clicks
from lessons.surgery import board, figures, later, reading
from lessons.surgery.lesson import Request, Result, Words, run
from lessons.theme import percent
from pages import ui
from pages.ui import LessonPage
from pages.ui.components.switches import WHOLE_ROW, switches
from pages.ui.hiding import click_to_hide, without_masks

PLAIN = {"displayModeBar": False}
WINDOW = 48


@dataclass(frozen=True)
class Case:
    """What the page watches: which blank (None without one), which word, whether a pair."""

    blank: int | None
    word: str
    pair: bool

    @property
    def index(self) -> int:
        return self.blank or 0


def points(before: float, after: float, minus: str = "\u2212") -> str:
    """A change of probability in percentage points, with its sign."""
    change = round(100 * (after - before), 1) + 0.0  # so that nothing is "+0.0" and not "-0.0"
    return f"{change:+.1f}".replace("-", minus)


def p_of(page: LessonPage, word: str) -> str:
    """How the watched probability is called in a sentence: P(word), or P(IsNext)."""
    return f"P({ui.escape_markdown(word)})" if word else "P(IsNext)"


def patient(page: LessonPage) -> Case:
    """The sentence, with a word hidden by a click; which blank and whose probability is watched."""
    page.section("patient")
    click_to_hide(page)
    encoded = page.engine.tokenize(page.model, page.text, page.text_b or None)
    pair = 1 in encoded.segments and page.info.has_nsp
    masks = mask_positions(encoded) if page.info.has_mlm else ()
    page.guess_switch()
    if not masks:
        st.info(page.t("no_blank"), icon=":material/touch_app:")
        return Case(None, "", pair)
    _follow_the_hidden_word(page)
    left, right = st.columns(2)
    blank = "0"
    if len(masks) > 1:
        with left:
            blank = page.control_choice(
                "blank", page.t("blank"), [str(n) for n in range(len(masks))], "0",
                lambda n: page.t("blank_at", number=int(n) + 1, place=masks[int(n)]),
            )
    with right if len(masks) > 1 else left:
        word = page.control_line("word", page.t("word"), "").strip()
    try:
        reading.id_of(page.engine, page.model, word)
    except ui.InsideBertError as error:
        st.warning(page.sentence_for(error), icon=":material/edit:")
        word = ""
    return Case(int(blank), word, pair)


def _follow_the_hidden_word(page: LessonPage) -> None:
    """A word that was just hidden is the one to watch, if it is one piece."""
    hidden = clicks.hidden_words(page.text, without_masks(page)) or ()
    seen = st.session_state.get("_surgery_hidden")
    st.session_state["_surgery_hidden"] = hidden
    if seen is None or not hidden or hidden == seen:
        return
    new = next((n for n, pair in enumerate(zip(hidden, seen, strict=False)) if pair[0] != pair[1]),
               min(len(hidden) - 1, len(seen)))
    pieces = page.engine.tokenize(page.model, hidden[new])
    page.put("word", hidden[new] if len(pieces) == 3 else "")
    page.put("blank", str(new))


@st.fragment
def operate(page: LessonPage, case: Case) -> None:
    """The board, what the model says before and after, and where later heads now look."""
    info = page.info
    page.section("board", heads=info.heads, last=info.heads - 1, layers=info.layers)
    switches_here, numbers_here = st.columns([5, 2])
    with switches_here:
        code = _board(page)
    result: Result = page.run(
        run, Request(page.text, page.text_b, page.model, code, case.index, case.word)
    )
    page.tell_cut(result.encoded)
    if code and result.words and _survives(page, code, result.words) is None:
        return
    with numbers_here:
        _numbers(page, result)
    _words(page, result)
    page.prove(result.proof)
    _later(page, case, code, result)


def _readable(page: LessonPage, code: str) -> str | None:
    try:
        off = board.heads_of(code, page.info.layers, page.info.heads)
    except ui.InsideBertError:
        return None
    return board.code_of(off, page.info.heads)


def _board(page: LessonPage) -> str:
    """The switches; returns the code of the heads that are off."""
    info = page.info
    code = page.code("off", page.t("off"), lambda given: _readable(page, given), "")
    off = board.heads_of(code, info.layers, info.heads)
    way = page.control_choice(
        "way", page.t("way"), list(board.WAYS), "one", lambda w: page.t(f"way_{w}")
    )
    touched = switches(
        "board", [f"{page.t('layer')} {n}" for n in range(info.layers)], info.heads, off,
        label=page.t("board_label"), states=(page.t("state_on"), page.t("state_off")),
    )
    if touched:
        layer, head = touched
        how = "layer" if head == WHOLE_ROW else way
        after = board.clicked(off, layer, max(0, head), info.heads, how)
        page.put("off", board.code_of(after, info.heads))
        st.rerun(scope="fragment")
    every = ",".join(f"{layer}.*" for layer in range(info.layers))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(page.t("all_on"), icon=":material/lightbulb:", disabled=not off,
                  on_click=page.put, args=("off", ""))
        st.button(page.t("all_off"), icon=":material/light_off:",
                  disabled=len(off) == info.layers * info.heads,
                  on_click=page.put, args=("off", every))
        st.markdown(page.t("count_off", off=len(off), all=info.layers * info.heads))
    return code


def _survives(page: LessonPage, code: str, words: Words) -> str | None:
    """Guess: does the model's first word stay the first?"""
    answers = [page.t("yes"), page.t("no")]
    top = ui.escape_markdown(words.top("before"))
    mine = page.guess(f"survives {code}", page.t("ask_survives", word=top), answers, switch=False)
    if mine:
        truth = answers[words.top("before") != words.top("after")]
        st.markdown(page.t("your_guess", mine=mine, models=truth))
    return mine


def _numbers(page: LessonPage, result: Result) -> None:
    """P(word) and P(IsNext), before and after."""
    words, shown = result.words, []
    if words is not None:
        name = words.tokens[words.watched]
        shown.append((p_of(page, name), words.before[words.watched], words.after[words.watched]))
    if result.next_before is not None and result.next_after is not None:
        shown.append((p_of(page, ""), result.next_before, result.next_after))
    for name, before, after in shown:
        if not result.off:
            st.metric(name, percent(before), border=True)
            continue
        change = points(before, after, "-")  # Streamlit's arrow reads no other minus
        still = float(change) == 0
        st.metric(
            f"{name}: {percent(before)} →", percent(after), border=True,
            delta=page.t("points", change=change),
            delta_color="off" if still else "normal", delta_arrow="off" if still else "auto",
        )


def _words(page: LessonPage, result: Result) -> None:
    words = result.words
    if words is None:
        return
    kept = words.top("before") == words.top("after")
    if result.off:
        st.markdown(page.t(
            "top_kept" if kept else "top_changed", off=len(result.off),
            before=ui.escape_markdown(words.top("before")),
            after=ui.escape_markdown(words.top("after")),
        ))
    st.plotly_chart(
        figures.before_after(
            words, (page.t("before"), page.t("after")) if result.off else (), page.theme
        ),
        config=PLAIN, key="before_after", alt=page.t("before_after_alt"),
    )


def _later(page: LessonPage, case: Case, code: str, result: Result) -> None:
    """How far every head's attention moved, and one of them before and after."""
    page.section("later")
    if not result.off:
        st.info(page.t("switch_first"), icon=":material/touch_app:")
        return
    layers, heads = result.moved.shape
    first = result.off[0][0]
    if first == layers - 1:
        page.prose("later-none", first=first)
        return
    layer, head = later.most_moved(result.moved)
    page.prose("later-result", first=first, layers=layers,
               most=page.t("layer_head", layer=layer, head=head),
               moved=percent(float(result.moved[layer, head])))
    shown = (
        int(page.value("see_layer", page.t("layer"), [str(n) for n in range(layers)], str(layer))),
        int(page.value("see_head", page.t("head"), [str(n) for n in range(heads)], str(head))),
    )
    clicked = ui.heat(
        "moved", 100 * result.moved, [f"{page.t('layer')} {n}" for n in range(layers)],
        [str(n) for n in range(heads)], selected=shown, label=page.t("moved_label"),
        row_height=34, cell=74,
    )
    if clicked:
        page.put("see_layer", str(clicked[0]))
        page.put("see_head", str(clicked[1]))
        st.rerun(scope="fragment")
    _one_head(page, later.Request(page.text, page.text_b, page.model, code, case.index, *shown))


def _one_head(page: LessonPage, request: later.Request) -> None:
    seen: later.Result = page.run(later.run, request)
    start, stop = page.window(len(seen.tokens), WINDOW)
    part = slice(start, stop)
    names = [f"{i} {t}" for i, t in enumerate(seen.tokens)][part]
    before, after = seen.before[part, part], seen.after[part, part]
    st.markdown(f"**{page.t('layer_head', layer=request.layer, head=request.head)}**")
    top = (0.0, float(np.maximum(before, after).max()))
    pictures = (("before", before), ("after", after), ("difference", after - before))
    for column, (name, matrix) in zip(st.columns(3), pictures, strict=True):
        with column:
            st.markdown(page.t(name))
            ui.heat(
                f"see_{name}", matrix, names, names, selectable=False, label=page.t(name),
                scale="diverging" if name == "difference" else "sequential",
                domain=None if name == "difference" else top,
            )
