"""What BertViz's three views are given: our traced weights, queries and keys, trimmed.

BertViz (Vig 2019) writes every weight with up to 20 digits, and a sentence pair's weights twice.
Here they travel once, as whole thousandths; the page multiplies out again what BertViz's own
JavaScript expects (`bertviz_document`). Its neuron view comes with a model class of its own for
four old architectures; here it is given q and k of whatever model was traced.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

import numpy as np

from core import limits
from core.contract import Encoded, LayerTrace, ModelInfo, TraceRequest
from core.engine.protocol import Engine
from core.models.registry import ASSETS

DRAWING = ASSETS / "bertviz" / "drawing.json"
View = Literal["head", "model", "neuron"]
VIEWS: tuple[View, ...] = get_args(View)
STEPS = 1000  # a weight travels as so many of these parts, rounded
KEEP = frozenset({"qkv", "weights"})  # as the lesson's own views ask, so that they share a pass
MOST_ELEMENTS = 120_000  # a browser's patience: see `heaviest`


@dataclass(frozen=True)
class Drawing:
    """One view measured without a limit, on the embedded model.

    elements : in the picture; draw, answer : seconds until it is laid out, and until one touch
    is answered
    """

    pieces: int
    elements: int
    draw: float
    answer: float


@dataclass(frozen=True)
class Request:
    """One view of a text; layer, head : where it starts; start : first piece of the window."""

    text: str
    text_b: str = ""
    model: str = "embedded"
    view: View = "head"
    layer: int = 0
    head: int = 0
    start: int = 0


@dataclass(frozen=True)
class Result:
    """What goes into one page of BertViz.

    start, stop : the pieces that are shown; layers : those whose weights are in the payload
    elements : how many SVG elements BertViz makes of it at first
    payload : JSON in ASCII that can stand inside a script block
    """

    encoded: Encoded
    view: View
    start: int
    stop: int
    layers: tuple[int, ...]
    elements: int
    payload: bytes


def elements(view: View, info: ModelInfo, n: int) -> int:
    """SVG elements that BertViz makes for n pieces; what drawing and hovering cost grows with it.

    head : a line for each weight of one layer; model : of all layers; neuron : a rectangle for
    each number of q, k and their product, and seven marks for each weight of one head. The rest
    are groups, names and frames.
    """
    heads, d_k = info.heads, info.d_k
    if view == "head":
        return heads * (n * n + 3 * n + 4) + 6 * n + 8
    if view == "model":
        return info.layers * heads * (n * n + n + 3) + info.layers + heads + 2
    return 7 * n * n + n * (3 * d_k + 31) + 35


def most_pieces(view: View, info: ModelInfo, most_elements: int = MOST_ELEMENTS) -> int:
    """The longest text that a view shows at once."""
    n = 2
    while n < info.max_positions and elements(view, info, n + 1) <= most_elements:
        n += 1
    return n


@cache
def heaviest(view: View) -> Drawing:
    """The longest text measured beforehand, by `python -m bench.bertviz_drawing --write`."""
    rows = [row for row in json.loads(DRAWING.read_text("utf-8")) if row["view"] == view]
    row = max(rows, key=lambda row: row["pieces"])
    return Drawing(row["pieces"], row["elements"], row["draw_seconds"], row["answer_seconds"])


def run(engine: Engine, request: Request, most_elements: int = MOST_ELEMENTS) -> Result:
    """Trace the text and trim what one view needs: all layers, or the one that neuron view opens.

    Raises `OutOfRange` for a layer or head that the model has not, and the errors of
    `Engine.trace`.
    """
    info, view = engine.info(request.model), request.view
    limits.check_head(info, request.layer, request.head)
    trace = engine.trace(
        TraceRequest(request.text, request.text_b or None, request.model, KEEP)
    )
    layers = (trace.layer(request.layer),) if view == "neuron" else trace.layers
    n, most = len(trace.encoded), most_pieces(view, info, most_elements)
    start = max(0, min(request.start, n - most))
    part = slice(start, min(n, start + most))
    sent = {
        "view": view, "layer": request.layer, "head": request.head, "heads": info.heads,
        "layers": [layer.index for layer in layers],
        "tokens": trace.encoded.tokens[part],
        "second": _second(trace.encoded, part),
        "steps": STEPS,
        "attention": _each(layers, lambda layer: layer.weights, (part, part)),
    }
    if view == "neuron":
        sent["queries"] = _each(layers, lambda layer: layer.q, (part,))
        sent["keys"] = _each(layers, lambda layer: layer.k, (part,))
    return Result(
        trace.encoded, view, part.start, part.stop, tuple(layer.index for layer in layers),
        elements(view, info, part.stop - part.start), inert(sent),
    )


def _second(encoded: Encoded, part: slice) -> int | None:
    """Where in the window the second text starts; None where the window holds one text only."""
    second = sum(segment == 0 for segment in encoded.segments[part])
    return second if 0 < second < part.stop - part.start else None


def _each(
    layers: tuple[LayerTrace, ...], pick: Callable[[LayerTrace], np.ndarray | None],
    part: tuple[slice, ...],
) -> list[Any]:
    """Whole thousandths of one part of every layer, [layers][A][n][n or d_k]."""
    shown = []
    for layer in layers:
        values = pick(layer)
        assert values is not None
        window = values[0][(slice(None), *part)].astype(np.float64)  # (A, n, n or d_k)
        shown.append(np.rint(window * STEPS).astype(np.int64).tolist())
    return shown


def inert(value: object) -> bytes:
    r"""JSON that no HTML parser can leave: ASCII alone, and <, >, & written \u003c, \u003e, \u0026.

    Raises ValueError for a NaN or an infinity.
    """
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    for character in "<>&":  # in JSON these stand inside strings only
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("ascii")
