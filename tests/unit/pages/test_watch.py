"""Which addresses there are beside Streamlit's own, and what they answer."""

import asyncio

import pytest
from starlette.requests import Request

from core.observe.prometheus import SETTING
from pages.ui import watch


def paths() -> dict[str, object]:
    return {route.path: route.endpoint for route in watch.routes()}


def asked(endpoint):
    request = Request({"type": "http", "method": "GET", "headers": []})
    return asyncio.run(endpoint(request))


def test_metrics_are_closed_unless_they_are_switched_on(monkeypatch):
    monkeypatch.delenv(SETTING, raising=False)
    assert list(paths()) == ["/_inside/ready"]
    monkeypatch.setenv(SETTING, "on")
    assert list(paths()) == ["/_inside/ready", "/_inside/metrics"]


def test_metrics_are_prometheus_text(monkeypatch):
    monkeypatch.setenv(SETTING, "on")
    answer = asked(paths()["/_inside/metrics"])
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert b"inside_bert_uptime_seconds" in answer.body


@pytest.mark.parametrize(("ready", "status"), [(True, 200), (False, 503)])
def test_a_server_is_ready_when_its_model_is(monkeypatch, ready, status):
    class Engine:
        def ready(self, model):
            return ready

    monkeypatch.setattr(watch, "chosen_engine", Engine)
    assert asked(paths()["/_inside/ready"]).status_code == status


def test_a_server_whose_engine_is_elsewhere_takes_visitors_also_while_that_is_gone(monkeypatch):
    monkeypatch.setenv("INSIDE_BERT_ENGINE", "http://127.0.0.1:9")
    assert asked(paths()["/_inside/ready"]).status_code == 200


@pytest.mark.parametrize(
    ("setting", "offered"), [("", True), ("open", True), ("off", False), ("a key", True)]
)
def test_the_status_page_can_be_taken_away(monkeypatch, setting, offered):
    monkeypatch.setenv(watch.STATUS_SETTING, setting)
    assert watch.status_offered() is offered
