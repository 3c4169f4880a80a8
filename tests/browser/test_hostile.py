"""Breaking texts through every page: nothing runs, nothing leaves, nothing is logged.

The short form of `python -m bench.hostile`, which also opens every view with every text.
"""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Browser, expect
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from bench.hostile import SHORT, Watched, visits, watching
from bench.hostile_strings import EVIL, OWN, joined
from bench.server import Server, served
from bench.swarm import Session
from pages.ui.catalogue import translate
from pages.ui.course import COURSE

CANARY = "quetzalcoatlus"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server") / "log"


@pytest.fixture(scope="module")
def server(log: Path) -> Iterator[Server]:
    """As talkative as it can be."""
    with served(options=["--logger.level=info"], log=log) as running:
        yield running


@pytest.fixture(scope="module")
def watched(chromium: Browser, server: Server) -> Iterator[Watched]:
    with watching(chromium, server.url) as tab:
        yield tab


@pytest.mark.parametrize("slug", [stop.slug for stop in COURSE])
def test_breaking_texts_stay_texts_on_every_page(watched, server, slug):
    ((_, views, _, found),) = visits(watched, server.url, [slug])
    assert views >= 2
    assert found == []


def test_every_short_string_has_its_page():
    assert len(joined(limit=SHORT)) <= len(COURSE)


def test_the_look_sees_what_it_looks_for_and_the_policy_stops_it(watched, server):
    """Markup put into the page by hand, as a hole would put it there."""
    watched.open(f"{server.url}/?lang=en")
    watched.found.clear()
    watched.page.evaluate(f"""() => document.body.insertAdjacentHTML("beforeend",
        `<img data-owned src=x onerror="{OWN}"><a href="{EVIL}/l">x</a>
         <img src="{EVIL}/i.png"><iframe srcdoc="<script>parent.__owned=1</script>"></iframe>`)""")
    watched.page.evaluate(
        f"() => {{ const s = document.createElement('script'); s.text = '{OWN}';"
        " document.body.append(s); }")
    watched.page.wait_for_function("() => window.__refused.length >= 3")
    watched.look()
    seen = " ".join(watched.found)
    for kind in ("element:", "handler:", "address:", "refused script-src-attr",
                 "refused script-src-elem", "refused img-src"):
        assert kind in seen
    assert "ran" not in [told.split()[0] for told in watched.found]
    assert not watched.page.evaluate("() => Boolean(window.__owned)")
    assert "left https://evil.test/i.png" in seen


def test_bertviz_draws_under_the_policy_of_the_page_around_it(watched, server):
    watched.found.clear()
    watched.open(f"{server.url}/views?lang=en&bv_on=true&text=It+was+<b>late</b>.")
    told = translate("en", "views", "bv_drawn", elements="X", seconds="X").split("X")
    said = watched.page.locator("p.told").filter(has_text=told[1].strip())
    expect(said.first).to_be_visible()
    watched.look()
    assert watched.found == []


def test_a_file_without_the_token_and_a_socket_of_another_site_are_refused(server):
    upload = urllib.request.Request(
        f"{server.url}/_stcore/upload_file/some-session/some-file", b"x", method="PUT"
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(upload, timeout=20)
    assert refused.value.code == 403

    async def from_elsewhere() -> int:
        address = server.url.replace("http", "ws", 1) + "/_stcore/stream"
        try:
            async with connect(address, subprotocols=["streamlit"], origin=EVIL):
                return 101
        except InvalidStatus as error:
            return error.response.status_code

    with ThreadPoolExecutor(1) as beside:
        assert beside.submit(asyncio.run, from_elsewhere()).result() == 403


def test_every_answer_carries_the_headers(server):
    for path in ("", "attention", "_stcore/health", "no/such/file.js"):
        try:
            said = urllib.request.urlopen(f"{server.url}/{path}", timeout=20)
        except urllib.error.HTTPError as error:
            said = error
        policy = said.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; "), path
        assert "unsafe-eval'" not in policy.replace("'wasm-unsafe-eval'", "")
        assert said.headers["X-Content-Type-Options"] == "nosniff"
        said.close()


def test_what_was_typed_is_not_in_the_log(server, log):
    async def type_it() -> None:
        session = Session(server.url, "wordpiece", {"lang": "en", "text": f"A {CANARY}."})
        await session.open()
        await session.write("text", f"Another {CANARY}!")
        for page in ("attention", "mlm", "compare", "train"):
            await session.goto(page)
        await session.close()
        assert session.exceptions == 0

    with ThreadPoolExecutor(1) as beside:
        beside.submit(asyncio.run, type_it()).result()
    urllib.request.urlopen(f"{server.url}/attention?text={CANARY}", timeout=20).close()
    said = log.read_text(encoding="utf-8", errors="replace")
    assert said  # it was heard
    for trace in (CANARY, "__owned", "otter", "evil.test", "Traceback"):
        assert trace not in said


@pytest.mark.parametrize("style", ["plain", "json"])
def test_a_failure_is_logged_without_what_caused_it(tmp_path, style):
    log = tmp_path / "log"

    async def fail(url: str) -> list[str]:
        session = Session(url, "")
        await session.open()
        await session.press("click")
        await session.write("text", CANARY)
        await session.close()
        return session.errors

    with served(
        "tests/browser/failing_page.py", options=["--logger.level=info"], log=log,
        environment={"INSIDE_BERT_LOG": style},
    ) as failing, ThreadPoolExecutor(1) as beside:
        errors = beside.submit(asyncio.run, fail(failing.url)).result()
    said = log.read_text(encoding="utf-8", errors="replace")
    assert errors
    assert "RuntimeError" in said and "ValueError" in said
    assert CANARY not in said
    assert "Traceback" not in said


def test_a_table_is_taken_under_the_policy_and_a_larger_one_is_not(watched, server, tmp_path):
    small, large = tmp_path / "lines.csv", tmp_path / "large.csv"
    small.write_text("label,text\n" + "a,<b>one</b>\nb,two\n" * 3, encoding="utf-8")
    large.write_text("label,text\n" + f"a,{'x' * 1000}\n" * 3000, encoding="utf-8")
    watched.found.clear()
    page = watched.page
    watched.open(f"{server.url}/train?lang=en")
    watched.open_all()
    box = page.locator("[data-testid=stFileUploader] input[type=file]")
    box.set_input_files(small)
    told = page.get_by_role("button", name=translate("en", "train", "upload_use", count=6))
    expect(told).to_be_visible()
    box.set_input_files(large)
    expect(page.get_by_test_id("stFileUploader")).to_contain_text("2.0MB")
    watched.settle()
    watched.look()
    assert watched.found == []
