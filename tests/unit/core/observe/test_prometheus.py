"""A scrape is read by Prometheus' own parser and says what the engine and the recorder say."""

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as read_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as read_text

from core.contract import TraceRequest
from core.engine import chosen
from core.engine.stub import StubEngine
from core.observe import machine, snapshot
from core.observe.prometheus import Server, exposition
from core.observe.recorder import Recorder


@pytest.fixture
def engine(monkeypatch):
    engine = StubEngine()
    monkeypatch.setattr(snapshot, "chosen_engine", lambda: engine)
    return engine


def scraped(seen=None, accept="", sessions=3):
    seen = seen or Recorder()
    body, kind = exposition(Server(lambda: snapshot.take(sessions, seen), seen), accept)
    read = read_openmetrics if "openmetrics" in kind else read_text
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in read(body.decode()) for sample in family.samples
    }


@pytest.mark.parametrize("accept", ["", "application/openmetrics-text; version=1.0.0"])
def test_sixty_questions_for_one_example_are_one_forward_pass(engine, accept):
    engine.warm("embedded")
    for _ in range(60):
        engine.trace(TraceRequest("An example.", keep=frozenset({"weights"})))
    found = scraped(accept=accept)
    assert found["inside_bert_forward_passes_total",] == 1
    assert found["inside_bert_models_in_memory",] == 1
    assert found["inside_bert_queue_depth",] == 0
    assert found["inside_bert_sessions",] == 3


def test_interactions_arrive_as_a_histogram_for_each_page_and_kind(engine):
    seen = Recorder()
    for seconds in (0.04, 0.2, 2.0):
        seen.note("attention", "fragment", seconds)
    found = scraped(seen)
    name = "inside_bert_interaction_seconds"
    assert found[name + "_count", "fragment", "attention"] == 3
    assert sum(v for k, v in found.items() if k[0] == name + "_sum") == pytest.approx(2.24)
    below = {k: v for k, v in found.items() if k[0] == name + "_bucket" and "0.3" in k}
    assert list(below.values()) == [2]


def test_refusals_are_counted_by_what_was_said(engine):
    seen = Recorder()
    seen.count("busy")
    seen.count("busy")
    seen.count("empty_text")
    found = scraped(seen)
    assert found["inside_bert_told_total", "busy"] == 2
    assert snapshot.take(None, seen).refused == 2


def test_an_engine_elsewhere_is_not_asked_for_its_figures(monkeypatch):
    monkeypatch.setenv(chosen.ENGINE_SETTING, "http://127.0.0.1:9")
    found = scraped()
    assert ("inside_bert_forward_passes_total",) not in found
    assert ("inside_bert_engine_info", "http://127.0.0.1:9") in found


def test_memory_and_processor_are_those_of_this_process(engine):
    now = snapshot.take()
    assert 10**7 < now.memory < now.memory_limit
    assert 0.0 <= now.processor <= now.cores + 1.0
    assert now.sessions is None
    assert machine.resident(2**30) is None  # no such process


def test_the_share_of_a_core_is_that_of_the_last_seconds(monkeypatch):
    now = [0.0, 0.0]  # seconds on the wall, seconds of work
    monkeypatch.setattr(machine.Processor, "_now", staticmethod(lambda: tuple(now)))
    watched = machine.Processor(window=10.0)
    now[:] = 4.0, 4.0
    assert watched.share() == pytest.approx(1.0)
    for second in range(5, 31):  # then nothing any more
        now[0] = second
        last = watched.share()
    assert last == pytest.approx(0.0)
