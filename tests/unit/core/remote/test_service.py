"""The service says what a caller did wrong, opens no stranger's folder, and hides its insides."""

import httpx2
import numpy as np
import pytest

from core.contract import TaskRequest, TraceRequest
from core.engine import chosen
from core.engine.asker import NOBODY, asker, asking
from core.engine.stub import StubEngine
from core.errors import (
    BadInput,
    Busy,
    EmptyText,
    EngineUnavailable,
    InsideBertError,
    OutOfRange,
    UnknownModel,
)
from core.remote import service
from core.remote.engine import RemoteEngine
from core.remote.service import listening
from core.remote.wire import pack, unpack


class Watched(StubEngine):
    """Fails as told; counts what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.failure: Exception | None = None
        self.asked = 0
        self.askers: list[str] = []

    def trace(self, request):
        self.asked += 1
        self.askers.append(asker())
        if self.failure:
            raise self.failure
        return super().trace(request)


@pytest.fixture(scope="module")
def watched():
    return Watched()


@pytest.fixture(scope="module")
def address(watched):
    with listening(watched) as at:
        yield at


@pytest.fixture
def remote(address, watched):
    watched.failure, watched.asked = None, 0
    return RemoteEngine(address)


@pytest.mark.parametrize(("ask", "error"), [
    (lambda e: e.tokenize("embedded", "  "), EmptyText),
    (lambda e: e.info("no/such"), UnknownModel),
    (lambda e: e.parameter("embedded", "bert.no.such"), KeyError),
    (lambda e: e.trace(TraceRequest("a", layers=(9,))), OutOfRange),
    (lambda e: e.task(TaskRequest("summary", "a")), BadInput),
])
def test_errors_come_back_as_what_they_were(remote, ask, error):
    local = Watched()
    with pytest.raises(error) as there:
        ask(local)
    with pytest.raises(error) as here:
        ask(remote)
    assert type(here.value) is type(there.value) and str(here.value) == str(there.value)
    if isinstance(there.value, InsideBertError):
        assert here.value.key == there.value.key
        assert here.value.facts.keys() == there.value.facts.keys()


def test_a_busy_engine_is_busy_for_the_caller_too_and_says_when_to_come_again(remote, watched):
    watched.failure = Busy()
    with pytest.raises(Busy):
        remote.trace(TraceRequest("busy"))
    told = httpx2.post(f"{remote.backend}/v1/trace",
                       content=pack({"args": (TraceRequest("busy"),), "kwargs": {}}))
    assert told.status_code == 503 and told.headers["Retry-After"] == "1"


def test_one_asker_is_told_from_another_without_their_names(remote, watched):
    def ask(text, who):
        with asking(who):
            remote.trace(TraceRequest(text))
        return watched.askers[-1]

    first, other, again = ask("one", "ann"), ask("two", "bob"), ask("three", "ann")
    assert first == again != other
    assert NOBODY not in (first, other) and "ann" not in first
    remote.trace(TraceRequest("four"))
    assert watched.askers[-1] == NOBODY


def test_what_went_wrong_inside_is_not_told(remote, watched, caplog):
    watched.failure = RuntimeError("the text was: secret")
    with pytest.raises(InsideBertError) as told:
        remote.trace(TraceRequest("secret"))
    assert "secret" not in str(told.value) + str(told.value.facts)
    written = caplog.text + str([getattr(record, "fields", "") for record in caplog.records])
    assert "secret" not in written and "RuntimeError" in written


def test_a_folder_of_the_server_cannot_be_opened_by_its_path(remote, tiny):
    Watched().info(str(tiny))  # whoever starts a process may name a folder
    with pytest.raises(UnknownModel):
        remote.info(str(tiny))


@pytest.mark.parametrize("method", ["_run", "__class__", "forward_passes", "nothing"])
def test_only_the_interface_can_be_called(remote, method):
    told = httpx2.post(f"{remote.backend}/v1/{method}", content=pack({"args": (), "kwargs": {}}))
    assert told.status_code == 422 and told.json()["error"] == "BadInput"


@pytest.mark.parametrize("message", [b"", b"\x00" * 40, pack([1]), pack({"args": 1})])
def test_what_is_no_call_is_refused(remote, message):
    told = httpx2.post(f"{remote.backend}/v1/info", content=message)
    assert told.status_code == 422 and told.json()["sentence"] == "The call cannot be read."


def test_a_call_that_is_too_large_is_refused_before_it_is_read(remote, monkeypatch):
    monkeypatch.setattr(service, "MAX_BODY", 1000)
    told = httpx2.post(f"{remote.backend}/v1/encode",
                       content=pack({"args": (["a" * 2000],), "kwargs": {}}))
    assert told.status_code == 422 and "larger than" in told.json()["sentence"]


def test_the_same_question_is_asked_over_there_once(remote, watched):
    one, other = (remote.trace(TraceRequest("The same.")) for _ in range(2))
    assert one is other and watched.asked == 1


def test_health_names_the_backend_and_its_models(remote):
    remote.warm("embedded")
    told = httpx2.get(f"{remote.backend}/health").json()
    assert told["status"] == "ok" and "embedded" in told["models"]
    assert remote.ready("embedded")


def test_a_lost_connection_is_tried_once_more():
    seen = []

    def once_lost(request):
        seen.append(request)
        if len(seen) == 1:
            raise httpx2.RemoteProtocolError("killed")
        return httpx2.Response(200, content=pack(True))

    engine = RemoteEngine("http://engine", transport=httpx2.MockTransport(once_lost))
    assert engine.ready("embedded") and len(seen) == 2


def test_an_engine_that_is_away_is_said_so_and_left_alone_for_a_moment():
    seen = []

    def away(request):
        seen.append(request)
        raise httpx2.ConnectError("refused")

    engine = RemoteEngine("http://engine", transport=httpx2.MockTransport(away))
    for _ in range(3):
        with pytest.raises(EngineUnavailable, match="http://engine does not answer"):
            engine.info("embedded")
    assert len(seen) == 2
    assert engine.ready("embedded") is False


def test_an_answer_that_cannot_be_read_is_no_result():
    bad = httpx2.MockTransport(lambda request: httpx2.Response(200, content=b"<html>proxy</html>"))
    with pytest.raises(EngineUnavailable):
        RemoteEngine("http://engine", transport=bad).info("embedded")


def test_vectors_from_afar_are_the_local_ones_to_the_bit(remote):
    texts = ["One.", "Two words here.", "The third is the longest of all."]
    assert np.array_equal(remote.encode(texts), StubEngine().encode(texts))
    assert not remote.encode(texts).flags.writeable


def test_the_setting_chooses_the_engine(monkeypatch, address):
    monkeypatch.delenv(chosen.ENGINE_SETTING, raising=False)
    assert chosen.chosen_engine().backend.startswith("this process")
    monkeypatch.setenv(chosen.ENGINE_SETTING, address + "/")
    assert chosen.chosen_engine().backend == address


def test_a_message_is_what_the_interface_says():
    asked = pack({"args": ("embedded",), "kwargs": {}})
    assert unpack(service.answer(StubEngine(), "info", asked)) == StubEngine().info("embedded")


def test_its_figures_are_read_where_it_shows_them(monkeypatch):
    engine = StubEngine()
    with listening(engine) as address:
        assert httpx2.get(f"{address}/metrics").status_code == 404
    monkeypatch.setenv("INSIDE_BERT_METRICS", "on")
    engine.trace(TraceRequest("Counted.", keep=frozenset({"weights"})))
    with listening(engine) as address:
        assert "inside_bert_forward_passes_total 1.0" in httpx2.get(f"{address}/metrics").text
