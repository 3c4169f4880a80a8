import streamlit as st

from core.wordpiece.search import LONGEST_WORD, Word
from lessons.wordpiece import figures, lesson
from lessons.wordpiece.lesson import Request, run
from pages import ui

SHOWN = 120  # words and pieces in a row of chips
SHOWN_CHARACTERS = 600
QUIET = {"displayModeBar": False}

page = ui.open_lesson("wordpiece")
result = page.run(run, Request(page.text, page.model), needs_model=False)
page.tell_cut(result.encoded)
encoded, counts = result.encoded, result.vocabulary


def chips(key: str, heading: str, tokens: tuple[str, ...], **options: object) -> int | None:
    st.markdown(f"**{heading}**")
    clicked = ui.tokens(key, tokens[:SHOWN], label=heading, **options)  # type: ignore[arg-type]
    if len(tokens) > SHOWN:
        st.caption(page.t("more_words", shown=SHOWN, count=len(tokens)))
    return clicked


page.section("normalize")
with st.container(border=True):
    for before, stage in zip((None, *result.stages), result.stages, strict=False):
        name = page.t(f"stage_{stage.name}")
        same = before is not None and before.text == stage.text
        st.caption(page.t("unchanged", name=name) if same else name)
        if not same:
            st.text(stage.text[:SHOWN_CHARACTERS])

page.section("pieces", size=f"{counts.size:,}")
chips(
    "pieces", page.t("pieces_row", count=len(encoded)), encoded.tokens,
    sublabels=[str(i) for i in encoded.ids[:SHOWN]], clickable=False,
)
if not result.words:
    st.info(page.t("nothing_left"), icon=":material/cleaning_services:")


def attempts(word: Word) -> None:
    count = len(word.steps)
    at = page.control_integer("step", page.t("step"), 1, count, count)
    step, taken = word.steps[at - 1], lesson.taken_before(word, at)
    kind = "hit" if step.hit else "miss" if len(step.letters) > 1 else "next"
    st.markdown(
        page.t(f"attempt_{kind}", attempt=at, count=count, piece=taken,
               candidate=ui.escape_markdown(step.candidate))
    )
    st.plotly_chart(
        figures.staircase(word, at, page.theme), config=QUIET, key="staircase",
        alt=page.t("staircase"),
    )


def word_in_url() -> int:
    """The word of a link; a new text starts at its most telling word."""
    if st.session_state.setdefault("_searched_text", page.text) != page.text:
        st.session_state["_searched_text"] = page.text
        follow(None)
    words = [str(i) for i in range(len(result.words[:SHOWN]))]
    hardest = str(lesson.hardest_word(result, SHOWN))
    return int(page.value("word", page.t("click_word"), words, hardest))


def follow(word: int | None) -> None:
    page.forget("step")
    page.forget("word")
    if word is not None:
        page.put("word", str(word))


@st.fragment
def follow_one_word() -> None:
    page.section("search")
    chosen = word_in_url()
    clicked = chips(
        "words", page.t("click_word"), tuple(w.word for w in result.words), selected=[chosen]
    )
    if clicked is not None and clicked != chosen:
        follow(clicked)
        st.rerun(scope="fragment")
    word = result.words[chosen]
    if word.too_long:
        st.info(page.t("too_long", count=len(word.word), limit=LONGEST_WORD))
    elif word.special:
        st.info(page.t("special", word=ui.escape_markdown(word.word)))
    else:
        attempts(word)


if result.words:
    follow_one_word()
    facts = {"lost": result.lost, "words": result.searched, "unknown": result.unknown}
    page.section("lost", whole=f"{counts.whole:,}", continued=f"{counts.continued:,}", **facts)
    row = lesson.whole_word_row(result)
    chips("whole", page.t("as_words"), row, clickable=False)
    chips("again", page.t("as_pieces"), encoded.tokens[1:-1], clickable=False)

page.section("vocabulary", unused=f"{counts.unused:,}")
kinds = ("words", "continued", "characters", "unused")
names = {k: page.t(k) for k in kinds} | {"special": page.t("special_entries")}
st.plotly_chart(
    figures.composition(counts, names, page.theme), config=QUIET, key="composition",
    alt=page.t("composition"),
)
page.prove(result.proof)
page.finish()
