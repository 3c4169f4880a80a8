"""Results of the presets, computed beforehand so that a page can show them before torch is there.

    python -m lessons.stored

writes assets/presets/<lesson>.npz: for each preset and language-independent default request
the whole result of the lesson, arrays as arrays, the rest as JSON. Results carry the model
file's checksum; a file made with other weights is not used.
"""

import dataclasses
import hashlib
import importlib
import json
import sys
import types
import typing
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from core.models.registry import ASSETS, EMBEDDED

FOLDER = ASSETS / "presets"
STORED_LESSONS = ("wordpiece", "embeddings", "attention", "mlm", "nsp")


@cache
def model_checksum() -> str:
    """First 16 hex digits of the SHA-256 of the embedded model's weights."""
    weights = (ASSETS / "models" / EMBEDDED / "model.safetensors").read_bytes()
    return hashlib.sha256(weights).hexdigest()[:16]


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


def load(lesson: str, request: Any) -> Any | None:
    """The stored result for exactly this request, or None."""
    entry = _index(lesson).get(repr(request))
    if entry is None:
        return None
    with np.load(FOLDER / f"{lesson}.npz", allow_pickle=False) as file:
        arrays = [file[f"a{number}"] for number in range(entry["first"], entry["last"])]
    module = importlib.import_module(f"lessons.{lesson}.lesson")
    return rebuild(module.Result, entry["value"], arrays)


def store(lesson: str) -> Path:
    """Compute and write the results of a lesson's presets."""
    from core.engine import local_engine
    from lessons.text import presets

    module = importlib.import_module(f"lessons.{lesson}.lesson")
    engine = local_engine()
    arrays: list[np.ndarray] = []
    results: dict[str, Any] = {}
    for preset in presets(lesson):
        request = module.default_request(preset, EMBEDDED)
        mine: list[np.ndarray] = []
        value = flatten(module.run(engine, request), mine)
        results[repr(request)] = {
            "first": len(arrays), "last": len(arrays) + len(mine), "value": value,
        }
        arrays += mine
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{lesson}.npz"
    index = json.dumps({"model": model_checksum(), "results": results}, ensure_ascii=False)
    named: dict[str, Any] = {f"a{i}": a for i, a in enumerate(arrays)}
    np.savez_compressed(path, index=np.array(index), **named)
    return path


def main() -> None:
    for lesson in sys.argv[1:] or STORED_LESSONS:
        path = store(lesson)
        print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
