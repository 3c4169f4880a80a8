"""The teacher's page: numbers of the server in both languages, for whoever may see them."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.engine import local_engine
from core.observe import logs
from core.observe.recorder import Recorder, recorder
from core.observe.snapshot import EngineLoad, JobLoad, Snapshot
from lessons.text import LANGUAGES
from lessons.theme import DARK, LIGHT
from pages.start import status_views as views
from pages.ui.catalogue import strings, translate
from pages.ui.failures import log_failure
from pages.ui.stopwatch import page_of
from pages.ui.watch import STATUS_SETTING

ROOT = Path(__file__).parents[2]
FILE = "pages/start/status.py"
SECRET = "nobody may read this"


def arrive(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(FILE)
    app.run()
    assert not app.exception
    return app


def shown(app: AppTest) -> str:
    return " ".join(str(item.proto.body) for item in app.get("html"))


def t(language):
    return lambda key, /, **facts: translate(language, "status", key, **facts)


def a_snapshot(**changes) -> Snapshot:
    seen = Recorder()
    for seconds in changes.pop("waits", (0.02, 0.04)):
        seen.note("mlm", "page", seconds)
    facts = {
        "uptime": 7500.0, "sessions": 123, "lately": seen.quantiles(), "always": seen.quantiles(),
        "noted": seen.noted, "counts": {}, "refused_ago": float("inf"),
        "engine": EngineLoad("this process, cpu", False, ("embedded",), 4, 1, 1234),
        "jobs": JobLoad(2, 1, 1), "memory": 1_200_000_000, "memory_limit": 25 * 10**9,
        "processor": 0.7, "cores": 2,
    }
    return Snapshot(**(facts | changes))


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_shows_the_server_in_the_learners_language(language):
    local_engine().warm("embedded")
    app = arrive(lang=language)
    assert app.title[0].value == translate(language, "common", "title_status")
    html = shown(app)
    for key in ("sessions", "wait", "queue", "told", "model", "memory", "jobs", "uptime"):
        assert strings(language, "status")[key] in html
    assert "embedded" in html


def test_nothing_that_was_typed_is_on_it():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.query_params["text"] = SECRET
    app.switch_page("pages/inside/wordpiece.py")
    app.run()
    app.switch_page(FILE)
    app.run()
    assert not app.exception
    assert SECRET not in shown(app)


def test_a_key_opens_it_and_stays_with_the_tab(monkeypatch):
    monkeypatch.setenv(STATUS_SETTING, "a key")
    locked = translate("en", "status", "locked")
    assert [item.value for item in arrive(lang="en").info] == [locked]
    assert [item.value for item in arrive(lang="en", key="another").info] == [locked]
    app = arrive(lang="en", key="a key")
    assert not app.info and "ib-big" in shown(app)
    del app.query_params["key"]  # as the address bar does
    app.run()
    assert not app.info and "ib-big" in shown(app)
    assert "key" not in app.session_state["_address"]


def test_switched_off_it_is_no_page_at_all(monkeypatch):
    monkeypatch.setenv(STATUS_SETTING, "off")
    app = arrive(lang="en", key="off")
    assert "ib-big" not in shown(app)
    assert translate("en", "common", "title_status") not in [title.value for title in app.title]


def test_a_refusal_told_to_a_learner_is_counted(monkeypatch):
    before = recorder().counts.get("empty_text", 0)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.query_params["text"] = " "
    app.switch_page("pages/inside/wordpiece.py")
    app.run()
    assert app.warning and recorder().counts["empty_text"] == before + 1


def test_the_browsers_name_of_each_page_is_known_to_the_stopwatch():
    app = arrive()
    for slug, page in app.session_state["_pages"].items():
        assert page_of(page._script_hash, "") == slug


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, ("well", "good")),
        ({"waits": ()}, ("quiet", "good")),
        ({"waits": (0.1, 3.0)}, ("slow", "bad")),
        ({"refused_ago": 12.0}, ("turned", "bad")),
        ({"engine": EngineLoad("this process, cpu", False)}, ("loading", "bad")),
        ({"engine": EngineLoad("http://gpu:8600", True)}, ("well", "good")),
    ],
)
def test_one_sentence_says_how_it_goes(changes, state):
    assert views.state_of(a_snapshot(**changes)) == state


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_chart_leaves_a_gap_where_nobody_did_anything(language, theme):
    now = [0.0]
    seen = Recorder(clock=lambda: now[0])
    seen.note("mlm", "page", 0.5)
    now[0] = 300.0
    seen.note("mlm", "page", 0.02)
    figure = views.waits(seen.timeline(views.SPAN, views.STEP), theme, t(language))
    for line in figure.data:
        assert [y for y in line.y if y is not None] == [0.5, 0.02]


def test_an_address_of_an_engine_is_text_and_no_markup():
    html = views.small_facts(a_snapshot(engine=EngineLoad("<img src=x onerror=y>", True)), t("en"))
    assert "<img" not in html


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0004, "0 ms"), (0.038, "38 ms"), (0.9994, "999 ms"), (1.0, "1 s"), (1.44, "1.4 s"),
     (12.3, "12 s")],
)
def test_a_wait_is_written_short(seconds, text):
    assert views.duration(seconds, t("en")) == text


def test_a_defect_is_logged_by_kind_and_place_and_counted(monkeypatch):
    lines = []
    monkeypatch.setattr(logs, "event", lambda level, event, **fields: lines.append(fields))
    before = recorder().counts.get("failed", 0)
    try:
        {}[SECRET]
    except KeyError as error:
        log_failure(error)
    assert recorder().counts["failed"] == before + 1
    line, = lines
    assert line["error"] == "KeyError"
    assert line["place"].startswith("tests/pages/test_status_page.py:")
    assert SECRET not in str(line)
