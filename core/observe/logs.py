"""What the server says on stderr: one line an event, and no line holds what anybody typed.

    INSIDE_BERT_LOG=plain   inside-bert warning refused page=attention error=Busy
    INSIDE_BERT_LOG=json    {"time": "...", "level": "warning", "event": "refused", ...}

It is quiet: start, ready, end, and what went wrong. An event's fields are named here; lines of
other libraries are cut to who spoke, from which line of code, and the kind of error, because
their sentences may repeat a visitor's. INSIDE_BERT_LOG=full leaves those as they are, tracebacks
included: for development alone.
"""

import json
import logging
import os
import sys
import threading
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = f"{Path(__file__).parents[2]}/"
SETTING = "INSIDE_BERT_LOG"
FULL = "full"
FIELDS = ("page", "kind", "seconds", "error", "place", "model", "backend", "address", "count",
          "job", "signal")
LIBRARIES = ("streamlit", "uvicorn", "starlette", "asyncio", "transformers", "huggingface_hub",
             "yfinance", "ray")
REST = 1.0  # seconds until an equal event is written again; those between are counted
LONGEST = 200  # characters of a field

_log = logging.getLogger("inside_bert")
_said: dict[tuple[str, ...], list[float]] = {}
_lock = threading.Lock()


def event(level: int, name: str, /, **fields: object) -> None:
    """Say that something happened; the fields are among FIELDS.

    Equal events within a second become one line that says how many they were.
    """
    if unknown := set(fields) - set(FIELDS):
        raise TypeError(f"no field of a log line: {sorted(unknown)}")
    key = (name, *(str(fields.get(f)) for f in ("page", "error", "place")))
    with _lock:
        now = time.monotonic()
        last = _said.setdefault(key, [-REST, 0.0])
        if now - last[0] < REST:
            last[1] += 1
            return
        if last[1]:
            fields["count"] = int(last[1]) + 1
        last[:] = [now, 0.0]
        if len(_said) > 1000:
            _said.clear()
    _log.log(level, name, extra={"fields": fields})


def info(name: str, /, **fields: object) -> None:
    event(logging.INFO, name, **fields)


def warning(name: str, /, **fields: object) -> None:
    event(logging.WARNING, name, **fields)


def error(name: str, /, **fields: object) -> None:
    event(logging.ERROR, name, **fields)


def failed(error: BaseException, **fields: object) -> None:
    """A defect: its kind and place, without its sentence, which may repeat a visitor's."""
    event(logging.ERROR, "failed", error=type(error).__name__, place=place_of(error), **fields)


def place_of(error: BaseException) -> str:
    """The file, from the root of the project, and line that an exception came from."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.removeprefix(ROOT)}:{frames[-1].lineno}" if frames else "unknown"


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """What may be written of a record, in order."""
    if record.name == _log.name:
        facts: dict[str, Any] = {"event": record.getMessage(), **getattr(record, "fields", {})}
    else:
        place = f"{record.name}:{record.module}:{record.lineno}"
        facts = {"event": "library", "place": place}
    if record.exc_info and record.exc_info[0]:
        facts.setdefault("error", record.exc_info[0].__name__)
    return {"level": record.levelname.lower()} | {
        name: _short(value) for name, value in facts.items() if value is not None
    }


def _short(value: object) -> object:
    if isinstance(value, float):
        return round(value, 4)
    if value is None or isinstance(value, (bool, int)):
        return value
    return " ".join(str(value).split())[:LONGEST]


class Plain(logging.Formatter):
    """`inside-bert warning refused page=attention error=Busy`"""

    def format(self, record: logging.LogRecord) -> str:
        facts = facts_of(record)
        level, name = facts.pop("level"), facts.pop("event")
        return " ".join(["inside-bert", level, name, *(f"{k}={v}" for k, v in facts.items())])


class Json(logging.Formatter):
    """One object a line, with the time in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return json.dumps({"time": moment} | facts_of(record), ensure_ascii=False)


class _Stderr(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to what stderr is now, and never fails because nobody reads it."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """A closed pipe or a full disk must not end what was being logged."""


def set_up(style: str | None = None) -> None:
    """Say events on stderr from here on.

    style : json, plain or full; None reads INSIDE_BERT_LOG
    """
    style = style or os.environ.get(SETTING, "").strip().lower() or "plain"
    handler = _Stderr()
    handler.setFormatter(Json() if style == "json" else Plain())
    _log.handlers[:] = [handler]
    _log.setLevel(logging.INFO)
    _log.propagate = False
    if style != FULL:
        adopt_libraries()


def adopt_libraries() -> None:
    """Bring what other libraries say into one form with the events.

    Loggers that are made later keep their own form, so ask again once everything is loaded.
    """
    if os.environ.get(SETTING, "").strip().lower() == FULL:
        return
    for name in [*LIBRARIES, *logging.root.manager.loggerDict]:
        if name.split(".")[0] in LIBRARIES:
            library = logging.getLogger(name)
            top = name in LIBRARIES
            library.handlers[:] = _log.handlers if top else []
            library.propagate = not top
            library.setLevel(max(library.level, logging.WARNING))
