"""What the examples of the page come to, computed once and shipped.

    python -m lessons.stocks.beforehand

judges the shipped table as each preset asks and writes assets/presets/stocks.npz; run it again to
go on after a stop. The file carries the table's checksum and is not used with another.
"""

import hashlib
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from core.stocks.evaluation import Report, evaluate
from core.stocks.learned import Linear, Tree
from core.stocks.table import FOLDER, TABLE
from lessons import stored
from lessons.stocks.lesson import (
    EMBEDDED,
    Request,
    asked,
    default_request,
    settings_of,
    shipped,
)
from lessons.text import presets

FILE = "stocks.npz"
COMMAND = "python -m lessons.stocks.beforehand"
KINDS = {"linear": Linear, "tree": Tree}


def requests() -> tuple[Request, ...]:
    """What the presets of the shipped table ask for, each once."""
    every = (default_request(preset, EMBEDDED) for preset in presets("stocks"))
    return tuple(dict.fromkeys(r for r in every if r.source == EMBEDDED))


@cache
def _table_hash() -> str:
    return hashlib.sha256((FOLDER / TABLE).read_bytes()).hexdigest()[:16]


@cache
def _index() -> dict[str, Any]:
    try:
        with np.load(stored.FOLDER / FILE, allow_pickle=False) as file:
            index: dict[str, Any] = json.loads(str(file["index"]))
        return index["reports"] if index["table"] == _table_hash() else {}
    except OSError:
        return {}


def known(request: Request) -> bool:
    """Whether `load` has something for it."""
    return repr(request) in _index()


def load(request: Request) -> Report | None:
    """The report for exactly this request, None where it is not stored."""
    entry = _index().get(repr(request))
    if entry is None:
        return None
    with np.load(stored.FOLDER / FILE, allow_pickle=False) as file:
        arrays = [file[f"a{number}"] for number in entry["arrays"]]
    try:
        report: Report = stored.rebuild(Report, entry["report"], arrays)
        learned = tuple(stored.rebuild(KINDS[k], v, arrays) for k, v in entry["learned"])
    except (KeyError, TypeError, ValueError):
        return None  # stored before a report changed its shape
    names = {int(window): tuple(found) for window, found in report.names.items()}
    return replace(report, names=names, learned=learned)


def store(path: Path | None = None) -> Path:
    """Judge what the presets ask for and write it; what the file has of this table stays."""
    target = path or stored.FOLDER / FILE
    arrays, reports = _kept(target)
    wanted = requests()
    reports = {repr(r): reports[repr(r)] for r in wanted if repr(r) in reports}
    for request in wanted:
        if repr(request) in reports:
            continue
        table = shipped().between(request.start, request.end)
        report = evaluate(table, settings_of(request), asked(table, request.ticker))
        mine: list[np.ndarray] = []
        flat = stored.flatten(replace(report, learned=()), mine)
        learned = [
            [next(k for k, kind in KINDS.items() if isinstance(one, kind)),
             stored.flatten(one, mine)]
            for one in report.learned
        ]
        keys = [_content(array) for array in mine]
        arrays |= dict(zip(keys, mine, strict=True))
        reports[repr(request)] = {"arrays": keys, "report": flat, "learned": learned}
        _write(target, arrays, reports)
        print(request, f"{sum(row.seconds for row in report.rows):.0f} s", flush=True)
    _write(target, arrays, reports)
    return target


def _content(array: np.ndarray) -> str:
    """Equal arrays are kept once: the examples share days and labels."""
    return hashlib.sha256(f"{array.dtype}{array.shape}".encode() + array.tobytes()).hexdigest()


def _kept(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays by content and reports, of an earlier run over the same table."""
    try:
        with np.load(path, allow_pickle=False) as file:
            index: dict[str, Any] = json.loads(str(file["index"]))
            arrays = [file[f"a{i}"] for i in range(len(file.files) - 1)]
    except OSError:
        return {}, {}
    if index["table"] != _table_hash():
        return {}, {}
    keys = [_content(array) for array in arrays]
    reports = {
        name: {**entry, "arrays": [keys[i] for i in entry["arrays"]]}
        for name, entry in index["reports"].items()
    }
    return dict(zip(keys, arrays, strict=True)), reports


def _write(path: Path, arrays: dict[str, np.ndarray], reports: dict[str, Any]) -> None:
    used = sorted({key for entry in reports.values() for key in entry["arrays"]})
    places = {key: place for place, key in enumerate(used)}
    index = json.dumps({"table": _table_hash(), "reports": {
        name: {**entry, "arrays": [places[key] for key in entry["arrays"]]}
        for name, entry in reports.items()
    }}, ensure_ascii=False)
    named: dict[str, Any] = {f"a{places[key]}": arrays[key] for key in used}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, index=np.array(index), **named)


def main() -> None:
    path = store()
    print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
