"""A task's question as sequences, and the head's answer from their vectors."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core import limits
from core.contract import Classification, ModelInfo, Surgery, TaskRequest, TaskResult
from core.errors import BadInput, TaskNeedsPair
from core.tasks import answer
from core.tasks.adapter import Adapter
from core.tasks.registry import Task, find
from core.tasks.windows import Window, windows
from core.trace.recompute import softmax
from core.wordpiece.encoder import encode

SPAN_PIECES = 384  # of a window of a question task, as in BERT's SQuAD code


def sequences(task: Task, request: TaskRequest, folder: Path, limit: int) -> tuple[Window, ...]:
    """One sequence, or for a question as many windows as the paragraph needs.

    Raises `EmptyText`, `TextTooLong`, `TaskNeedsPair`, `QuestionTooLong`.
    """
    limits.check_text(request.text)
    if not task.needs_pair:
        return (Window(encode(folder, request.text, None, limit), 0),)
    second = limits.check_optional(request.text_b)
    if second is None:
        raise TaskNeedsPair(task.name)
    if task.shape == "span":
        return windows(folder, request.text, second, min(SPAN_PIECES, limit))
    return (Window(encode(folder, request.text, second, limit), 0),)


def group(info: ModelInfo, task: Task) -> tuple:
    """What a pass for a task keeps, as the engine's batches are told apart by."""
    return (
        frozenset({"after_ffn"}),
        (info.layers - 1,),
        "bidirectional",
        Surgery(),
        None,
        task.name,
    )


def answered(
    task: Task,
    request: TaskRequest,
    read: Sequence[Window],
    states: Sequence[np.ndarray],
    adapter: Adapter,
) -> TaskResult:
    """The head's answer. states : float32[n, H] of the last layer, for each sequence"""
    if task.shape == "span":
        assert request.text_b is not None
        return answer.of_spans(task, request.text_b, read, states, adapter)
    if task.shape == "tags":
        return answer.of_tags(task, request.text, read[0].encoded, states[0], adapter)
    return answer.of_sentence(task, read[0].encoded, states[0], adapter)


def sentence_task(name: str) -> Task:
    """The task of that name, if it gives a sentence a class.

    Raises `UnknownTask`, `TaskNeedsPair`, `BadInput`.
    """
    task = find(name)
    if task.needs_pair:
        raise TaskNeedsPair(name)
    if task.shape != "sentence":
        raise BadInput(f"The task {name} gives every word a class and not the whole text.")
    return task


def classified(
    task: Task, cls: np.ndarray, adapter: Adapter, *, vectors: np.ndarray | None
) -> Classification:
    """softmax(C W^T + b) of many texts. cls : float32[n, H], vectors : what is handed on"""
    probabilities = softmax(answer.head_logits(cls, adapter)).astype(np.float32)  # (n, K)
    for array in (probabilities, vectors):
        if array is not None:
            array.flags.writeable = False
    return Classification(task.name, task.labels, probabilities, vectors)
