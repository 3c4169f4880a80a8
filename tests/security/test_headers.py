"""The headers of every answer, and the policy of a page."""

import asyncio
import re

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

from lessons.views.bertviz import VIEWS
from lessons.views.bertviz_document import _scripts, checksum
from pages.ui import headers
from pages.ui.headers import FRAMES_SETTING, NOT_A_PAGE, Headers, policy

SCRIPTS = re.compile(r"'sha256-[A-Za-z0-9+/=]{44}'")


@pytest.fixture(autouse=True)
def fresh():
    policy.cache_clear()
    yield
    policy.cache_clear()


def rules() -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in policy().split("; ")}


def answered(path: str) -> dict[str, str]:
    """The headers of an application's answer once they are added."""
    app = Starlette(routes=[
        Route("/", lambda _: HTMLResponse("<p>a page</p>")),
        Route("/data", lambda _: PlainTextResponse("<script>1</script>")),
    ])
    sent: list[dict] = []

    async def ask() -> None:
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [],
                 "root_path": "", "http_version": "1.1", "scheme": "http"}

        async def receive() -> dict:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message) -> None:
            sent.append(message)

        await Headers(app)(scope, receive, send)

    asyncio.run(ask())
    return {k.decode(): v.decode() for k, v in sent[0]["headers"]}


def test_no_script_runs_that_is_written_into_a_page_or_made_of_text():
    sources = rules()["script-src"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "data:", "*", "https:",
                "http:"} & set(sources)
    assert [s for s in sources if not SCRIPTS.fullmatch(s)] == [
        "'self'", "blob:", "'wasm-unsafe-eval'"
    ]


def test_what_no_rule_names_is_forbidden_and_nothing_is_asked_elsewhere():
    said = rules()
    assert said["default-src"] == ["'none'"]
    for name in ("worker-src", "frame-src", "base-uri", "form-action"):
        assert said[name] == ["'none'"]
    elsewhere = [s for sources in said.values() for s in sources
                 if re.match(r"https?:|wss?:|\*|//", s)]
    assert elsewhere == []


def test_the_shells_own_script_and_bertvizs_are_named_by_their_checksums():
    shell = headers._SHELL.read_text(encoding="utf-8")
    written_in = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", shell, re.DOTALL)
    wanted = [*written_in, *(code for view in VIEWS for code in _scripts(view))]
    assert written_in
    assert {f"'{checksum(code)}'" for code in wanted} <= set(rules()["script-src"])


def test_a_page_gets_the_policy_and_every_other_answer_can_be_no_page():
    assert answered("/")["content-security-policy"] == policy()
    assert answered("/data")["content-security-policy"] == NOT_A_PAGE
    assert "sandbox" in NOT_A_PAGE
    for path in ("/", "/data", "/missing"):
        said = answered(path)
        assert said["x-content-type-options"] == "nosniff"
        assert said["referrer-policy"] == "no-referrer"
        assert said["cross-origin-opener-policy"] == "same-origin"
        assert said["x-frame-options"] == "SAMEORIGIN"
        assert "camera=()" in said["permissions-policy"]


def test_a_course_site_may_frame_the_app_where_the_server_says_so(monkeypatch):
    assert rules()["frame-ancestors"] == ["'self'"]
    policy.cache_clear()
    monkeypatch.setenv(FRAMES_SETTING, "https://moodle.example.edu http://lms.example:8080")
    assert rules()["frame-ancestors"] == [
        "'self'", "https://moodle.example.edu", "http://lms.example:8080"
    ]
    assert "x-frame-options" not in answered("/")


@pytest.mark.parametrize("address", [
    "*", "https:", "moodle.example.edu", "https://a.example;script-src", "'unsafe-inline'",
    "javascript:alert(1)", "https://a.example/path",
])
def test_what_is_no_address_does_not_get_into_the_policy(monkeypatch, address):
    monkeypatch.setenv(FRAMES_SETTING, address)
    with pytest.raises(ValueError):
        policy()
