"""Errors as JSON: what a learner is to be told travels, a traceback never does."""

from typing import Any

from core import errors, shortage
from core.errors import BadInput, Busy, InsideBertError

KINDS = {
    kind.__name__: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, InsideBertError)
}
MISSING_NAME = "KeyError"  # what `Engine.parameter` raises


def written(error: Exception) -> dict[str, Any]:
    """The JSON object of an error; of one without a sentence for the user only that it failed."""
    error = shortage.named(error) or error
    if isinstance(error, InsideBertError):
        facts = {name: _plain(value) for name, value in error.facts.items()}
        return {"error": type(error).__name__, "sentence": str(error), "facts": facts}
    if isinstance(error, KeyError):
        return {"error": MISSING_NAME, "sentence": str(error.args[0]), "facts": {}}
    return {"error": "InsideBertError", "sentence": "The engine failed.", "facts": {}}


def status(error: Exception) -> int:
    """The HTTP status of an error: 422 for the request's own fault, 503 for busy, else 500."""
    if isinstance(error, (BadInput, KeyError)):
        return 422
    return 503 if isinstance(error, Busy) else 500


def read(told: dict[str, Any]) -> Exception:
    """The error that `written` wrote down."""
    if told["error"] == MISSING_NAME:
        return KeyError(told["sentence"])
    kind = KINDS.get(told["error"], InsideBertError)
    error = kind.__new__(kind)
    InsideBertError.__init__(error, str(told["sentence"]), **told["facts"])
    return error


def _plain(value: object) -> object:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return [_plain(v) for v in value] if isinstance(value, (list, tuple)) else str(value)
