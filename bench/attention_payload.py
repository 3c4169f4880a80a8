"""Bytes that travel to the browser for the attention of every head: ours and bertviz.

    python -m bench.attention_payload [--pieces 54]

Both show the same weights of the embedded model. Ours is the data of the head grid, header and
all; bertviz is the HTML of its head view, which carries the weights as text.
"""

import argparse
import gzip
from importlib.metadata import version

import numpy as np
import torch
from bertviz import head_view

from bench.forward import MODEL, text_of
from bench.report import report
from core.contract import Trace, TraceRequest
from core.engine import local_engine
from pages.ui.components.head_grid import head_grid_data

GOAL_MB = 0.4


def traced(pieces: int) -> Trace:
    return local_engine("cpu").trace(
        TraceRequest(text_of(pieces), None, MODEL, frozenset({"weights"}))
    )


def attention_of(trace: Trace) -> list[np.ndarray]:
    """Each layer's weights, float32[1, A, n, n]."""
    return [layer.weights for layer in trace.layers if layer.weights is not None]


def our_bytes(trace: Trace) -> bytes:
    weights = np.concatenate(attention_of(trace))  # (L, A, n, n)
    return head_grid_data(
        np.rint(weights * 255).astype(np.uint8), trace.encoded.tokens, label="All heads"
    )


def bertviz_bytes(trace: Trace) -> bytes:
    attention = [torch.from_numpy(layer.copy()) for layer in attention_of(trace)]
    html = head_view(attention, list(trace.encoded.tokens), html_action="return")
    return html.data.encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pieces", type=int, default=54)
    pieces = parser.parse_args().pieces
    trace = traced(pieces)
    ours, theirs = our_bytes(trace), bertviz_bytes(trace)
    megabytes = {
        name: {"plain": round(len(data) / 1e6, 3),
               "gzip": round(len(gzip.compress(data, mtime=0)) / 1e6, 3)}
        for name, data in (("ours", ours), ("bertviz", theirs))
    }
    report("attention_payload", {
        "what": "attention of all heads, sent to the browser", "pieces": pieces,
        "heads": trace.info.layers * trace.info.heads, "megabytes": megabytes,
        "goal_mb": GOAL_MB, "met": len(ours) <= GOAL_MB * 1e6,
        "peer": {"name": f"bertviz {version('bertviz')} head_view", "bytes": len(theirs)},
        "times_smaller_than_peer": round(len(theirs) / len(ours), 1),
    })


if __name__ == "__main__":
    main()
