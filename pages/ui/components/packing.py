"""A component's data as one top-level bytes value: header length, JSON header, raw array.

Streamlit hands bytes to the browser as a Uint8Array only when they are the whole of `data`;
inside a dict they arrive as text.
"""

import json
from pathlib import Path

import numpy as np

COMPONENTS = Path(__file__).parents[3] / "assets" / "components"


def pack(header: dict[str, object], array: np.ndarray) -> bytes:
    """uint32 header length (little endian), the JSON header padded to 4 bytes, the array."""
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )
    text += b" " * (-len(text) % 4)
    return len(text).to_bytes(4, "little") + text + np.ascontiguousarray(array).tobytes()


def source(name: str) -> str:
    """A component's JavaScript, the shared helpers first."""
    shared = (COMPONENTS / "shared.js").read_text(encoding="utf-8")
    return shared + "\n" + (COMPONENTS / f"{name}.js").read_text(encoding="utf-8")


def style(name: str) -> str:
    return (COMPONENTS / f"{name}.css").read_text(encoding="utf-8")
