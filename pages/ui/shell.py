"""What surrounds a page: navigation, language, model, presenter mode, the link to this screen."""

import os
from pathlib import Path

import streamlit as st

from core.engine import local_engine
from core.errors import Busy, InsideBertError
from core.models.registry import EMBEDDED, OFFER_SETTING, RegistryEntry, offered
from pages.ui import address, course, state
from pages.ui.catalogue import LANGUAGES, translate
from pages.ui.components.page_language import page_language
from pages.ui.warmup import start_warmup

CSS = Path(__file__).parents[2] / "assets" / "css" / "house.css"
PROJECTOR = "<style>:root{font-size:21px} [data-testid=stMainBlockContainer]{max-width:96rem}</style>"


def run_app() -> None:
    """Draw the frame, run the page in it, and bring the address bar up to date."""
    page = draw_shell()
    try:
        page.run()
    finally:
        address.finish()


def draw_shell() -> st.Page:
    """Draw the frame and hand back the page to run."""
    start_warmup()
    address.begin()
    state.begin()
    st.html(CSS)
    language = _language()
    page_language(language)

    def say(key: str, /, **facts: object) -> str:
        return translate(language, "common", key, **facts)

    pages = {
        say(f"group_{group}"): [
            st.Page(stop.file, title=say(f"title_{stop.slug}"), icon=stop.icon,
                    url_path=stop.url_path, default=stop.slug == "home")
            for stop in course.COURSE
            if stop.group == group
        ]
        for group in course.GROUPS if any(s.group == group for s in course.COURSE)
    }
    chosen = st.navigation(pages)
    st.session_state["_pages"] = {
        stop.slug: page
        for stop, page in zip(course.COURSE, [p for g in pages.values() for p in g], strict=True)
    }
    with st.sidebar:
        st.session_state["_model"] = _model(say)
        if state.toggle("present", say("presenter"), help=say("presenter_help")):
            st.html(PROJECTOR)
        with st.popover(say("link"), icon=":material/link:", width="stretch"):
            st.caption(say("link_help"))
            st.code(_link(), language=None, wrap_lines=True)
    return chosen


def _language() -> str:
    browser = (st.context.locale or "en").lower()
    default = "zh" if browser.startswith("zh") else "en"
    with st.sidebar:
        return state.choice(
            "lang", "Language · 语言", list(LANGUAGES), default, LANGUAGES.__getitem__, shared=True
        )


def _allowed() -> list[str] | None:
    """The class server's list: secrets.toml `offer = [...]`, else the environment setting."""
    if OFFER_SETTING in os.environ or not any(p.exists() for p in _secrets_files()):
        return None
    listed = st.secrets.get("offer")
    return [str(entry) for entry in listed] if listed else None


def _secrets_files() -> tuple[Path, Path]:
    name = Path(".streamlit") / "secrets.toml"
    return Path.cwd() / name, Path.home() / name


def _model(say) -> str:  # type: ignore[no-untyped-def]
    """The model in use; one that cannot be loaded is named in one sentence and not used."""
    entries = {entry.id: entry for entry in offered(_allowed())}
    first = EMBEDDED if EMBEDDED in entries else next(iter(entries))
    wanted = state.picked(
        "model", say("model"), list(entries), first,
        lambda model: say("embedded_name") if model == EMBEDDED else entries[model].label,
        shared=True,
    )
    if wanted == first or _usable(entries[wanted], say):
        return wanted
    return st.session_state.get("_model", first) if wanted != st.session_state.get("_model") else first


def _usable(entry: RegistryEntry, say) -> bool:  # type: ignore[no-untyped-def]
    engine = local_engine()
    if engine.ready(entry.id):
        return True
    bar = st.progress(0.0, say("loading", model=entry.label))
    try:
        engine.warm(
            entry.id,
            lambda stage, share: bar.progress(share, say(f"loading_{stage}", model=entry.label)),
        )
    except Busy:
        st.warning(say("errors_busy"))
        return False
    except InsideBertError as error:
        st.warning(say(f"errors_{error.key}", **error.facts), icon=":material/cloud_off:")
        st.caption(say("model_kept"))
        return False
    finally:
        bar.empty()
    return True


def _link() -> str:
    """The address of this screen; the browser's own address bar shows the same."""
    base = (st.context.url or "").split("?")[0]
    pairs = [(k, v) for k, v in st.query_params.items()]
    from urllib.parse import urlencode

    return f"{base}?{urlencode(pairs)}" if pairs else base
