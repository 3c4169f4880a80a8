"""One blank answered three ways, and who may look at whom."""

import streamlit as st

from core.engine.answers import MASK
from core.errors import NoMask
from lessons.text import presets
from lessons.three_ways import figures, sight
from lessons.three_ways.blank import blank_of, moved_to
from lessons.three_ways.lesson import Answer, Request, Result, run
from pages import ui
from pages.ui import InsideBertError, LessonPage

PLAIN = {"displayModeBar": False}
SHOWN = 120
WORD = "tw_word"
CONTEXT = 90  # characters of the text shown on each side of the blank
OBJECTIVES = {
    "elmo_forward": r"P(w_i \mid w_1,\dots,w_{i-1})",
    "elmo_backward": r"P(w_i \mid w_{i+1},\dots,w_n)",
    "gpt": r"P(w_i \mid w_{<i})",
    "bert": r"P(w_i \mid w_{<i},\,w_{>i})",
}


def same_blank(page: LessonPage) -> str:
    """Click a word to hide it; every model's words side by side. Returns the hidden word."""
    page.section("blank")
    try:
        encoded = page.engine.tokenize(page.model, page.text)
    except InsideBertError as error:
        page.stop_with(error)
    if (hidden := st.session_state.pop("_tw_hidden", None)) is not None:
        page.put(WORD, hidden)
    word = ""
    if MASK in page.text:
        word = page.control_line(WORD, page.t("hidden"), _word_of_preset(page)).strip()
    clicked = ui.tokens("tw_words", encoded.tokens[:SHOWN], label=page.t("click_label"))
    if clicked is not None:
        text, hidden = moved_to(page.text, word, encoded, clicked)
        if text != page.text:
            st.session_state["_tw_hidden"] = hidden
            page.set_text(text)
    try:
        blank_of(page.text)
    except NoMask:
        st.info(page.t("click_hint"), icon=":material/touch_app:")
    except InsideBertError as error:
        st.warning(page.sentence_for(error), icon=":material/edit:")
    else:
        page.tell_cut(encoded)
        _filled(page, word)
    return word


def _word_of_preset(page: LessonPage) -> str:
    """What the blank hides in the preset with this text."""
    return next((p.controls.get(WORD, "") for p in presets("three_ways") if p.text == page.text),
                "")


def _filled(page: LessonPage, word: str) -> None:
    """What everyone says, after the learner's own guess."""
    top_k = page.control_integer("tw_top_k", page.t("top_k"), 3, 25, Request.top_k)
    names = {way: page.t(f"way_{way}") for way in OBJECTIVES}
    guess = page.guess(f"three {page.text} {word}", page.t("guess_question"),
                       list(names.values())) if word else ""
    if guess is None:
        return
    result = page.run(run, Request(page.text, word, page.model, top_k))
    _answers(page, result, names)
    _hidden_word(page, result, names, guess)
    page.prove(result.proof)


def _answers(page: LessonPage, result: Result, names: dict[str, str]) -> None:
    for model in result.missing:
        st.info(page.t(f"missing_{model}"), icon=":material/inventory_2:")
    shown = list(result.answers)
    for pair in (shown[at : at + 2] for at in range(0, len(shown), 2)):
        for column, answer in zip(st.columns(2), pair, strict=False):
            with column, st.container(border=True):
                _one_way(page, result, answer, names[answer.way])


def _one_way(page: LessonPage, result: Result, answer: Answer, name: str) -> None:
    st.markdown(f"**{name}**")
    st.latex(OBJECTIVES[answer.way])
    before = result.blank.left[-CONTEXT:] if answer.way != "elmo_backward" else "…"
    after = result.blank.right[:CONTEXT] if answer.way in ("elmo_backward", "bert") else "…"
    st.text(f"{before} ▢ {after}")
    st.plotly_chart(figures.words(answer, result.word, page.theme), config=PLAIN,
                    key=f"way_{answer.way}", alt=name)


def _hidden_word(
    page: LessonPage, result: Result, names: dict[str, str], guess: str
) -> None:
    """What each gives the word that really stood there."""
    if not result.word:
        st.caption(page.t("no_hidden"))
        return
    word = ui.escape_markdown(result.word)
    page.section("hidden-word", word=word)
    best = result.best()
    if guess and best:
        st.markdown(page.t("guess_answer", guess=guess, best=names[best]))
    answers = [*result.answers, *([result.together] if result.together else [])]
    labels = {**names, "elmo_together": page.t("way_elmo_together")}
    if best:
        st.plotly_chart(
            figures.hidden_word(answers, [labels[a.way] for a in answers], page.theme),
            config=PLAIN, key="hidden_word", alt=page.t("hidden_alt"),
        )
    st.table({
        page.t("model"): [labels[a.way] for a in answers],
        "P": [figures.share(a.p_word) if a.p_word else page.t("not_listed") for a in answers],
        page.t("rank"): [
            page.t("rank_of", rank=f"{a.rank:,}", choices=f"{a.choices:,}") if a.rank else "–"
            for a in answers
        ],
    })
    st.caption(page.t("pieces_note"))


@st.fragment
def who_sees_whom(page: LessonPage) -> None:
    """n x n pictures: a cell that is drawn may be looked at."""
    page.section("sight")
    tested = page.control_toggle("tw_test", page.t("test"))
    try:
        sight.words_of(page.text)
    except InsideBertError as error:
        st.warning(page.sentence_for(error), icon=":material/edit:")
        return
    result = page.run(sight.run, sight.Request(page.text, page.model, tested))
    for model in result.missing:
        st.info(page.t(f"missing_{model}"), icon=":material/inventory_2:")
    shown = list(result.sights)
    for pair in (shown[at : at + 2] for at in range(0, len(shown), 2)):
        for column, one in zip(st.columns(2), pair, strict=False):
            with column:
                _picture(page, one)
    if tested:
        st.markdown(page.t("test_agrees" if result.agree else "test_differs"))
    page.prose("sight-after")


def _picture(page: LessonPage, one: sight.Sight) -> None:
    st.markdown(f"**{page.t(f'sight_{one.way}')}**")
    names = [f"{at} {name}" for at, name in enumerate(one.names)]
    kind = "steps" if one.changed is None else "changed"
    ui.heat(
        f"sight_{one.way}_{kind}", one.steps if one.changed is None else one.changed, names,
        names, shown=one.allowed if one.changed is None else None, selectable=False, cell=30,
        label=page.t(f"label_{kind}", way=page.t(f"sight_{one.way}")),
    )
