"""Any text through every lesson: an answer that is valid JSON, or one of our own errors."""

import importlib
import inspect
import json
import os
import pkgutil
from collections.abc import Callable
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lessons
from bench.hostile_strings import ALL
from core.contract import MAX_CHARACTERS
from core.engine.local import LocalEngine, local_engine
from core.engine.stub import StubEngine
from core.errors import InsideBertError
from lessons.cli.table import COMMANDS

HEAVY = {
    "lessons.compare.pool", "lessons.recurrent.race", "lessons.recurrent.small",
    "lessons.stocks.lesson", "lessons.three_ways.leak", "lessons.train.lesson",
}
"""These learn for seconds or time the machine; what they are given is checked in tests/unit."""
WITH_WEIGHTS = {"lessons.stocks.tweet"}
"""These need the embedded model's own vectors; a stub's random ones do for the others."""
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "20"))
"""Of each; a long run sets more."""
WORDS = ("the", "bank", "[MASK]", "it", "money", "。", "银行", "two  spaces", "don't", ".")
OFTEN = ("text", "text_b", "query", "word", "other", "lines", "a", "b", "c")


@cache
def found() -> dict[str, Callable[..., Any]]:
    """What answers in each module of lessons/: its `run`, or what the command line calls there."""
    runs = {}
    for module in pkgutil.walk_packages(lessons.__path__, "lessons."):
        if module.name in HEAVY or module.name.endswith("__main__") or ".cli" in module.name:
            continue
        run = getattr(importlib.import_module(module.name), "run", None)
        if inspect.isfunction(run) and run.__module__ == module.name and (
            list(inspect.signature(run).parameters)[:2] == ["engine", "request"]
        ):
            runs[module.name] = run
    for command in COMMANDS:
        if command.module not in HEAVY:
            runs[f"{command.module}, command"] = getattr(
                importlib.import_module(command.module), command.run
            )
    return runs


@cache
def engine(name: str) -> LocalEngine:
    return local_engine() if name in WITH_WEIGHTS else StubEngine()


anything = st.text(st.characters(exclude_categories=()), max_size=40)  # lone surrogates too
words = st.lists(st.sampled_from(WORDS) | anything, min_size=1, max_size=8).map(" ".join)
texts = st.one_of(
    words, anything, st.sampled_from(ALL), st.tuples(words, st.sampled_from(ALL)).map(" ".join),
    st.sampled_from(["", " ", "\n\n", "\x00", "\ud800", "a" * 300, "x" * (MAX_CHARACTERS + 1)]),
)
numbers = st.one_of(st.integers(0, 3), st.sampled_from([-1, 12, 511, 10**9]))


def requests(kind: type, *, open_: bool) -> st.SearchStrategy[Any]:
    """Requests of this dataclass: any text for what a learner writes, elsewhere the default.

    open_ : on the command line, where no control has checked the other values
    """
    given_: dict[str, st.SearchStrategy[Any]] = {}
    types = get_type_hints(kind)
    for field in fields(kind):
        usual = st.nothing() if field.default is MISSING else st.just(field.default)
        if field.name == "model":
            given_[field.name] = st.just("embedded")
        elif field.name in OFTEN:
            given_[field.name] = texts
        elif types[field.name] is str and open_:
            given_[field.name] = st.one_of(usual, usual, anything)
        elif types[field.name] is int and open_:
            given_[field.name] = st.one_of(usual, numbers)
        elif field.default is MISSING:
            given_[field.name] = st.from_type(types[field.name])
    return st.builds(kind, **given_)


@pytest.mark.parametrize("name", sorted(found()))
def test_any_text_is_answered_or_refused_in_a_sentence(name):
    run, by_command = found()[name], name.endswith(", command")
    to_json = inspect.getmodule(run).to_json if by_command else None

    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(requests(get_type_hints(run)["request"], open_=by_command))
    def check(request: Any) -> None:
        try:
            result = run(engine(name), request)
        except InsideBertError:
            return
        if to_json:
            assert json.loads(json.dumps(to_json(result), allow_nan=False))

    check()


def test_every_lesson_is_among_them():
    covered = {name.split(".")[1] for name in (*found(), *HEAVY)}
    every = {m.name for m in pkgutil.iter_modules(lessons.__path__) if m.ispkg}
    assert every - covered <= {"cli", "home"}
