"""Which of an engine's methods may be called from afar, and which model a call is about."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from core.engine.protocol import Engine
from core.errors import BadInput, UnknownModel
from core.models import registry

SIGNATURES = {
    name: inspect.signature(method)
    for name, method in vars(Engine).items()
    if inspect.isfunction(method) and not name.startswith("_")
}
ASKER = "x-asker"  # the header that tells one asker from another, see `core.engine.asker`
HERE = {"progress", "cancel", "on_progress", "tell"}  # what a caller keeps on its own side
MANY = frozenset(name for name, has in SIGNATURES.items() if "progress" in has.parameters)


def model_of(method: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """The id of the model that a call is about.

    Only a model that is offered may be asked: a path from outside opens no folder here.
    Raises `UnknownModel`, and `BadInput` for a call that no engine has.
    """
    if method not in SIGNATURES:
        raise BadInput(f"No engine can {method!r}.")
    if HERE & kwargs.keys():
        raise BadInput("Progress is not told across machines.")
    try:
        bound = SIGNATURES[method].bind(None, *args, **kwargs)
    except TypeError as error:
        raise BadInput(f"{method}: {error}.") from None
    bound.apply_defaults()
    asked = bound.arguments
    model = asked["model"] if "model" in asked else getattr(asked.get("request"), "model", None)
    for entry in registry.offered():
        if model in (entry.id, entry.label):
            return entry.id
    raise UnknownModel(str(model))
