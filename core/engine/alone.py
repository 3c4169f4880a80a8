"""Long work in pieces: each is done alone with the model, and others get in between."""

from collections.abc import Callable
from typing import Any, Protocol

from core.contract import ModelInfo
from core.errors import Cancelled

What = Callable[[Any, ModelInfo], Any]  # a piece of work, given the model
Tell = Callable[[float], bool | None]  # hears the share that is done, 0 to 1; False cancels


class Alone(Protocol):
    """Does a piece of work with the model and waits for it.

    cost : as much work as so many word pieces through all layers
    """

    def __call__(self, do: What, cost: int) -> Any: ...


def told(alone: Alone, total: int, tell: Tell | None) -> Alone:
    """The same, telling after each piece how much of the `total` cost is done.

    Raises `Cancelled` when told to.
    """
    if tell is None:
        return alone
    done = 0

    def one(do: What, cost: int) -> Any:
        nonlocal done
        if tell(min(1.0, done / total)) is False:
            raise Cancelled
        found = alone(do, cost)
        done += cost
        return found

    return one


def part(tell: Tell | None, low: float, high: float) -> Tell | None:
    """For one of several pieces of long work, which takes it from share `low` to `high`."""
    return None if tell is None else lambda share: tell(low + share * (high - low))
