"""A long list of texts sent in parts, so that it can be cancelled and its progress told."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from core.contract import EncodingProgress
from core.engine.encoding import Tell, different
from core.errors import Cancelled

TEXTS, CHARACTERS = 1024, 200_000  # of one call

Ask = Callable[[Sequence[str]], tuple[Any, EncodingProgress]]


def in_slices(
    ask: Ask, parts: Sequence[Callable[[Any], np.ndarray]], texts: Sequence[str],
    progress: Tell | None, cancel: threading.Event | None,
) -> list[np.ndarray]:
    """Each part of the answers for all texts, in their order; equal texts are asked once.

    ask : an answer for some texts, and how much work it was; parts : arrays of an answer, a row
        a text. Pieces in all are estimated by characters until the last text is done.

    Raises `Cancelled`.
    """
    unique, whose = different(texts)
    order = sorted(range(len(unique)), key=lambda i: len(unique[i]))
    characters, begun = sum(map(len, unique)), time.monotonic()
    found: list[list[np.ndarray]] = [[] for _ in parts]
    done, read, pieces = 0, 0, 0
    for some in _slices(order, unique):
        if cancel is not None and cancel.is_set():
            raise Cancelled
        if progress and not done:
            progress(EncodingProgress(0, len(unique), 0, characters // 4, 0.0))
        answer, work = ask([unique[i] for i in some])
        for rows, part in zip(found, parts, strict=True):
            rows.append(part(answer))
        done += len(some)
        read += sum(len(unique[i]) for i in some)
        pieces += work.of_pieces
        if progress:
            left = 0 if done == len(unique) else max(1, pieces * (characters - read) // read)
            progress(EncodingProgress(done, len(unique), pieces, pieces + left,
                                      time.monotonic() - begun))
    back = np.argsort(order)[whose] if unique else whose  # where each text's row went
    whole = [np.concatenate(rows)[back] for rows in found]
    for array in whole:
        array.flags.writeable = False
    return whole


def _slices(order: Sequence[int], texts: Sequence[str]) -> Iterator[list[int]]:
    """At least one, so that an empty list has its shape too."""
    some: list[int] = []
    characters = 0
    for i in order:
        if some and (len(some) == TEXTS or characters + len(texts[i]) > CHARACTERS):
            yield some
            some, characters = [], 0
        some.append(i)
        characters += len(texts[i])
    yield some
