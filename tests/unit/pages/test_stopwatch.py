"""A visitor's wait is measured at the websocket, from the act to the end of the answer."""

import asyncio
import time

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.observe.recorder import OTHER, Recorder
from pages.ui.course import COURSE
from pages.ui.stopwatch import Stopwatch, Visit, page_of


def asked(page="attention", fragment="", auto=False, **more):
    message = BackMsg()
    message.rerun_script.page_name = page
    message.rerun_script.fragment_id = fragment
    message.rerun_script.is_auto_rerun = auto
    for name, value in more.items():
        setattr(message.rerun_script, name, value)
    return message.SerializeToString()


def ended(how="FINISHED_SUCCESSFULLY"):
    message = ForwardMsg(hash="h" * 32)
    message.script_finished = ForwardMsg.ScriptFinishedStatus.Value(how)
    message.metadata.active_script_hash = "a" * 32
    return message.SerializeToString()


class Watched:
    """A visit under a clock that goes one second forward with every look."""

    def __init__(self):
        self.now, self.notes = 0.0, []
        self.visit = Visit(lambda *note: self.notes.append(note), self.clock)

    def clock(self):
        self.now += 1.0
        return self.now


@pytest.fixture
def watched():
    return Watched()


def test_a_page_counts_from_its_request_to_its_end(watched):
    watched.visit.heard(asked())
    watched.visit.said(ForwardMsg(hash="x").SerializeToString())
    watched.visit.said(ended())
    assert watched.notes == [("attention", "page", 1.0)]


def test_a_part_of_a_page_is_told_from_a_page(watched):
    watched.visit.heard(asked("mlm", fragment="f1"))
    watched.visit.said(ended("FINISHED_FRAGMENT_RUN_SUCCESSFULLY"))
    assert watched.notes == [("mlm", "fragment", 1.0)]


def test_a_run_that_begins_anew_has_not_answered_yet(watched):
    watched.visit.heard(asked())
    watched.visit.said(ended("FINISHED_EARLY_FOR_RERUN"))
    assert not watched.notes
    watched.visit.said(ended())
    assert len(watched.notes) == 1


def test_several_acts_that_one_run_answers_count_each_for_itself(watched):
    watched.visit.heard(asked(fragment="f1"))  # at 1
    watched.visit.heard(asked(fragment="f1"))  # at 2
    watched.visit.said(ended("FINISHED_FRAGMENT_RUN_SUCCESSFULLY"))  # at 3
    assert [seconds for *_, seconds in watched.notes] == [2.0, 1.0]


def test_a_part_that_renews_itself_is_nobodys_act(watched):
    watched.visit.heard(asked(fragment="f1", auto=True))
    watched.visit.said(ended("FINISHED_FRAGMENT_RUN_SUCCESSFULLY"))
    assert not watched.notes


@pytest.mark.parametrize("data", [b"", b"\xff\xff\xff", b"\x00" * 40, ended()])
def test_what_is_no_message_is_left_to_streamlit(watched, data):
    watched.visit.heard(data)
    watched.visit.heard(asked())
    watched.visit.said(b"\xff" * 12)
    watched.visit.said(ended())
    assert len(watched.notes) == 1


def test_a_visitor_who_asks_without_end_holds_no_memory(watched):
    for _ in range(10_000):
        watched.visit.heard(asked())
    assert len(watched.visit._acts) <= 64


def test_a_page_is_one_of_the_course_or_other():
    for stop in COURSE:
        assert page_of("", stop.url_path) == page_of("", f"/{stop.url_path}") == stop.slug
    assert page_of("", "status") == "status"
    assert page_of("", "what <b>somebody</b> typed") == OTHER


def test_messages_pass_unchanged_and_in_order_and_quickly():
    seen, size = Recorder(), 500
    came = [{"type": "websocket.receive", "bytes": asked(fragment="f", query_string="t" * 900)}]
    goes = [{"type": "websocket.send",
             "bytes": ended("FINISHED_FRAGMENT_RUN_SUCCESSFULLY")}]
    sent, got = [], []

    async def app(scope, receive, send):
        for _ in range(size):
            got.append(await receive())
            await send(goes[0])

    async def receive():
        return came[0]

    async def send(message):
        sent.append(message)

    start = time.process_time()
    asyncio.run(Stopwatch(app, seen)({"type": "websocket"}, receive, send))
    spent = time.process_time() - start
    assert got == came * size and sent == goes * size
    assert seen.noted == size
    assert spent / size < 1e-3  # 0.01 ms where nothing else runs
