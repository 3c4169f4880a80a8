"""BertViz as its own Python writes it, from one of our traces: the peer in benchmarks and tests."""

import json
import re
from typing import Any

import torch
from bertviz import head_view, model_view
from bertviz.neuron_view import show

from core.contract import Trace
from lessons.views.bertviz import View

_PARAMS = {
    "head": "const params = ", "model": "const params = ", "neuron": "window.bertviz_params = ",
}


def _tensor(values: Any) -> torch.Tensor:
    return torch.from_numpy(values.copy())


def second_text(trace: Trace) -> int | None:
    """The index of the first piece of the second text."""
    segments = trace.encoded.segments
    return segments.index(1) if 1 in segments else None


class TracedModel:
    """Stands where neuron view expects one of BertViz's own model classes, and its tokenizer.

    BertViz tokenizes each text and runs the model; here both answer with what was traced.
    """

    cls_token, sep_token = "[CLS]", "[SEP]"

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def eval(self) -> None:
        pass

    def tokenize(self, text: str) -> list[str]:
        tokens, second = list(self._trace.encoded.tokens), second_text(self._trace)
        return tokens[second:-1] if text == "b" else tokens[1 : (second or len(tokens)) - 1]

    def convert_tokens_to_ids(self, tokens: list[str]) -> list[int]:
        return [0] * len(tokens)

    def __call__(self, *_: Any, **__: Any) -> tuple[list[dict[str, torch.Tensor]]]:
        return (
            [
                {"attn": _tensor(layer.weights), "queries": _tensor(layer.q),
                 "keys": _tensor(layer.k)}
                for layer in self._trace.layers
            ],
        )


def peer_html(view: View, trace: Trace) -> str:
    """The HTML that BertViz returns for a notebook; the trace has weights and qkv."""
    if view == "neuron":
        model, second = TracedModel(trace), "b" if second_text(trace) else None
        return str(show(model, "bert", model, "a", second, "light", html_action="return").data)
    draw = {"head": head_view, "model": model_view}[view]
    attention = [_tensor(layer.weights) for layer in trace.layers]
    made = draw(attention, list(trace.encoded.tokens), second_text(trace), html_action="return")
    return str(made.data)


def peer_params(view: View, html: str) -> dict[str, Any]:
    """What BertViz's JavaScript is given, read out of its HTML."""
    start = re.search(re.escape(_PARAMS[view]), html)
    assert start is not None
    params: dict[str, Any] = json.JSONDecoder().raw_decode(html, start.end())[0]
    return params
