"""The engine on another machine goes, hangs, drips, or answers nonsense: a sentence, and back."""

import socket
import threading
import time
from collections.abc import Callable

import pytest

from bench.server import free_port
from core.engine.stub import StubEngine
from core.errors import EngineUnavailable, OutOfMemory
from core.remote import engine as remote
from core.remote.engine import RemoteEngine
from core.remote.service import listening
from core.remote.wire import pack
from pages.ui.failures import sentence_for

GOOD = pack(True)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
NONSENSE = {
    "HTML with 200": OK % 13 + b"<html></html>",
    "HTML with 500": b"HTTP/1.1 500 No\r\nContent-Length: 13\r\n\r\n<html></html>",
    "a gateway's 502": b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
    "JSON of another kind": b"HTTP/1.1 500 No\r\nContent-Length: 13\r\n\r\n{\"detail\": 1}",
    "half an answer": OK % (len(GOOD) + 50) + GOOD,
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "nothing at all": b"",
}


class Played:
    """A port that does with each connection what the next of `turns` says, the last for ever."""

    def __init__(self, *turns: Callable[[socket.socket], None]) -> None:
        self._turns, self.asked = list(turns), 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                turn = self._turns[min(self.asked, len(self._turns) - 1)]
                self.asked += 1
                try:
                    turn(connection)
                except OSError:
                    pass

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def played():
    made = []

    def play(*turns: Callable[[socket.socket], None] | bytes) -> Played:
        made.append(Played(*(t if callable(t) else (lambda c, t=t: c.sendall(t)) for t in turns)))
        return made[-1]

    yield play
    for one in made:
        one.close()


@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_is_asked_again_once_and_is_one_sentence_then(played, kind):
    server = played(NONSENSE[kind])
    with pytest.raises(EngineUnavailable) as told:
        RemoteEngine(server.address).info("embedded")
    assert server.asked == 2
    for language in ("en", "zh"):
        assert server.address.rpartition(":")[2] in sentence_for(told.value, language)


@pytest.mark.parametrize("kind", NONSENSE)
def test_one_bad_answer_costs_nobody_anything(played, kind):
    server = played(NONSENSE[kind], OK % len(GOOD) + GOOD)
    assert RemoteEngine(server.address).ready("embedded")
    assert server.asked == 2


@pytest.mark.parametrize("drips", [False, True])
def test_an_answer_that_never_ends_is_given_up_in_time(played, monkeypatch, drips):
    over = threading.Event()

    def slow(connection: socket.socket) -> None:
        connection.sendall(OK % 10_000)
        while not over.wait(0.1):
            connection.sendall(b"x" if drips else b"")

    monkeypatch.setattr(remote, "ANSWER", 0.6)
    begun = time.monotonic()
    with pytest.raises(EngineUnavailable):
        RemoteEngine(played(slow).address).info("embedded")
    over.set()
    assert time.monotonic() - begun < 4


def test_it_comes_back_by_itself_when_the_server_is_back(monkeypatch):
    monkeypatch.setattr(remote, "REST", 0.3)
    port, stub = free_port(), StubEngine()
    engine = RemoteEngine(f"http://127.0.0.1:{port}")
    with listening(stub, port):
        assert engine.tokenize("embedded", "One.").tokens
    with pytest.raises(EngineUnavailable):
        engine.tokenize("embedded", "Two.")
    assert engine.tokenize("embedded", "One.").tokens  # what was answered before is kept
    with listening(stub, port):
        time.sleep(0.4)
        assert engine.tokenize("embedded", "Two.").tokens


def test_what_runs_out_over_there_is_said_here(monkeypatch):
    stub = StubEngine()

    def short(*args, **options):
        raise MemoryError

    monkeypatch.setattr(stub, "tokenize", short)
    with listening(stub) as address, pytest.raises(OutOfMemory):
        RemoteEngine(address).tokenize("embedded", "One.")
