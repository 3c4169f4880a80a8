"""The hub and Yahoo that take a connection and never answer: a sentence in time, and it goes on."""

import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import ModelOffline, QuotesOffline
from core.models import hub, registry
from core.stocks import live
from core.stocks.live import Live
from tests.unit.core.stocks.conftest import (
    _no_network,
    fresh_yfinance,
    loopback,
    yahoo,
)

__all__ = ["_no_network", "fresh_yfinance", "loopback", "yahoo"]

ROOT = Path(__file__).parents[2]
BASE = "bert-base-uncased"
ASK = """
import json, os, time
from core.errors import InsideBertError
from core.models import files, hub
hub.SILENCE = 1.5
begun = time.monotonic()
try:
    files.info("bert-base-uncased")
except InsideBertError as error:
    from huggingface_hub import constants, get_session
    print(json.dumps({
        "error": type(error).__name__, "seconds": time.monotonic() - begun,
        "limits": [constants.HF_HUB_ETAG_TIMEOUT, constants.HF_HUB_DOWNLOAD_TIMEOUT],
        "read": get_session().timeout.read,
    }))
"""


def test_a_hub_that_never_answers_is_given_up_and_every_request_to_it_has_a_limit(
    silent, tmp_path
):
    """In a process of its own: the hub's library reads its settings when it is imported."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGINGFACE_"))}
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, text=True, timeout=60,
        env=kept | {"HF_HOME": str(tmp_path), "HF_ENDPOINT": f"http://127.0.0.1:{silent}"},
        check=True,
    )
    told = json.loads(done.stdout)
    assert told["error"] == "ModelOffline" and told["seconds"] < 20
    assert told["limits"] == [hub.TIMEOUT, hub.TIMEOUT] and told["read"] == hub.TIMEOUT


@pytest.fixture
def download(monkeypatch, tmp_path):
    """Puts a download of our own in the library's place; it gets the folder it writes to."""
    import huggingface_hub
    from huggingface_hub import constants

    huggingface_hub.get_session()  # its first import takes a moment
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(hub, "SILENCE", 0.8)
    monkeypatch.setattr(hub, "LOOK", 0.02)
    folder = tmp_path / f"models--google-bert--{BASE}"
    folder.mkdir()

    def played(play) -> None:
        def fetch(*args, local_files_only=False, **options):
            if local_files_only:
                raise FileNotFoundError
            return play(folder)

        monkeypatch.setattr(huggingface_hub, "snapshot_download", fetch)

    return played


def test_a_slow_download_may_take_its_time_as_long_as_something_comes(download):
    def slowly(folder):
        for part in range(8):
            time.sleep(0.2)  # 1.6 seconds in all, more than twice the silence
            (folder / "part.incomplete").write_bytes(b"x" * (part + 1))
        return str(folder)

    download(slowly)
    assert hub.folder(registry.find(BASE)).name.endswith(BASE)


def test_a_download_that_stops_is_given_up(download):
    stuck = threading.Event()

    def stops(folder):
        (folder / "part.incomplete").write_bytes(b"x")
        stuck.wait(20)

    download(stops)
    begun = time.monotonic()
    with pytest.raises(ModelOffline):
        hub.folder(registry.find(BASE))
    assert time.monotonic() - begun < 5
    stuck.set()


# Yahoo

NOW = datetime(2024, 7, 12, 20, 30, tzinfo=UTC)
SYMBOLS = ["AAL", "AAPL", "MSFT", "GOOG", "AMZN"]


@pytest.fixture
def ask(loopback, tmp_path, monkeypatch):
    monkeypatch.setattr(live, "_flights", {})
    monkeypatch.setattr(live, "_failures", {})

    def make(**options) -> Live:
        return Live(**{"folder": tmp_path / "quotes", "session": loopback, "pause": 0.001,
                       "now": lambda: NOW, "patience": 0.4, **options})

    return make


def test_a_yahoo_that_never_says_a_word_is_given_up(ask, loopback, silent):
    loopback.port = silent
    begun = time.monotonic()
    with pytest.raises(QuotesOffline):
        ask().prices(["AAL"])
    assert time.monotonic() - begun < 3


def test_several_attempts_together_take_no_longer_than_one_may(ask, loopback, monkeypatch):
    """A request that fails after a while is asked again, but not for ever."""
    def slow(*args, **options):
        time.sleep(0.3)
        raise ConnectionResetError(104, "reset")

    monkeypatch.setattr(loopback, "request", slow)
    begun = time.monotonic()
    with pytest.raises(QuotesOffline):
        ask().prices(["AAL"])
    assert time.monotonic() - begun < 1.5


def test_a_long_list_of_tickers_waits_for_a_hanging_yahoo_once(ask, yahoo):
    ask(patience=5.0).prices(["AAL"])
    yahoo.mood = "hang"
    source = ask()
    begun = time.monotonic()
    assert len(source.tweets(SYMBOLS)) == 0
    assert time.monotonic() - begun < 3
    assert len(source.prices(["AAL"])) > 0  # of the stored answer, without asking again
    assert {f.code for f in source.findings} >= {"no_headlines"}


def test_those_who_wait_for_the_same_ticker_share_the_failure_too(ask, yahoo):
    yahoo.mood = "hang"

    def fails(_) -> bool:
        with pytest.raises(QuotesOffline):
            ask().prices(["AAL"])
        return True

    begun = time.monotonic()
    with ThreadPoolExecutor(8) as room:
        assert all(room.map(fails, range(8)))
    assert time.monotonic() - begun < 3
