"""What surrounds a page: navigation, language, model, presenter mode, the link to this screen."""

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException

from pages.ui import address, course, state, watch
from pages.ui.catalogue import LANGUAGES, Say, translate
from pages.ui.components.menu import show_in_menu
from pages.ui.components.page_language import page_language
from pages.ui.model_choice import choose_model, load_model, tell_refusal
from pages.ui.warmup import start_warmup

ASSETS = Path(__file__).parents[2] / "assets"
STYLES, ICON = ASSETS / "css", ASSETS / "images" / "icon.svg"


def run_app() -> None:
    """Draw the frame, run the page in it, and bring the address bar up to date."""
    start_warmup()
    address.begin()
    st.html(STYLES / "house.css")
    if st.context.theme.type == "dark":
        st.html(STYLES / "dark.css")
    st.logo(ICON, size="large")
    language = _language()
    page_language(language)

    def say(key: str, /, **facts: object) -> str:
        return translate(language, "common", key, **facts)

    page = _navigation(say)
    show_in_menu(page.url_path)
    state.enter(page.url_path)
    address.enter(page.url_path)
    st.set_page_config(page_title=f"{page.title} · Inside BERT")
    with st.sidebar:
        model, unloaded = choose_model(say)
        if state.toggle("present", say("presenter"), help=say("presenter_help")):
            st.html(STYLES / "presenter.css")
        link = st.container()
    tell_refusal()
    if unloaded:
        model = load_model(unloaded, model, say)
    st.session_state["_model"] = model
    replaced = False
    try:
        page.run()
    except RerunException:
        replaced = True  # the next run knows more controls than this half of one
        raise
    finally:
        if not replaced:
            address.finish()
            with link:
                address.copy_button(say)


def _language() -> str:
    browser = (st.context.locale or "en").lower()
    default = "zh" if browser.startswith("zh") else "en"
    with st.sidebar:
        return state.choice(
            "lang", "Language · 语言", list(LANGUAGES), default, LANGUAGES.__getitem__, shared=True
        )


def _navigation(say: Say) -> st.Page:
    """The menu in the learner's language; remembers the pages for links between them."""
    pages: dict[str, list[st.Page]] = {}
    by_slug: dict[str, st.Page] = {}
    for stop in course.COURSE:
        page = st.Page(
            stop.file, title=say(f"title_{stop.slug}"), icon=stop.icon,
            url_path=stop.url_path, default=stop.slug == "home",
        )
        pages.setdefault(say(f"group_{stop.group}"), []).append(page)
        by_slug[stop.slug] = page
    st.session_state["_pages"] = by_slug
    if watch.status_offered():
        hidden = st.Page(
            watch.STATUS_FILE, title=say("title_status"), icon=":material/monitor_heart:",
            url_path="status", visibility="hidden",
        )
        pages[say("group_start")].append(hidden)
    return st.navigation(pages, expanded=True)
