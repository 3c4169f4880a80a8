"""The HTTP headers that narrow what a page may do in the browser; docs/security.md says why.

One policy for what a browser shows as a page, another for every other answer, which is never a
page: a download or an upload that were opened as one could neither run a script nor ask for
anything.
"""

import os
import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FRAMES_SETTING = "INSIDE_BERT_FRAMED_BY"  # addresses of course sites that may show the app
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?")
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_SHELL = Path(streamlit.__file__).parent / "static" / "index.html"

NOT_A_PAGE = "default-src 'none'; frame-ancestors 'none'; sandbox"
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        [f"{name}=()" for name in (
            "accelerometer", "bluetooth", "browsing-topics", "camera", "display-capture",
            "geolocation", "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment",
            "publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
        )] + ["clipboard-write=(self)", "fullscreen=(self)"]
    ),
}


class Headers:
    """ASGI middleware that adds the headers to every answer; web sockets pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                add(MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, with_headers)


def add(headers: MutableHeaders) -> None:
    """Put the headers that belong to an answer of this type into it."""
    for name, value in FIXED.items():
        headers[name] = value
    page = headers.get("content-type", "").startswith("text/html")
    headers["Content-Security-Policy"] = policy() if page else NOT_A_PAGE
    if not framed_by():
        headers["X-Frame-Options"] = "SAMEORIGIN"


def framed_by() -> tuple[str, ...]:
    """Addresses that may show the app in a frame, from INSIDE_BERT_FRAMED_BY, parted by spaces.

    Raises ValueError for what is no address: it would become part of the policy.
    """
    addresses = os.environ.get(FRAMES_SETTING, "").split()
    for address in addresses:
        if not _ADDRESS.fullmatch(address):
            raise ValueError(f"{FRAMES_SETTING}: {address!r} is not like https://moodle.example.edu")
    return tuple(addresses)


@cache
def policy() -> str:
    """The Content-Security-Policy of a page.

    blob:, WebAssembly, written-in styles and fonts as data are Streamlit's needs. A script that
    is written into a page runs only where its checksum stands here, and none is made of text.
    """
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'", "blob:", "'wasm-unsafe-eval'", *(f"'{c}'" for c in _checksums())],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'none'"],
        "frame-src": ["'none'"],  # a document given as text, as BertViz's, is no address
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'self'", *framed_by()],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())


def _checksums() -> tuple[str, ...]:
    """Of Streamlit's one written-in script, and of BertViz's: a frame obeys its page's policy."""
    from lessons.views.bertviz_document import checksum, checksums

    own = _INLINE.findall(_SHELL.read_text(encoding="utf-8"))
    return (*(checksum(code) for code in own), *checksums())
