"""Real Streamlit sessions without browsers: one websocket each, in Streamlit's own messages.

A request for `/` alone opens no session and measures nothing; this client runs the script.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

DONE = {
    ForwardMsg.FINISHED_SUCCESSFULLY,
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
    ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
}
CONTROLS = (
    "slider", "text_area", "text_input", "button_group", "checkbox", "button", "bidi_component",
)
TRIGGERS = "$$STREAMLIT_INTERNAL_KEY_{}__events"  # where a component's clicks are sent
PATIENCE = 120.0  # seconds until an unanswered run counts as an error
LARGEST_MESSAGE = 64 * 2**20
Fill = Callable[[WidgetState], None]


@dataclass(frozen=True)
class Widget:
    """What a session must know of a widget to use it; fragment "" when it is in none."""

    id: str
    kind: str
    fragment: str
    low: float = 0.0
    high: float = 0.0
    options: tuple[str, ...] = ()


@dataclass
class Session:
    """One visitor; `page` is where they are.

    widgets : by key, those of this page
    warnings, errors : the sentences in coloured boxes since the last run began
    """

    url: str
    page: str
    query: dict[str, str] = field(default_factory=dict)
    widgets: dict[str, Widget] = field(default_factory=dict)
    touched: dict[str, Fill] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    received: int = 0
    exceptions: int = 0
    _pages: dict[str, str] = field(default_factory=dict)
    _socket: ClientConnection | None = None

    async def open(self) -> float:
        """Connect and run the page once; seconds until it was whole."""
        start = time.perf_counter()
        self._socket = await connect(
            self.url.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=LARGEST_MESSAGE, open_timeout=PATIENCE,
            ping_interval=None,  # browsers send none; the server does
        )
        await self._run("")
        return time.perf_counter() - start

    async def close(self) -> None:
        if self._socket:
            await self._socket.close()

    async def goto(self, page: str) -> float:
        """Choose another page in the menu; seconds until it was whole."""
        self.page = page
        self.touched.clear()  # a browser keeps the frame's controls, which nobody touches here
        self.widgets.clear()
        return await self.again()

    async def again(self) -> float:
        """Run the whole page once more."""
        start = time.perf_counter()
        await self._run("")
        return time.perf_counter() - start

    async def slide(self, name: str, value: int) -> float:
        """Move a slider; seconds until the rerun it causes is over."""
        return await self._change(name, lambda w: w.double_array_value.data.append(float(value)))

    async def write(self, name: str, text: str) -> float:
        """Type into a text box; seconds until the rerun it causes is over."""
        return await self._change(name, lambda w: setattr(w, "string_value", text))

    async def choose(self, name: str, option: str) -> float:
        """Choose an option, by its label, of a segmented control or of pills."""
        return await self._change(name, lambda w: w.string_array_value.data.append(option))

    async def switch(self, name: str, on: bool) -> float:
        """Turn a toggle on or off."""
        return await self._change(name, lambda w: setattr(w, "bool_value", on))

    async def press(self, name: str) -> float:
        """Press a button."""
        return await self._once(name, "{}", lambda w: setattr(w, "trigger_value", True))

    async def click(self, name: str, event: str, value: Any) -> float:
        """Click something in a component of our own, which then tells `event` with `value`."""
        told = json.dumps([{"event": event, "value": value}])
        return await self._once(name, TRIGGERS, lambda w: setattr(w, "json_trigger_value", told))

    async def _change(self, name: str, fill: Fill) -> float:
        widget = self.widgets[name]
        self.touched[widget.id] = fill
        start = time.perf_counter()
        await self._run(widget.fragment)
        return time.perf_counter() - start

    async def _once(self, name: str, as_id: str, fill: Fill) -> float:
        """Like `_change`, for what is no state: it is sent with one run alone."""
        widget = self.widgets[name]
        start = time.perf_counter()
        await self._run(widget.fragment, {as_id.format(widget.id): fill})
        return time.perf_counter() - start

    async def _run(self, fragment: str, triggers: dict[str, Fill] | None = None) -> None:
        assert self._socket is not None
        self.warnings.clear()
        self.errors.clear()
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name = urlencode(self.query), self.page
        state.page_script_hash = self._pages.get(self.page, "")
        state.fragment_id = fragment
        state.context_info.url = f"{self.url}/{self.page}"
        state.context_info.locale = "en"
        for id_, fill in (self.touched | (triggers or {})).items():
            fill(state.widget_states.widgets.add(id=id_))
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
            elif kind == "navigation":
                for page in message.navigation.app_pages:
                    self._pages[page.url_pathname] = page.page_script_hash
            elif kind == "script_finished" and message.script_finished in DONE:
                self.exceptions += message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR
                return
        raise ConnectionError("the server closed the session")

    def _note(self, delta: Any) -> None:
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.exceptions += 1
        elif kind == "alert":
            said = {Alert.WARNING: self.warnings, Alert.ERROR: self.errors}
            said.get(element.alert.format, []).append(element.alert.body)
        elif kind in CONTROLS:
            found = getattr(element, kind)
            name = found.id.split("-", 2)[-1]  # $$ID-<hash>-<key>
            low, high = (found.min, found.max) if kind == "slider" else (0.0, 0.0)
            options = tuple(o.content for o in found.options) if kind == "button_group" else ()
            self.widgets[name] = Widget(found.id, kind, delta.fragment_id, low, high, options)
