"""A page that stayed open while its server was started again: its first touch runs all of it.

The browser reconnects without asking for a run. Where the visitor then moves a control of a
fragment, Streamlit drops the request, since the new session has no such fragment, and the page
looks dead. A session that has run nothing yet runs the whole script instead.
"""

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession

_asked = AppSession.request_rerun
_ran = "_inside_bert_ran"  # of a session: that it has run its script


def install() -> None:
    """Once, before the first visitor."""
    AppSession.request_rerun = _whole_at_first  # type: ignore[method-assign]


def _whole_at_first(self: AppSession, client_state: ClientState | None) -> None:
    """In place of Streamlit's own."""
    if client_state is not None and _ran not in self.__dict__:
        self.__dict__[_ran] = True
        client_state.fragment_id = ""
    _asked(self, client_state)
