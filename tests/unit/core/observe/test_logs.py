"""One line an event, in JSON or plain, and never a sentence that a visitor could have written."""

import io
import json
import logging
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.observe import logs

ROOT = Path(__file__).parents[4]
SECRET = "my grandmother's diagnosis"


@pytest.fixture
def said(capsys):
    """Set up the log in a style; what it has written since, line by line."""
    before = {n: (list(x.handlers), x.propagate, x.level) for n, x in _loggers().items()}
    logs._said.clear()
    written = [""]

    def lines():
        written[0] += capsys.readouterr().err
        return written[0].splitlines()

    def start(style):
        logs.set_up(style)
        return lines

    yield start
    for name, logger in _loggers().items():
        handlers, propagate, level = before.get(name, ([], True, logging.NOTSET))
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)


def _loggers():
    found = logging.root.manager.loggerDict
    return {name: item for name, item in found.items() if isinstance(item, logging.Logger)}


def test_an_event_is_one_object_with_its_fields(said):
    lines = said("json")
    logs.warning("slow", page="attention", kind="page", seconds=12.34567)
    one, = map(json.loads, lines())
    assert one.pop("time").endswith("+00:00")
    assert one == {"level": "warning", "event": "slow", "page": "attention", "kind": "page",
                   "seconds": 12.3457}


def test_plain_is_one_line_too(said):
    lines = said("plain")
    logs.error("failed", error="KeyError", place="a\nb")
    assert lines() == ["inside-bert error failed error=KeyError place=a b"]


def test_an_event_has_no_place_for_a_text(said):
    said("json")
    with pytest.raises(TypeError):
        logs.error("failed", text=SECRET)


@pytest.mark.parametrize("style", ["json", "plain"])
@pytest.mark.parametrize("name", ["streamlit.runtime.scriptrunner", "uvicorn.error", "asyncio"])
def test_what_libraries_say_is_cut_to_where_and_which_error(said, name, style):
    logging.getLogger(name).addHandler(logging.StreamHandler())
    lines = said(style)
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger(name).exception("cannot read %s", SECRET)
    one, = lines()
    assert "library" in one and "ValueError" in one
    assert f"{name}:test_logs:" in one
    assert SECRET not in one


def test_for_development_libraries_may_speak_as_they_do(said, monkeypatch):
    monkeypatch.setenv(logs.SETTING, "full")
    lines = said(None)
    logging.getLogger("streamlit.errors").addHandler(logging.StreamHandler(logs.sys.stderr))
    logging.getLogger("streamlit.errors").error("a whole sentence")
    logs.adopt_libraries()
    assert "a whole sentence" in lines()


def test_streamlit_prints_no_exceptions_past_the_log():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["logger"]["enableRich"] is False


def test_equal_events_within_a_second_become_one_that_counts_them(said, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(logs, "time", SimpleNamespace(monotonic=lambda: now[0]))
    lines = said("json")
    for _ in range(50):
        logs.warning("slow", page="mlm")
    logs.warning("slow", page="nsp")
    assert len(lines()) == 2
    now[0] += 1.1
    logs.warning("slow", page="mlm")
    assert json.loads(lines()[-1])["count"] == 50  # the 49 that were held back, and this one


def test_a_stderr_that_takes_no_more_ends_nothing(said, monkeypatch):
    class Full(io.StringIO):
        def write(self, _):
            raise OSError(28, "No space left on device")

    said("json")
    monkeypatch.setattr(sys, "stderr", Full())
    logs.error("failed", error="OSError")
