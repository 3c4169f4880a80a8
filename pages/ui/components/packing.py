"""A component's data as one top-level bytes value: header length, JSON header, raw arrays.

Streamlit hands bytes to the browser as a Uint8Array only when they are the whole of `data`;
inside a dict they arrive as text.
"""

import json
from pathlib import Path

import numpy as np

COMPONENTS = Path(__file__).parents[3] / "assets" / "components"


def pack(header: dict[str, object], *arrays: np.ndarray) -> bytes:
    """uint32 header length, the JSON header padded to 4 bytes, the arrays; all little endian.

    Raises ValueError where the header or an array holds a NaN or an infinity.
    """
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(
        "utf-8", "surrogatepass"
    )
    text += b" " * (-len(text) % 4)
    return len(text).to_bytes(4, "little") + text + b"".join(_raw(a) for a in arrays)


def _raw(array: np.ndarray) -> bytes:
    """Row by row, little endian."""
    if array.dtype.kind == "f" and not (finite := np.isfinite(array)).all():
        raise ValueError(
            f"a picture needs finite numbers: {array.size - int(finite.sum())} of {array.size} "
            "are NaN or infinite"
        )
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def source(name: str) -> str:
    """A component's JavaScript, the shared helpers first."""
    shared = (COMPONENTS / "shared.js").read_text(encoding="utf-8")
    return shared + "\n" + (COMPONENTS / f"{name}.js").read_text(encoding="utf-8")


def style(name: str) -> str:
    return (COMPONENTS / f"{name}.css").read_text(encoding="utf-8")
