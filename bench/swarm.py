"""Real Streamlit sessions without browsers: one websocket each, in Streamlit's own messages.

A request for `/` alone opens no session and measures nothing; this client runs the script.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

DONE = {
    ForwardMsg.FINISHED_SUCCESSFULLY,
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
    ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
}
PATIENCE = 120.0  # seconds until an unanswered run counts as an error
LARGEST_MESSAGE = 64 * 2**20


@dataclass(frozen=True)
class Widget:
    """What a session must know of a widget to move it; fragment "" when it is in none."""

    id: str
    kind: str
    fragment: str
    low: float = 0.0
    high: float = 0.0


@dataclass
class Session:
    """One visitor on one page."""

    url: str
    page: str
    query: dict[str, str] = field(default_factory=dict)
    widgets: dict[str, Widget] = field(default_factory=dict)
    touched: dict[str, Any] = field(default_factory=dict)
    received: int = 0
    exceptions: int = 0
    _socket: ClientConnection | None = None

    async def open(self) -> float:
        """Connect and run the page once; seconds until it was whole."""
        start = time.perf_counter()
        self._socket = await connect(
            self.url.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=LARGEST_MESSAGE, open_timeout=PATIENCE,
        )
        await self._run("")
        return time.perf_counter() - start

    async def close(self) -> None:
        if self._socket:
            await self._socket.close()

    async def slide(self, name: str, value: int) -> float:
        """Move a slider; seconds until the rerun it causes is over."""
        return await self._change(name, "double_array_value", [float(value)])

    async def write(self, name: str, text: str) -> float:
        """Type into a text box; seconds until the rerun it causes is over."""
        return await self._change(name, "string_value", text)

    async def _change(self, name: str, kind: str, value: Any) -> float:
        widget = self.widgets[name]
        self.touched[widget.id] = (kind, value)
        start = time.perf_counter()
        await self._run(widget.fragment)
        return time.perf_counter() - start

    async def _run(self, fragment: str) -> None:
        assert self._socket is not None
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name = urlencode(self.query), self.page
        state.fragment_id = fragment
        state.context_info.url = f"{self.url}/{self.page}"
        state.context_info.locale = "en"
        for id_, (kind, value) in self.touched.items():
            widget = state.widget_states.widgets.add(id=id_)
            if kind == "double_array_value":
                widget.double_array_value.data.extend(value)
            else:
                setattr(widget, kind, value)
        await self._socket.send(message.SerializeToString())
        await asyncio.wait_for(self._until_done(), PATIENCE)

    async def _until_done(self) -> None:
        assert self._socket is not None
        async for data in self._socket:
            assert isinstance(data, bytes)
            self.received += len(data)
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "delta":
                self._note(message.delta)
            elif kind == "script_finished" and message.script_finished in DONE:
                return
        raise ConnectionError("the server closed the session")

    def _note(self, delta: Any) -> None:
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.exceptions += 1
        if kind in ("slider", "text_area"):
            found = getattr(element, kind)
            name = found.id.split("-", 2)[-1]  # $$ID-<hash>-<key>
            ends = (found.min, found.max) if kind == "slider" else (0.0, 0.0)
            self.widgets[name] = Widget(found.id, kind, delta.fragment_id, *ends)
