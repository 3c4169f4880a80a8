"""A batch that does not fit into memory: split in halves and tried again, down to one item."""

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from core import shortage
from core.encode.pieces import Slice
from core.errors import OutOfMemory

if TYPE_CHECKING:
    from core.encode.encoder import Answer

Item = TypeVar("Item")
Found = TypeVar("Found")


def in_halves(run: Callable[[Sequence[Item]], list[Found]], items: Sequence[Item]) -> list[Found]:
    """`run(items)`, or its answers for both halves where the whole does not fit into memory.

    Raises `OutOfMemory` when one item alone does not fit, and what `run` raises else.
    """
    try:
        return run(items)
    except Exception as error:
        if not shortage.of_memory(error):
            raise
    _let_go()  # after the error, whose frames hold what the failed attempt had allocated
    if len(items) < 2:
        raise OutOfMemory
    middle = len(items) // 2
    return [*in_halves(run, items[:middle]), *in_halves(run, items[middle:])]


def alone(do: Callable[[], Found]) -> Found:
    """What cannot be split. Raises `OutOfMemory`."""
    return in_halves(lambda _: [do()], (None,))[0]


class Joined:
    """The answers for the parts of one slice, read as one."""

    def __init__(self, parts: "Sequence[Answer]") -> None:
        self._parts = parts

    def numpy(self) -> np.ndarray:
        """float32[poolings, b, H]."""
        return np.concatenate([part.numpy() for part in self._parts], axis=1)


def slice_in_halves(start: "Callable[[Slice], Answer]", some: Slice) -> "Answer | Joined":
    """`start(some)`, in as many parts as memory asks for. Raises `OutOfMemory`."""
    lengths = np.concatenate([np.full(count, n) for count, n in some.runs])  # (b,)
    starts = np.concatenate([[0], np.cumsum(lengths)])  # (b + 1,)

    def run(places: Sequence[int]) -> "list[Answer]":
        if len(places) == len(lengths):
            return [start(some)]
        first, after = places[0], places[-1] + 1
        own, counts = np.unique(lengths[first:after], return_counts=True)
        runs = zip(counts[::-1].tolist(), own[::-1].tolist(), strict=True)
        return [start(Slice(
            some.texts[first:after], some.ids[starts[first] : starts[after]], tuple(runs)
        ))]

    parts = in_halves(run, range(len(lengths)))
    return parts[0] if len(parts) == 1 else Joined(parts)


def _let_go() -> None:
    """Give back what the failed attempt held on a GPU, whose allocator keeps it for the next."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
