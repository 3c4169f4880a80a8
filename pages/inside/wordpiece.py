import streamlit as st

from lessons.wordpiece import figures
from lessons.wordpiece.lesson import Request, run, whole_word_row
from pages import ui

page = ui.open_lesson("wordpiece")
result = page.run(run, Request(page.text, page.model), needs_model=False)
page.tell_cut(result.encoded)
SHOWN = 160

page.section("normalize")
for stage in result.stages:
    name, text = st.columns([1, 5], vertical_alignment="center")
    name.markdown(f"**{page.t(f'stage_{stage.name}')}**")
    text.text(stage.text[:600])

page.section("pieces", size=f"{result.vocabulary.size:,}")
encoded = result.encoded
ui.tokens(
    "pieces", encoded.tokens[:SHOWN], sublabels=[str(i) for i in encoded.ids[:SHOWN]],
    clickable=False, label=page.t("pieces_label"),
)

page.section("search")


@st.fragment
def follow_one_word() -> None:
    words = {str(i): word for i, word in enumerate(result.words[:SHOWN])}
    if not words:
        return
    hardest = max(words, key=lambda i: len(words[i].pieces) * 100 + len(words[i].steps))
    chosen = page.control_choice(
        "word", page.t("which"), list(words), hardest, lambda i: words[i].word[:40]
    )
    word = words[chosen]
    if not word.steps:
        st.info(page.t("too_long"))
        return
    if word.word.startswith("[") and len(word.word) > 2:
        st.info(page.t("special"))
        return
    last = min(len(word.steps), 40)
    shown = page.control_integer("step", page.t("step"), 1, last, last) if last > 1 else 1
    st.plotly_chart(
        figures.staircase(word, shown, page.theme), config={"displayModeBar": False},
        key="staircase", alt=page.t("staircase"),
    )
    st.caption(page.t("attempts", count=len(word.steps), pieces=len(word.pieces)))


follow_one_word()

unknown = sum(word.pieces == ("[UNK]",) for word in result.words)
page.section("lost", lost=result.lost, words=len(result.words), unknown=unknown)
st.markdown(f"**{page.t('as_words')}**")
ui.tokens("whole", whole_word_row(result)[:SHOWN], clickable=False, label=page.t("as_words"))
st.markdown(f"**{page.t('as_pieces')}**")
ui.tokens("again", encoded.tokens[1:-1][:SHOWN], clickable=False, label=page.t("as_pieces"))

page.section("vocabulary")
counts = result.vocabulary
for column, name in zip(st.columns(4), ("size", "whole", "continued", "unused"), strict=True):
    column.metric(page.t(name), f"{getattr(counts, name):,}")

page.prove(result.proof)
page.finish()
