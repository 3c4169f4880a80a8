"""A small network learns the learner's text while they watch."""

from dataclasses import dataclass

import streamlit as st

from core.vectors.live import Settings, Training
from core.vectors.windows import Corpus
from lessons.text import presets
from lessons.theme import number, percent
from lessons.word2vec import figures, space
from lessons.word2vec.live_session import CHUNK, most_passes
from pages import ui
from pages.ui import LessonPage
from pages.vectors.word2vec_settings import network

PLAIN = {"displayModeBar": False}
BETWEEN = 0.5  # seconds between two pictures while it trains
FEW = 10
NEAREST = 6
SLOT = "_word2vec"  # one training for each session, kept when the page is left


@dataclass
class Session:
    """until : the pass to train to, None while it rests."""

    text: str
    settings: Settings
    training: Training
    until: int | None = None


def live(page: LessonPage, corpus: Corpus) -> None:
    page.section("live")
    settings = network(page)
    asked = page.control_integer("passes", page.t("passes"), 10, 300, 100)
    session = _session(page, corpus, settings)
    passes = most_passes(session.training, asked)
    if passes < asked:
        st.caption(page.t("passes_fewer", passes=passes, examples=len(session.training.examples)))
    _buttons(page, session, passes)
    watch = st.fragment(_watch, run_every=BETWEEN if session.until is not None else None)
    watch(page, session)
    if session.until is None:
        _last_step(page, session)
        _look_around(page, session)


def _session(page: LessonPage, corpus: Corpus, settings: Settings) -> Session:
    """This visitor's training; a new one where text or settings are others."""
    found = st.session_state.get(SLOT)
    if found is None or (found.text, found.settings) != (page.text, settings):
        found = Session(page.text, settings, Training(corpus, settings))
        st.session_state[SLOT] = found
    return found


def _buttons(page: LessonPage, session: Session, passes: int) -> None:
    training = session.training

    def step() -> None:
        training.one_step()

    def go(until: int | None) -> None:
        session.until = until

    def anew() -> None:
        st.session_state.pop(SLOT, None)

    busy, done = session.until is not None, training.epoch >= passes
    with st.container(horizontal=True):
        st.button(page.t("one_step"), icon=":material/skip_next:", on_click=step,
                  disabled=busy or done)
        st.button(page.t("ten_passes", few=FEW), icon=":material/fast_forward:", on_click=go,
                  args=(min(passes, training.epoch + FEW),), disabled=busy or done)
        st.button(page.t("to_the_end"), icon=":material/last_page:", on_click=go, args=(passes,),
                  disabled=busy or done, type="primary")
        st.button(page.t("stop"), icon=":material/stop_circle:", on_click=go, args=(None,),
                  disabled=not busy)
        st.button(page.t("anew"), icon=":material/restart_alt:", on_click=anew, disabled=busy)
    st.progress(min(1.0, training.epoch / passes))


def _watch(page: LessonPage, session: Session) -> None:
    """A part of the training, then the picture; the page runs again when it is done."""
    training = session.training
    if session.until is not None:
        until = session.until
        st.progress(min(1.0, training.epoch / until),
                    page.t("training", epoch=training.epoch, until=until))
        if training.run(until, CHUNK):
            session.until = None
            st.rerun()
    _counts(page, training)
    words, marked = training.corpus.words, _marked(page, training)
    if session.until is None and len(training.snapshots) > 1:
        labels = {"play": page.t("play"), "epoch": page.t("epoch")}
        figure, view = figures.vectors_moving(training.moments(), words, marked, labels,
                                              page.theme)
    else:
        figure, view = figures.vectors_now(training.weights.inputs, words, marked, page.theme)
    st.plotly_chart(figure, config=PLAIN, key=f"space_{session.until is None}",
                    alt=page.t("space_alt"))
    st.caption(page.t("plane_two" if training.settings.size == 2 else "plane_share",
                      share=percent(view.share), size=training.settings.size))
    if training.losses:
        axes = (page.t("epoch"), page.t("mean_loss"))
        st.plotly_chart(figures.loss_curve(training.losses, axes, page.theme), config=PLAIN,
                        key="losses", alt=page.t("mean_loss"))


def _counts(page: LessonPage, training: Training) -> None:
    left, middle, right = st.columns(3)
    left.metric(page.t("updates"), f"{training.updates:,}")
    middle.metric(page.t("full_passes"), training.epoch)
    right.metric(page.t("mean_loss"), number(training.losses[-1]) if training.losses else "–")


def _marked(page: LessonPage, training: Training) -> tuple[int, ...]:
    """The words the learner asks about, for the picture above the controls."""
    words = list(training.corpus.words)
    asked = page.peek_choice("near", page.t("near"), words, _start(page, words, "near", 0))
    return (words.index(asked),)


def _start(page: LessonPage, words: list[str], key: str, place: int) -> str:
    """The word a control starts with: the one that this text's preset names, else by place."""
    named = next((p.controls for p in presets("word2vec") if p.text == page.text), {}).get(key)
    return named if named in words else words[min(place, len(words) - 1)]


def _last_step(page: LessonPage, session: Session) -> None:
    step = session.training.last
    if step is None:
        return
    words = session.training.corpus.words
    st.markdown(page.t(
        "last_step", inputs=", ".join(ui.escape_markdown(words[i]) for i in step.inputs),
        target=ui.escape_markdown(words[step.target]), before=number(step.loss),
        after=number(step.after),
    ))


def _look_around(page: LessonPage, session: Session) -> None:
    """Neighbours and analogies in the space as it stands."""
    training = session.training
    words = training.corpus.words
    page.section("around", words=len(words), running=training.corpus.running)
    names, vectors = list(words), training.weights.inputs
    left, right = st.columns(2)
    with left, st.container(border=True):
        word = page.control_choice("near", page.t("near"), names,
                                   _start(page, names, "near", 0))
        found = space.neighbours(words, vectors, names.index(word), NEAREST)
        st.plotly_chart(figures.ranked(found, page.theme.token, page.theme), config=PLAIN,
                        key="near_chart", alt=page.t("near"))
    with right, st.container(border=True):
        a, b, c = (
            page.control_choice(key, page.t(key), names, _start(page, names, key, n))
            for n, key in enumerate(("an_a", "an_b", "an_c"), 1)
        )
        st.markdown(page.t("analogy_asks", **{
            k: ui.escape_markdown(w) for k, w in zip("abc", (a, b, c), strict=True)
        }))
        found = space.analogy(words, vectors, names.index(a), names.index(b), names.index(c),
                              NEAREST)
        if found:
            st.plotly_chart(figures.ranked(found, page.theme.accent, page.theme), config=PLAIN,
                            key="analogy_chart", alt=page.t("analogy_alt"))
    page.prose("around-caution")
