"""How long a visitor waits: from an act's arrival at the server to the end of the answer.

The page script sees neither the queue before it nor its own fragments' reruns, so the clock
stands where both pass: at the websocket. Of a message it reads which page and which kind of
rerun it asks for, nothing else, and it changes none.
"""

import time
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.util import calc_hash

from core.observe import logs
from core.observe.recorder import OTHER, Kind, Recorder, recorder
from pages.ui import course

SHORT = 512  # bytes; the message that ends a run is shorter, most others are longer
OPEN_ACTS = 64  # of one visitor, that are not answered yet
SLOW = 10.0  # seconds that are worth a line in the log
STATUS = "status"

Asked = TypeVar("Asked", BackMsg, ForwardMsg)


class Stopwatch:
    """ASGI middleware around Streamlit: notes each interaction in the recorder."""

    def __init__(self, app: ASGIApp, seen: Recorder | None = None) -> None:
        self._app, self._seen = app, seen or recorder()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        visit = Visit(self._note)

        async def listen() -> Message:
            message = await receive()
            if data := message.get("bytes"):
                visit.heard(data)
            return message

        async def speak(message: Message) -> None:
            await send(message)
            if data := message.get("bytes"):
                visit.said(data)

        await self._app(scope, listen, speak)

    def _note(self, page: str, kind: Kind, seconds: float) -> None:
        self._seen.note(page, kind, seconds)
        if seconds > SLOW:
            logs.warning("slow", page=page, kind=kind, seconds=seconds)


class Visit:
    """One connection: its acts that wait for their answers."""

    def __init__(
        self, note: Callable[[str, Kind, float], None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._note, self._clock = note, clock
        self._acts: list[tuple[float, str, Kind]] = []

    def heard(self, data: bytes) -> None:
        """A message of the browser; a part that draws itself again is nobody's act."""
        message = _parsed(BackMsg(), data)
        if message is None or message.WhichOneof("type") != "rerun_script":
            return
        asked = message.rerun_script
        if not asked.is_auto_rerun and len(self._acts) < OPEN_ACTS:
            kind: Kind = "fragment" if asked.fragment_id else "page"
            page = page_of(asked.page_script_hash, asked.page_name)
            self._acts.append((self._clock(), page, kind))

    def said(self, data: bytes) -> None:
        """A message of the server, as it leaves."""
        if not self._acts or len(data) > SHORT:
            return
        message = _parsed(ForwardMsg(), data)
        if message is None or message.WhichOneof("type") != "script_finished":
            return
        if message.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY:
            self._answer([act for act in self._acts if act[2] == "fragment"])
        elif message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            # with the page every part of it that was asked for earlier has been drawn
            latest = max((start for start, _, kind in self._acts if kind == "page"), default=0.0)
            self._answer([act for act in self._acts if act[0] <= latest])

    def _answer(self, acts: list[tuple[float, str, Kind]]) -> None:
        now = self._clock()
        for act in acts:
            self._acts.remove(act)
            start, page, kind = act
            self._note(page, kind, now - start)


def _parsed(message: Asked, data: bytes) -> Asked | None:
    try:
        message.ParseFromString(data)
    except DecodeError:
        return None  # Streamlit closes such a connection
    return message


@cache
def _slugs() -> dict[str, str]:
    paths = {stop.slug: stop.url_path for stop in course.COURSE} | {STATUS: STATUS}
    return {calc_hash(path): slug for slug, path in paths.items()}


def page_of(script_hash: str, name: str) -> str:
    """The slug of a page as the browser names it: one of the course's, or OTHER."""
    if not script_hash:
        script_hash = calc_hash(name.strip("/"))
    return _slugs().get(script_hash, OTHER)
