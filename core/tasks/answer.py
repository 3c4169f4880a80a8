"""From the last layer's vectors to what a head says. No torch.

Symbols: T_i the vector of piece i, C = T_0 that of [CLS], W the head's rows.
"""

from collections.abc import Sequence

import numpy as np

from core.contract import Encoded, SpanWindow, TaggedWord, TaskResult
from core.tasks.adapter import Adapter
from core.tasks.registry import Task
from core.tasks.spans import best_spans
from core.tasks.tags import entities
from core.tasks.windows import Window
from core.tasks.words import first_pieces, words
from core.trace.recompute import linear, softmax


def head_logits(states: np.ndarray, adapter: Adapter) -> np.ndarray:
    """T W^T + b in float64: [n, H] -> [n, K]."""
    return linear(states.astype(np.float64), adapter.weight, adapter.bias)


def of_sentence(
    task: Task, encoded: Encoded, states: np.ndarray, adapter: Adapter
) -> TaskResult:
    """softmax(C W^T + b) for one sentence or pair. states : float32[n, H]"""
    logits = head_logits(states[:1], adapter)[0]  # (K,)
    probabilities = softmax(logits)
    return TaskResult(
        task.name, task.shape, encoded, task.labels,
        label=task.labels[int(logits.argmax())],
        logits=tuple(map(float, logits)), probabilities=tuple(map(float, probabilities)),
    )


def of_tags(
    task: Task, text: str, encoded: Encoded, states: np.ndarray, adapter: Adapter
) -> TaskResult:
    """softmax(T_i W^T + b) for the first piece of every word."""
    found = []
    spans = words(text)
    for (start, end), piece in zip(spans, first_pieces(encoded, spans), strict=True):
        if piece is None:
            continue
        logits = head_logits(states[piece : piece + 1], adapter)[0]  # (K,)
        best = int(logits.argmax())
        found.append(
            TaggedWord(
                text[start:end], start, end, piece, task.labels[best],
                float(softmax(logits)[best]), tuple(map(float, logits)),
            )
        )
    named = entities(found, text) if "O" in task.labels else ()
    return TaskResult(
        task.name, task.shape, encoded, task.labels, words=tuple(found), entities=named
    )


def of_spans(
    task: Task,
    paragraph: str,
    windows: Sequence[Window],
    states: Sequence[np.ndarray],
    adapter: Adapter,
) -> TaskResult:
    """S.T_i and E.T_i over every window, and the best spans of all."""
    curves = []
    for window, own in zip(windows, states, strict=True):
        logits = head_logits(own, adapter).astype(np.float32)  # (n, 2)
        logits.flags.writeable = False
        curves.append(SpanWindow(window.encoded, window.offset, logits[:, 0], logits[:, 1]))
    spans, nothing = best_spans(curves, paragraph)
    return TaskResult(
        task.name, task.shape, curves[spans[0].window if spans else 0].encoded, task.labels,
        spans=spans, windows=tuple(curves), no_answer=nothing,
        answerable=bool(spans) and spans[0].score > nothing,
    )
