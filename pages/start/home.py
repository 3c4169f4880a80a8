from html import escape

import streamlit as st

from core.engine import local_engine
from lessons.home.lesson import sizes
from lessons.text import sections
from pages.ui import course, state
from pages.ui.catalogue import translate

lang = st.session_state.get("lang") or "en"
model = st.session_state.get("_model", "embedded")
links = st.session_state["_pages"]
carried = state.carried()


def say(key: str, /, **facts: object) -> str:
    return translate(lang, "home", key, **facts)


def part(key: str) -> None:
    section = sections("home", lang)[key]
    st.subheader(section.title, anchor=key)
    st.markdown(section.body)


st.html(
    f"<div class='ib-hero'><h1 class='big'>{escape(say('hero'))}</h1>"
    f"<p class='sub'>{escape(say('sub'))}</p></div>"
)
st.page_link(links["wordpiece"], label=f"**{say('begin')} →**", query_params=carried)
part("what")
part("map")
for left in range(0, len(course.LESSONS), 3):
    for column, stop in zip(st.columns(3), course.LESSONS[left : left + 3], strict=False):
        with column, st.container(border=True, height="stretch"):
            st.page_link(
                links[stop.slug], label=f"**{say(f'title_{stop.slug}')}**", icon=stop.icon,
                query_params=carried,
            )
            st.markdown(say(f"asks_{stop.slug}"))
part("model")
rows = sizes(local_engine(), model)
st.table(
    {
        say("name"): [r.name if r.published else say("in_use", name=r.name) for r in rows],
        say("layers"): [r.layers for r in rows],
        say("hidden"): [r.hidden for r in rows],
        say("heads"): [r.heads for r in rows],
        say("parameters"): [
            f"{r.parameters / 1e6:.1f} M · {say('published' if r.published else 'counted')}"
            for r in rows
        ],
    }
)
