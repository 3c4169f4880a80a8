"""Eight tasks, each with what is asked and how it is marked, and the learner's text answered."""

import streamlit as st

from core.errors import InsideBertError
from core.models.registry import EMBEDDED
from lessons.scores import figures_more
from lessons.scores.figures import thousands
from lessons.scores.lesson import Request, Result, checked, run
from lessons.scores.likelihood import Likelihood
from lessons.scores.published import BEST, Task, system, task, tasks
from lessons.text import presets
from lessons.theme import percent
from pages import ui
from pages.ui import LessonPage, state

PLAIN = {"displayModeBar": False}
WINDOW = 24  # pieces in a picture of bars
NOT = "not"


@st.fragment
def eight(page: LessonPage) -> None:
    """Choose a task, read what it asks, put it to our model."""
    sizes = [t.train for t in tasks()]
    page.section("tasks", smallest=thousands(min(sizes)), largest=thousands(max(sizes)))
    names = {t.id: t.name for t in tasks()}
    chosen = task(state.choice("glue", page.t("which_task"), list(names), "sst2",
                               names.__getitem__))
    page.prose(f"task-{chosen.id}")
    _facts(page, chosen)
    with st.expander(page.t("formula", metric=page.t(f"metric_{chosen.metric}")),
                     icon=":material/function:"):
        _formula(page, chosen)
    _example(page, chosen)
    _asked(page, chosen)


def _facts(page: LessonPage, chosen: Task) -> None:
    before, large = (system(name).score(chosen) for name in (BEST, "large"))
    with st.container(horizontal=True, gap="large"):
        st.metric(page.t("train"), thousands(chosen.train), width="content")
        st.metric(page.t("chance"), f"{chosen.chance:.0f}", width="content")
        st.metric(page.t("before"), f"{before:.1f}", width="content")
        st.metric(page.t("bert"), f"{large:.1f}", delta=f"{large - before:+.1f}",
                  width="content")


def _formula(page: LessonPage, chosen: Task) -> None:
    said: dict[str, str] = {"chance": f"{chosen.chance:.0f}"}
    if chosen.positive is not None:
        said["positive"] = f"{chosen.positive:.0%}".replace("%", " %")
    page.prose(f"metric-{chosen.metric}", **said)


def _example(page: LessonPage, chosen: Task) -> None:
    own = next(p for p in presets("scores") if p.controls.get("glue") == chosen.id)
    is_there = page.text == own.text and page.text_b == own.text_b
    if not is_there and st.button(page.t("example"), icon=":material/edit_note:"):
        page.set_text(own.text, own.text_b)


def _asked(page: LessonPage, chosen: Task) -> None:
    """The learner's text, quoted, and the answer; or one sentence why there is none."""
    with st.container(border=True):
        st.markdown(f"#### {page.t('ours_says')}")
        for letter, text in (("a", page.text), ("b", page.text_b)):
            if text.strip() and (letter == "a" or chosen.pair or chosen.id == "cola"):
                st.markdown(f"**{page.t(f'letter_{letter}')}**  {ui.escape_markdown(text[:400])}")
        request = Request(page.text, page.text_b, chosen.id, page.model)
        if page.text.strip() and chosen.pair and not page.text_b.strip():
            st.info(page.t("needs_second"), icon=":material/edit:")
            return
        try:
            checked(page.engine, request)
        except InsideBertError as error:  # said here, so that the published figures stay
            st.warning(page.sentence_for(error), icon=":material/edit:")
            return
        result: Result = page.run(run, request)
        _answer(page, chosen, result)
        with st.expander(page.t("how"), icon=":material/help:"):
            page.prose(f"way-{result.way}",
                       **({"adapter": result.adapter} if result.way == "head" else {}))
        page.prove(result.proof)


def _answer(page: LessonPage, chosen: Task, result: Result) -> None:
    if chosen.adapter and not result.adapter:
        st.caption(page.t("no_head_here", adapter=chosen.adapter) if page.model == EMBEDDED
                   else page.t("no_head_model", model=ui.escape_markdown(page.info.label)))
    if result.similarity is not None:
        _similarity(page, result)
    elif result.prompt is not None:
        _prompt(page, result)
    elif result.likelihood:
        _likelihood(page, result.likelihood)
    elif result.adapter == "qa":
        _span(page, result)
    else:
        _classes(page, chosen, result)


def _bars(page: LessonPage, names: list[str], shares: list[float]) -> None:
    labels = [page.t(f"label_{name}") for name in names]
    st.plotly_chart(figures_more.classes(labels, shares, page.theme), config=PLAIN,
                    key="classes", alt=page.t("class_alt"))


def _classes(page: LessonPage, chosen: Task, result: Result) -> None:
    assert result.head is not None
    answer = result.head.answer
    page.tell_cut(answer.encoded)
    if chosen.classes == 2 and chosen.pair:
        _bars(page, ["entailment", NOT], [result.entailed, 1 - result.entailed])
    else:
        _bars(page, list(answer.labels), list(answer.probabilities))


def _span(page: LessonPage, result: Result) -> None:
    assert result.head is not None
    answer, best = result.head.answer, result.head.best
    guess = answer.spans[0] if answer.spans else None
    if best is not None:
        st.markdown("##### " + page.t("answer_in", answer=ui.escape_markdown(best.text)))
    else:
        st.markdown("##### " + page.t("answer_not"))
        if guess is not None:
            st.markdown(page.t("best_guess", answer=ui.escape_markdown(guess.text)))
    left, right = st.columns(2)
    if guess is not None:
        left.metric(page.t("best_span"), f"{guess.score:.2f}")
    if answer.no_answer is not None:
        right.metric(page.t("no_answer"), f"{answer.no_answer:.2f}")


def _similarity(page: LessonPage, result: Result) -> None:
    near = result.similarity
    assert near is not None
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.metric(page.t("cosine"), f"{near.cosine:.3f}")
        st.metric(page.t("shared"), percent(near.shared))
        count = len(near.strangers)
        st.markdown(page.t("rank_first", count=count) if near.rank == 1
                    else page.t("rank_other", count=count, nearer=near.rank - 1))
    with right:
        st.plotly_chart(
            figures_more.layers(
                near.layers, near.strangers, (page.t("pair"), page.t("strangers")),
                (page.t("layer_axis"), page.t("cosine_axis")), page.theme,
            ),
            config=PLAIN, key="layers", alt=page.t("layers_alt"),
        )
    if page.model == EMBEDDED:
        st.caption(page.t("was_taught"))


def _prompt(page: LessonPage, result: Result) -> None:
    cloze = result.prompt
    assert cloze is not None
    st.markdown(f"> {ui.escape_markdown(cloze.text[:400])}")
    _bars(page, ["negative", "positive"], [1 - cloze.positive, cloze.positive])
    st.caption(page.t("blank_words", negative=cloze.words[0], positive=cloze.words[1],
                      p_negative=f"{cloze.p[0]:.2e}", p_positive=f"{cloze.p[1]:.2e}"))


def _likelihood(page: LessonPage, found: tuple[Likelihood, ...]) -> None:
    low = min(float(one.log_p.min()) for one in found)
    for letter, one in zip("ab", found, strict=False):
        left, right = st.columns([1, 3], vertical_alignment="center")
        with left:
            st.metric(f"{page.t(f'letter_{letter}')}: {page.t('sum_log_p')}", _minus(one.total))
            st.caption(page.t("mean_log_p", mean=_minus(one.mean)))
        with right:
            start, stop = page.window(len(one.places), WINDOW, f"from_{letter}")
            st.plotly_chart(
                figures_more.pieces(one, page.theme, start, stop, low), config=PLAIN,
                key=f"pieces_{letter}", alt=page.t("pieces_alt"),
            )
            at = int(one.log_p.argmin())
            st.caption(page.t("weakest", piece=ui.escape_markdown(one.tokens[at]),
                              best=ui.escape_markdown(one.best[at])))
    _winner(page, found)


def _winner(page: LessonPage, found: tuple[Likelihood, ...]) -> None:
    if len(found) < 2:
        st.info(page.t("cola_rival"), icon=":material/edit:")
        return
    one, other = found
    difference = one.total - other.total
    if difference == 0:
        st.markdown("##### " + page.t("equal"))
    else:
        letter = page.t("letter_a" if difference > 0 else "letter_b")
        st.markdown("##### " + page.t("more_likely", letter=letter,
                                      difference=f"{abs(difference):.2f}"))
    if len(one.places) != len(other.places):
        st.caption(page.t("unlike_lengths", count_a=len(one.places), count_b=len(other.places)))


def _minus(value: float) -> str:
    return f"{value:.2f}".replace("-", "\u2212")
