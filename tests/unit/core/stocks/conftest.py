"""A Yahoo Finance on loopback that plays the answers in yahoo/; nothing reaches the network."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from curl_cffi import requests as curl

ANSWERS = Path(__file__).parent / "yahoo"


class Handler(BaseHTTPRequestHandler):
    server: "Yahoo"

    def log_message(self, *args: object) -> None:
        return

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer()

    def _answer(self) -> None:
        path = urlsplit(self.path).path
        kind = next((k for k in ("chart", "news", "quote") if k in self._kind(path)), "other")
        self.server.asked[kind] += 1
        status, body = self.server.play(kind, path.rsplit("/", 1)[-1])
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _kind(self, path: str) -> str:
        if path.startswith("/v8/finance/chart"):
            return "chart"
        if path.startswith("/xhr/ncp"):
            return "news"
        return "quote" if "quote" in path.lower() else "other"


class Yahoo(ThreadingHTTPServer):
    """`mood` of the answers: "" good ones, else "html", "limit", "empty", "null", "text", "hang",
    or "502"; `moods` are taken first, one a chart request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: Counter[str] = Counter()
        self.mood, self.moods = "", []  # type: str, list[str]
        self.released = threading.Event()

    def play(self, kind: str, name: str) -> tuple[int, str]:
        if kind == "other":
            return 200, "crumb"
        mood = self.moods.pop(0) if self.moods and kind == "chart" else self.mood
        if mood == "hang":
            self.released.wait(20)
        fixed = {
            "html": (200, (ANSWERS / "error.html").read_text()),
            "502": (502, (ANSWERS / "error.html").read_text()),
            "limit": (429, "Too Many Requests"),
            "empty": (200, (ANSWERS / "chart_empty.json").read_text()),
            "null": (200, json.dumps({"chart": {"result": None, "error": None}})),
            "text": (200, ""),
        }
        if mood in fixed:
            return fixed[mood]
        path = ANSWERS / ("news_AAL.json" if kind == "news" else f"{kind}_{name}.json")
        if path.is_file():
            return 200, path.read_text()
        return 404, (ANSWERS / f"{kind}_unknown.json").read_text()


class Loopback(curl.Session):
    """Sends every request to one port of this machine, whatever host it was meant for."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    def request(self, method, url, *args, **kwargs):  # type: ignore[no-untyped-def]
        parts = urlsplit(url)
        here = f"http://127.0.0.1:{self.port}{parts.path}?{parts.query}"
        return super().request(method, here, *args, **kwargs)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What slips past the loopback session meets a proxy that nobody runs."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setenv("INSIDE_BERT_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def fresh_yfinance(monkeypatch: pytest.MonkeyPatch) -> None:
    """yfinance without what it remembers of earlier tests."""
    from yfinance import cache, data

    monkeypatch.setattr(cache._TzCacheManager, "_tz_cache", cache._TzCacheDummy())
    monkeypatch.setattr(cache._CookieCacheManager, "_Cookie_cache", cache._CookieCacheDummy())
    monkeypatch.setattr(data.SingletonMeta, "_instances", {})
    data.YfData.cache_get.cache_clear()


@pytest.fixture
def yahoo(fresh_yfinance: None) -> Iterator[Yahoo]:
    server = Yahoo()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def loopback(yahoo: Yahoo) -> Loopback:
    return Loopback(yahoo.server_port)
