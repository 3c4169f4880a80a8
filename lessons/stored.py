"""Results of the presets, computed beforehand so that a page can show them before torch is there.

    python -m lessons.stored

writes assets/presets/<lesson>.npz: for each preset's default request what the lesson's `run`
returns, or what each function named in its `STORED` returns; arrays as arrays, the rest as
JSON. The file carries the checksum of the model's weights and is not used with others.
"""

import dataclasses
import hashlib
import importlib
import json
import sys
import types
import typing
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from core.models.files import checksum
from core.models.registry import ASSETS, EMBEDDED

FOLDER = ASSETS / "presets"
STORED_LESSONS = ("attention", "mlm", "nsp", "heads", "judges", "tasks")  # of one forward pass


def model_checksum() -> str:
    """First 16 hex digits of the SHA-256 of the embedded model's weights."""
    return checksum(EMBEDDED)


def flatten(value: Any, arrays: list[np.ndarray]) -> Any:
    """A result as JSON values; arrays are appended to `arrays` and replaced by their number."""
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: flatten(getattr(value, f.name), arrays) for f in dataclasses.fields(value)}
    if isinstance(value, (tuple, list)):
        return [flatten(v, arrays) for v in value]
    if isinstance(value, dict):
        return {k: flatten(v, arrays) for k, v in value.items()}
    return value.item() if isinstance(value, np.generic) else value


def rebuild(kind: Any, stored: Any, arrays: list[np.ndarray]) -> Any:
    """The inverse of `flatten`, guided by the type hints of the dataclasses."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if stored is None:
            return None
        return rebuild(next(k for k in inner if k is not type(None)), stored, arrays)
    if isinstance(stored, dict) and set(stored) == {"array"}:
        array = arrays[stored["array"]]
        array.flags.writeable = False
        return array
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{name: rebuild(hints[name], v, arrays) for name, v in stored.items()})  # type: ignore[operator]
    if origin is tuple:
        kinds = (inner[0],) * len(stored) if inner[-1:] == (Ellipsis,) else inner
        return tuple(rebuild(k, v, arrays) for k, v in zip(kinds, stored, strict=True))
    if origin is dict:
        return {k: rebuild(inner[1], v, arrays) for k, v in stored.items()}
    return stored


@cache
def _index(lesson: str) -> dict[str, Any]:
    path = FOLDER / f"{lesson}.npz"
    if not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as file:
        index = json.loads(str(file["index"]))
    return index["results"] if index["model"] == model_checksum() else {}


def _name(run: Callable[..., Any], request: Any) -> str:
    """A stored result's key. A lesson whose results rest on more weights than the model's names
    them in its `further_weights`: with others, nothing is found."""
    more = getattr(sys.modules[run.__module__], "further_weights", None)
    return f"{run.__qualname__} {request!r}" + (f" {more(request)}" if more else "")


def load(lesson: str, run: Callable[..., Any], request: Any) -> Any | None:
    """What `run` returned for exactly this request, or None when that is not stored."""
    if run.__module__ != f"lessons.{lesson}.lesson":
        return None
    entry = _index(lesson).get(_name(run, request))
    if entry is None:
        return None
    with np.load(FOLDER / f"{lesson}.npz", allow_pickle=False) as file:
        arrays = [file[f"a{number}"] for number in entry["arrays"]]
    try:
        return rebuild(typing.get_type_hints(run)["return"], entry["value"], arrays)
    except (KeyError, TypeError, ValueError):
        return None  # stored before the lesson's result changed its shape


def _content(array: np.ndarray) -> str:
    digest = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
    return f"{array.dtype} {array.shape} {digest}"


def store(lesson: str) -> Path:
    """Compute and write the results of a lesson's presets."""
    from core.engine import local_engine
    from core.errors import InsideBertError
    from lessons.text import presets

    module = importlib.import_module(f"lessons.{lesson}.lesson")
    arrays: dict[str, np.ndarray] = {}  # by content, since presets share weights
    results: dict[str, Any] = {}
    for preset in presets(lesson):
        request = module.default_request(preset, EMBEDDED)
        for run in getattr(module, "STORED", (module.run,)):
            mine: list[np.ndarray] = []
            try:
                value = flatten(run(local_engine(), request), mine)
            except InsideBertError:
                continue  # a preset that shows how an input is refused
            keys = [_content(array) for array in mine]
            arrays |= dict(zip(keys, mine, strict=True))
            places = [list(arrays).index(key) for key in keys]
            results[_name(run, request)] = {"arrays": places, "value": value}
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{lesson}.npz"
    index = json.dumps({"model": model_checksum(), "results": results}, ensure_ascii=False)
    named: dict[str, Any] = {f"a{i}": a for i, a in enumerate(arrays.values())}
    np.savez_compressed(path, index=np.array(index), **named)
    return path


def main() -> None:
    for lesson in sys.argv[1:] or STORED_LESSONS:
        path = store(lesson)
        print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
