"""Requests and results as bytes: a JSON header, then every array as it lies in memory.

    8 bytes   length h of the header, little-endian
    h bytes   JSON: {"value": tree, "arrays": [{"dtype", "shape", "start"}, ...]}
    the rest  the arrays, each from its `start`

In the tree {"$": name, ...} is a dataclass of the contract, {"$tuple": [...]},
{"$set": [...]}, {"$map": [[key, value], ...]} and {"$array": index} are what they say, and all
else is plain JSON. Nothing that a peer sends is ever run: no pickle, no names but the contract's.
"""

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from core import contract
from core.tasks.adapter import Adapter, Change

KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (*vars(contract).values(), Adapter, Change)
    if isinstance(kind, type) and is_dataclass(kind)
}
DTYPES = frozenset(["bool", "int8", "uint8", "int16", "int32", "int64",
                    "float16", "float32", "float64"])
_ALIGN = 8  # so that every array can be read in place
_LENGTH = struct.Struct("<Q")


class Unreadable(ValueError):
    """Bytes that are no message of this format."""


def pack(value: object, kinds: Mapping[str, type] = KINDS) -> bytes:
    """The message of a value. Raises TypeError for a dataclass that is not one of `kinds`."""
    arrays: list[np.ndarray] = []
    tree = _tree(value, arrays, kinds)
    listed, start = [], 0
    for array in arrays:
        listed.append({"dtype": array.dtype.name, "shape": array.shape, "start": start})
        start += -(-array.nbytes // _ALIGN) * _ALIGN
    header = json.dumps({"value": tree, "arrays": listed}, separators=(",", ":")).encode()
    header += b" " * (-len(header) % _ALIGN)
    parts = [_LENGTH.pack(len(header)), header]
    for array in arrays:
        parts += [array.tobytes(), bytes(-array.nbytes % _ALIGN)]
    return b"".join(parts)


def unpack(message: bytes, kinds: Mapping[str, type] = KINDS) -> Any:
    """The value of a message; its arrays are read-only views of it. Raises `Unreadable`."""
    try:
        (length,) = _LENGTH.unpack_from(message)
        begin = _LENGTH.size + length
        header = json.loads(message[_LENGTH.size : begin])
        arrays = [_array(message, begin, listed) for listed in header["arrays"]]
        return _value(header["value"], arrays, kinds)
    except Unreadable:
        raise
    except Exception as error:  # a damaged header fails in as many ways as there are types
        raise Unreadable("the message is damaged") from error


def _tree(value: object, arrays: list[np.ndarray], kinds: Mapping[str, type]) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value)
    if isinstance(value, np.ndarray):
        if value.dtype.name not in DTYPES:
            raise TypeError(f"arrays of {value.dtype} do not travel")
        arrays.append(np.ascontiguousarray(value).reshape(value.shape))
        return {"$array": len(arrays) - 1}
    if isinstance(value, list):
        return [_tree(item, arrays, kinds) for item in value]
    if isinstance(value, tuple):
        return {"$tuple": [_tree(item, arrays, kinds) for item in value]}
    if isinstance(value, (set, frozenset)):
        return {"$set": [_tree(item, arrays, kinds) for item in sorted(value)]}
    if isinstance(value, Mapping):
        pairs = value.items()
        return {"$map": [[_tree(k, arrays, kinds), _tree(v, arrays, kinds)] for k, v in pairs]}
    if kinds.get(type(value).__name__) is type(value):
        held = {f.name: _tree(getattr(value, f.name), arrays, kinds) for f in fields(value)}  # type: ignore[arg-type]
        return {"$": type(value).__name__, **held}
    raise TypeError(f"a {type(value).__name__} does not travel")


def _array(message: bytes, begin: int, listed: Mapping[str, Any]) -> np.ndarray:
    if listed["dtype"] not in DTYPES:
        raise Unreadable(f"arrays of {listed['dtype']} do not travel")
    shape = tuple(listed["shape"])
    if any(not isinstance(size, int) or size < 0 for size in shape) or listed["start"] < 0:
        raise Unreadable("an array has no such shape")
    start, count = begin + listed["start"], math.prod(shape)
    return np.frombuffer(message, np.dtype(listed["dtype"]), count, start).reshape(shape)


def _value(tree: Any, arrays: list[np.ndarray], kinds: Mapping[str, type]) -> Any:
    if isinstance(tree, list):
        return [_value(item, arrays, kinds) for item in tree]
    if not isinstance(tree, dict):
        return tree
    if "$" in tree:
        if tree["$"] not in kinds:
            raise Unreadable(f"a {tree['$']} does not travel")
        held = {name: _value(part, arrays, kinds) for name, part in tree.items() if name != "$"}
        return kinds[tree["$"]](**held)
    (kind, inner), = tree.items()
    if kind == "$array":
        return arrays[inner]
    if kind == "$tuple":
        return tuple(_value(item, arrays, kinds) for item in inner)
    if kind == "$set":
        return frozenset(_value(item, arrays, kinds) for item in inner)
    if kind == "$map":
        return {_value(k, arrays, kinds): _value(v, arrays, kinds) for k, v in inner}
    raise Unreadable(f"{kind} is unknown")
