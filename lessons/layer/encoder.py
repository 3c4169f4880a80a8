"""All layers of the encoder at once: attention weights and both outputs of every layer."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.contract import Encoded, TraceRequest
from core.engine.protocol import Engine

KEEP = frozenset({"embeddings", "weights", "after_attention", "after_ffn"})


@dataclass(frozen=True)
class Request:
    text: str
    text_b: str = ""
    model: str = "embedded"


@dataclass(frozen=True)
class Layer:
    """attention : float32[A, n, n]; after_attention, after_ffn : float32[n, H], both after
    their LayerNorm; after_ffn is what the next layer reads."""

    attention: np.ndarray
    after_attention: np.ndarray
    after_ffn: np.ndarray


@dataclass(frozen=True)
class Result:
    """input : float32[n, H], the sum of the embeddings after its LayerNorm."""

    encoded: Encoded
    input: np.ndarray
    layers: tuple[Layer, ...]


def run(engine: Engine, request: Request) -> Result:
    """One forward pass through the whole encoder. Raises the errors of `Engine.trace`."""
    trace = engine.trace(TraceRequest(request.text, request.text_b or None, request.model, KEEP))
    assert trace.embeddings is not None
    layers = tuple(
        Layer(*(array[0] for array in (one.weights, one.after_attention, one.after_ffn)
                if array is not None))
        for one in trace.layers
    )
    return Result(trace.encoded, trace.embeddings.normalized[0], layers)


def to_json(result: Result) -> dict[str, Any]:
    """tokens, input (n x H), layers: [{attention (A x n x n), after_attention, after_ffn}]."""
    return {
        "tokens": list(result.encoded.tokens),
        "input": result.input.tolist(),
        "layers": [
            {
                "attention": layer.attention.tolist(),
                "after_attention": layer.after_attention.tolist(),
                "after_ffn": layer.after_ffn.tolist(),
            }
            for layer in result.layers
        ],
    }
