from html import escape

import streamlit as st

from core.errors import InsideBertError
from lessons.home.lesson import PUBLISHED, sizes, taste
from lessons.theme import percent
from pages import ui
from pages.ui import course, state

page = ui.open_page("home")
links = st.session_state["_pages"]


@st.fragment(run_every=None if page.ready else 1.0)
def fill_the_blank() -> None:
    """A live taste: five words for the blank, from a real forward pass."""
    with st.container(border=True):
        sentence = page.control_line("blank", page.t("blank"), page.t("blank_sentence"))
        if not page.ready:
            st.caption(page.t("blank_waits"))
            return
        try:
            words = taste(page.engine, page.model, sentence)
        except InsideBertError as error:
            st.caption(page.sentence_for(error))
            return
        ui.tokens(
            "taste", [word.token for word in words], clickable=False, label=page.t("blank_words"),
            sublabels=[percent(word.probability) for word in words],
            values=[word.probability for word in words],
        )
        st.caption(page.t("blank_note"))


left, right = st.columns([6, 5], gap="large", vertical_alignment="center")
with left:
    st.html(
        f"<div class='ib-hero'><h1 class='big'>{escape(page.t('hero'))}</h1>"
        f"<p class='sub'>{escape(page.t('sub'))}</p></div>"
    )
    if st.button(page.t("begin"), type="primary", icon=":material/arrow_forward:"):
        st.switch_page(links["wordpiece"])
with right:
    fill_the_blank()

page.section("what")
page.section("map")
for first in range(0, len(course.LESSONS), 3):
    for column, stop in zip(st.columns(3), course.LESSONS[first : first + 3], strict=False):
        with column, st.container(border=True, height="stretch"):
            title = f"**{page.t(f'title_{stop.slug}')}**"
            st.page_link(
                links[stop.slug], label=title, icon=stop.icon, query_params=state.carried()
            )
            st.markdown(page.t(f"asks_{stop.slug}"))

page.section("model")
try:
    rows = sizes(page.engine, page.model)
except InsideBertError as error:
    st.warning(page.sentence_for(error), icon=":material/hourglass_top:")
    rows = PUBLISHED
st.table(
    {
        page.t("name"): [r.name if r.published else page.t("in_use", name=r.name) for r in rows],
        page.t("layers"): [r.layers for r in rows],
        page.t("hidden"): [r.hidden for r in rows],
        page.t("heads"): [r.heads for r in rows],
        page.t("parameters"): [f"{r.millions} M" for r in rows],
    },
    hide_index=True,
)
st.caption(page.t("counted"))
