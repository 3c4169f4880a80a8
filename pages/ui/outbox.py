"""What a page draws goes to the browser in portions, not piece by piece.

Streamlit wakes the server's main thread for every element that a script draws, and the two
threads then take turns at the interpreter: a sixth of a page's processor time. Here elements
wait up to five milliseconds for others of their session; everything else that a script tells,
above all that it has finished, goes on at once and takes them along, in order.
"""

import threading
from typing import Any

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import ScriptRunnerEvent

WAIT = 0.005  # seconds
ELEMENT = ScriptRunnerEvent.ENQUEUE_FORWARD_MSG
_lock = threading.Lock()
_told = AppSession._on_scriptrunner_event
_waiting = "_inside_bert_waiting"  # of a session: the elements that have not been handed on


def install() -> None:
    """Once, before the first visitor."""
    AppSession._on_scriptrunner_event = _collected  # type: ignore[method-assign, assignment]


def _collected(self: AppSession, sender: Any, event: ScriptRunnerEvent, **facts: Any) -> None:
    """In place of Streamlit's own; called from the script's thread."""
    if event is not ELEMENT:
        if there := _taken(self):
            self._call_soon_on_event_loop(lambda: _hand_on(self, there))
        _told(self, sender, event, **facts)
        return
    with _lock:
        there = self.__dict__.setdefault(_waiting, [])
        there.append((sender, facts["forward_msg"]))
        first = len(there) == 1
    if first:
        self._call_soon_on_event_loop(lambda: _later(self, there))


def _later(session: AppSession, there: list[Any]) -> None:
    """On the main thread: hand on what has come together by then.

    Only these: what is drawn after another event must not overtake it.
    """
    session._event_loop.call_later(
        WAIT, lambda: _hand_on(session, _taken(session, there))
    )


def _taken(session: AppSession, there: list[Any] | None = None) -> list[Any]:
    """What waits, or nothing where that is no longer `there`; it waits no more."""
    with _lock:
        if there is not None and session.__dict__.get(_waiting) is not there:
            return []
        return session.__dict__.pop(_waiting, [])


def _hand_on(session: AppSession, elements: list[Any]) -> None:
    """On the main thread."""
    for sender, message in elements:
        session._handle_scriptrunner_event_on_event_loop(sender, ELEMENT, message)
