"""A lesson's page: the strip, the sentence, results with their errors told, the proof, the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Literal, NoReturn

import streamlit as st

from core import shortage
from core.contract import Encoded, ModelInfo
from core.engine import Engine, chosen_engine
from core.engine.asker import asking
from core.engine.cache import SharedCache
from core.errors import (
    Busy,
    DiskFull,
    EngineUnavailable,
    InsideBertError,
    ModelUnavailable,
    OutOfMemory,
)
from core.observe.recorder import recorder
from lessons import stored
from lessons.proof import Proof
from lessons.text import presets, sections
from lessons.theme import THEMES, Theme
from pages.ui import course, state
from pages.ui.catalogue import translate
from pages.ui.exercises import preset_row, quiz_of
from pages.ui.failures import sentence_for, tell_failure
from pages.ui.markup import escape_markdown
from pages.ui.strip import path_strip
from pages.ui.visitor import visitor

RESULT_BYTES = 128 * 2**20
MAY_PASS = (Busy, DiskFull, EngineUnavailable, ModelUnavailable, OutOfMemory)  # without the learner
RESULT_WAIT = 60.0  # seconds a session waits for another's computation of the same result


@st.cache_resource(show_spinner=False)
def _results() -> SharedCache:
    """Lesson results of all sessions: bounded by bytes, one computation for one request."""
    return SharedCache(RESULT_BYTES)


class _PartEnded(BaseException):
    """Ends a part of a page, as `st.stop` ends all of it."""


_in_part: ContextVar[bool] = ContextVar("in a part", default=False)


def _stop() -> NoReturn:
    if _in_part.get():
        raise _PartEnded
    st.stop()


@dataclass(frozen=True)
class LessonPage:
    """Everything a page script needs; made by `open_lesson`."""

    slug: str
    lang: str
    model: str
    text: str
    text_b: str
    theme: Theme
    engine: Engine

    @property
    def info(self) -> ModelInfo:
        """The model's shape; one sentence and the end of the page where it cannot be read."""
        try:
            return self.engine.info(self.model)
        except InsideBertError as error:
            self.stop_with(error)
            raise

    @property
    def layers(self) -> int | None:
        """How many layers the model has; None where it cannot be read: the page goes on."""
        try:
            return self.engine.info(self.model).layers
        except InsideBertError:
            return None

    @property
    def ready(self) -> bool:
        """True when a forward pass would start at once."""
        return self.engine.ready(self.model)

    def t(self, key: str, /, **facts: object) -> str:
        """An interface string in the learner's language."""
        return translate(self.lang, self.slug, key, **facts)

    def section(self, key: str, **numbers: object) -> None:
        """Heading and Markdown of one section of the lesson's text."""
        part = sections(self.slug, self.lang)[key]
        st.subheader(part.title, anchor=key)
        st.markdown(part.filled(**numbers))

    def prose(self, key: str, **numbers: object) -> None:
        """The Markdown of one section without its heading."""
        st.markdown(sections(self.slug, self.lang)[key].filled(**numbers))

    def run(
        self, run: Callable[[Engine, Any], Any], request: Any, *, needs_model: bool = True
    ) -> Any:
        """The lesson's result for `request`, shared by all sessions.

        While a model that is needed still loads, a stored result of a preset is shown and
        says so. An error becomes one sentence and ends the page there; what was typed stays.
        """
        try:
            if needs_model and not self.engine.ready(self.model):
                early = stored.load(self.slug, run, request)
                if early is not None:
                    self._announce_stored()
                    return early
            key = (run.__module__, run.__qualname__, request)
            if (there := _results().held(key)) is not None:
                return there  # no spinner: it starts a thread, and takes no place on the page
            with st.spinner(self.t("computing"), show_time=False), asking(visitor()):
                return _results().get(key, lambda: run(self.engine, request), RESULT_WAIT)
        except InsideBertError as error:
            self.stop_with(error)
        except TimeoutError:
            self.stop_with(Busy())
        except Exception as error:
            if ours := shortage.named(error):
                self.stop_with(ours)
            tell_failure(error)
            _stop()

    def sentence_for(self, error: InsideBertError) -> str:
        """An error as one sentence in the learner's language."""
        return sentence_for(error, self.lang, self.slug)

    def stop_with(self, error: InsideBertError) -> None:
        """One sentence in the learner's language, then the end of this page."""
        recorder().count(error.key)
        if isinstance(error, MAY_PASS):
            st.warning(self.sentence_for(error), icon=":material/hourglass_top:")
            if not _in_part.get():  # one is enough
                st.button(self.t("retry"), icon=":material/refresh:")
        else:
            st.warning(self.sentence_for(error), icon=":material/edit:")
        _stop()

    @contextmanager
    def part(self) -> Iterator[None]:
        """Around a part that may end with its sentence while the rest of the page goes on."""
        token = _in_part.set(True)
        try:
            yield
        except _PartEnded:
            pass
        finally:
            _in_part.reset(token)

    def _announce_stored(self) -> None:
        if st.session_state.get("_announced"):
            return
        st.session_state["_announced"] = True
        st.info(self.t("stored_note"), icon=":material/inventory_2:")
        engine, model = self.engine, self.model

        @st.fragment(run_every=1.0)
        def until_ready() -> None:
            if engine.ready(model):
                st.rerun()

        until_ready()

    def tell_cut(self, encoded: Encoded) -> None:
        """Say where the text was cut to fit the model, if it was."""
        if encoded.dropped:
            ends = [("text", self.text, encoded.kept_a), ("text_b", self.text_b, encoded.kept_b)]
            shown = next(
                (t[max(0, k - 40) : k] for _, t, k in ends if t and k < len(t)), ""
            )
            st.warning(
                self.t("cut", limit=len(encoded), dropped=encoded.dropped,
                       tail=escape_markdown(shown)),
                icon=":material/content_cut:",
            )

    def window(self, n: int, limit: int, key: str = "from") -> tuple[int, int]:
        """(start, stop) of the pieces an n x n picture shows; a slider when n > limit."""
        if n <= limit:
            return 0, n
        st.caption(self.t("window_note", limit=limit, n=n))
        start = state.integer(key, self.t("window_from"), 0, n - limit, 0)
        return start, start + limit

    def prove(self, proof: Proof) -> None:
        """The badge: the shown numbers recomputed in NumPy, with the largest difference."""
        icon = ":material/verified:" if proof.holds else ":material/error:"
        label = self.t("prove", difference=f"{proof.difference:.0e}" if proof.difference else "0")
        with st.expander(label, icon=icon):
            st.caption(self.t("prove_how"))
            st.table(
                {
                    self.t("prove_what"): [c.name for c in proof.checks],
                    self.t("prove_formula"): [f"`{c.formula}`" for c in proof.checks],
                    self.t("prove_difference"): [f"{c.difference:.1e}" for c in proof.checks],
                }
            )

    def guess_switch(self) -> bool:
        """The switch alone, for a page that asks more than once."""
        return state.toggle("guess", self.t("guess_switch"), help=self.t("guess_help"))

    def guess(
        self, key: str, question: str, options: list[str], *, switch: bool = True
    ) -> str | None:
        """"Guess first": "" when off; None until the learner commits; then their guess.

        switch : False where `guess_switch` stands elsewhere on the page
        """
        if not (self.guess_switch() if switch else state.kept("guess", False)):
            return ""
        slot = f"_guess_{key}_{hash((self.text, self.text_b, self.model, question))}"
        if slot in st.session_state:
            return str(st.session_state[slot])
        with st.form(f"form_{slot}", border=True):
            st.markdown(f"**{question}**")
            if options:
                mine = st.radio(question, options, index=None, label_visibility="collapsed",
                                format_func=escape_markdown, horizontal=len(options) < 16)
            else:
                mine = st.text_input(question, max_chars=60, label_visibility="collapsed")
            if st.form_submit_button(self.t("guess_commit"), type="primary") and mine:
                st.session_state[slot] = mine
                st.rerun()
        return None

    def control_integer(
        self, key: str, label: str, low: int, high: int, default: int, help: str | None = None
    ) -> int:
        return state.integer(key, label, low, high, default, help)

    def control_choice(
        self, key: str, label: str, options: list[str], default: str,
        format: Callable[[str], str] = str,
    ) -> str:
        pick = state.choice if len(options) <= 6 else state.picked
        return pick(key, label, options, default, format)

    def control_toggle(self, key: str, label: str, default: bool = False) -> bool:
        return state.toggle(key, label, default)

    def control_line(self, key: str, label: str, default: str) -> str:
        return state.line(key, label, default)

    def value(self, key: str, label: str, options: list[str], default: str) -> str:
        """What a click on a picture set with `put`, among `options`; in the URL like a control."""
        return state.value(key, label, options, default)

    def code(
        self, key: str, label: str, read: Callable[[str], str | None], default: str
    ) -> str:
        """Like `value`, for values too many to list: `read` returns an accepted one, else None."""
        return state.code(key, label, read, default)

    def peek_integer(self, key: str, label: str, low: int, high: int, default: int) -> int:
        """What `control_integer` will say, for a picture that stands above its slider."""
        return state.settled_integer(key, label, low, high, default)

    def peek_choice(self, key: str, label: str, options: list[str], default: str) -> str:
        """What `control_choice` will say, for a picture that stands above it."""
        return state.settled_choice(key, label, options, default)

    def put(self, key: str, value: object) -> None:
        """Set a control for the next run, as a click on a picture does."""
        state.put(key, value)

    def forget(self, key: str) -> None:
        """Let a control start at its default again; before it is drawn."""
        state.forget(key)

    def control_paragraphs(self, key: str, label: str, default: str) -> str:
        return state.paragraphs(key, label, default)

    def set_text(self, text: str, text_b: str | None = None) -> None:
        """Replace the sentence(s) and run the page again."""
        state.ask_for_texts(text, text_b)

    def sentence_box(self) -> str:
        """The shared sentence's box, on a page that was opened with pair="later"."""
        default = next(p for p in presets(self.slug) if self.lang in p.languages)
        return state.text_box("text", self.t("sentence"), default=default.text)

    def finish(self) -> None:
        """The quiz, and the way on."""
        quiz_of(self.slug, self.lang, self.t)
        before, after = course.neighbours(self.slug)
        links = st.session_state.get("_pages", {})
        left, right = st.columns(2)
        for column, stop, arrow in ((left, before, "←"), (right, after, "→")):
            if stop and stop.slug in links:
                with column:
                    st.page_link(
                        links[stop.slug], label=f"{arrow} {self.t(f'title_{stop.slug}')}",
                        query_params=state.carried(),
                    )


def open_page(slug: str) -> LessonPage:
    """A page without a sentence of its own, as the start page."""
    language = st.session_state.get("lang") or "en"
    theme = THEMES["dark" if st.context.theme.type == "dark" else "light"]
    model = st.session_state.get("_model", "embedded")
    return LessonPage(slug, language, model, "", "", theme, chosen_engine())


def open_lesson(
    slug: str, pair: str = "no", *, height: int | Literal["content"] = 68
) -> LessonPage:
    """Draw strip, title, presets and sentence boxes; return the page to work with.

    pair : "no" one box, "optional" a second that may stay empty, "required" two; "later" none
        here, the page draws `sentence_box` where it needs the sentence
    height : of the boxes in pixels; "content" grows with what is typed
    """
    state.grant_texts()
    page = open_page(slug)
    place_of_strip = st.container()
    st.title(page.t(f"title_{slug}"), anchor=False)
    st.html(f"<p class='ib-lead'>{escape(page.t('lead'))}</p>")
    preset_row(slug, page.lang, page.t)
    if pair != "later":
        page = _with_texts(page, pair, height)
    with place_of_strip:  # after the boxes, so that its links take along what they hold
        path_strip(slug, page.layers, page.theme, page.t)
    return page


def _with_texts(
    page: LessonPage, pair: str, height: int | Literal["content"] = 68
) -> LessonPage:
    default = next(p for p in presets(page.slug) if page.lang in p.languages)
    if pair == "no":
        text = state.text_box("text", page.t("sentence"), default=default.text, height=height)
        return replace(page, text=text)
    left, right = st.columns(2)
    with left:
        text = state.text_box(
            "text", page.t("sentence_a"), default=default.text, height=height
        )
    with right:
        label = page.t("sentence_b" if pair == "required" else "sentence_b_optional")
        text_b = state.text_box("text_b", label, default=default.text_b, height=height)
    return replace(page, text=text, text_b=text_b)
