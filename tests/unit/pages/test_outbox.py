"""What a script draws reaches the browser whole and in order, in fewer portions."""

import asyncio
import threading

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import ScriptRunnerEvent

from pages.ui import outbox
from pages.ui.outbox import ELEMENT, _collected

STARTED = ScriptRunnerEvent.SCRIPT_STARTED
FINISHED = ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS


class Session:
    """What the outbox needs of Streamlit's session."""

    def __init__(self, loop):
        self._event_loop = loop
        self.wakes, self.told = 0, []

    def _call_soon_on_event_loop(self, callback):
        self.wakes += 1
        self._event_loop.call_soon_threadsafe(callback)

    def _handle_scriptrunner_event_on_event_loop(self, sender, event, message=None, *rest):
        self.told.append((sender, event, message))


def drawn(*scripts):
    """What arrives when each script's thread tells these events, and how often it woke."""

    async def run():
        session = Session(asyncio.get_running_loop())
        for name, events in scripts:
            def script(name=name, events=events):
                for event, message in events:
                    _collected(session, name, event, forward_msg=message)
            thread = threading.Thread(target=script)
            thread.start()
            await asyncio.to_thread(thread.join)
        await asyncio.sleep(20 * outbox.WAIT)
        return session

    return asyncio.run(run())


def test_elements_and_the_end_of_a_script_arrive_in_the_order_in_which_they_were_told():
    events = [(ELEMENT, n) for n in range(50)] + [(FINISHED, None)]
    session = drawn(("one", events), ("two", events))
    assert session.told == [(who, *event) for who in ("one", "two") for event in events]
    assert session.wakes < 20


def test_elements_arrive_although_nothing_follows_them():
    assert [m for _, _, m in drawn(("one", [(ELEMENT, 1), (ELEMENT, 2)])).told] == [1, 2]


def test_streamlit_still_has_what_the_outbox_stands_in_for():
    assert {"_on_scriptrunner_event", "_call_soon_on_event_loop",
            "_handle_scriptrunner_event_on_event_loop"} <= set(vars(AppSession))


class Loop:
    """A main thread that runs what it is told when the test says so."""

    def __init__(self):
        self.soon, self.timers = [], []

    def call_soon_threadsafe(self, callback):
        self.soon.append(callback)

    def call_later(self, seconds, callback):
        self.timers.append(callback)

    def run(self, callbacks):
        while callbacks:
            callbacks.pop(0)()


def test_the_next_run_does_not_overtake_the_event_that_it_began_with():
    """A timer that is due between two events takes only what it was set for."""
    loop = Loop()
    session = Session(loop)
    _collected(session, "page", ELEMENT, forward_msg=1)
    loop.run(loop.soon)  # sets the timer
    for event, message in ((FINISHED, None), (STARTED, None), (ELEMENT, 2)):
        _collected(session, "page", event, forward_msg=message)
    loop.run(loop.timers)
    loop.run(loop.soon)
    loop.run(loop.timers)
    assert [(event, message) for _, event, message in session.told] == [
        (ELEMENT, 1), (FINISHED, None), (STARTED, None), (ELEMENT, 2),
    ]
