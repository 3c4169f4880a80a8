"""Answers of slow sources kept on this machine: one JSON file each, with its age."""

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

MOST_FILES = 500


def cache_folder() -> Path:
    """Where this machine keeps what can be fetched or computed again.

    INSIDE_BERT_CACHE where it is set, else inside-bert in the user's cache folder.
    """
    own = os.environ.get("INSIDE_BERT_CACHE")
    if own:
        return Path(own).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "inside-bert"


def kept(path: Path, write: Callable[[BinaryIO], object]) -> bool:
    """Write a file that can be made again; False where the disk does not take it.

    It is put into its place when it is whole: a reader, and a server that was ended in the
    middle, never find half of it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with open(handle, "wb") as file:
                write(file)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError:
        return False
    return True


class Shelf:
    """Values of plain JSON under text keys. Never raises: a damaged or missing file is no
    value, a disk that cannot be written keeps nothing."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._clock = folder, clock

    def get(self, key: str) -> tuple[Any, float] | None:
        """The value and its age in seconds."""
        try:
            stored = json.loads(self._path(key).read_text(encoding="utf-8"))
            if stored["key"] != key:
                return None
            # an answer from the future was stored before the clock was put back: as far off
            return stored["value"], abs(self._clock() - float(stored["at"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, key: str, value: Any) -> None:
        """Readers see the old value or the new one."""
        text = json.dumps({"key": key, "at": self._clock(), "value": value})
        if kept(self._path(key), lambda file: file.write(text.encode())):
            self._prune()

    def _path(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"

    def _prune(self) -> None:
        """Drops the oldest files above `MOST_FILES`."""
        files = list(self._folder.glob("*.json"))
        if len(files) > MOST_FILES:
            files.sort(key=_changed)
            for path in files[: len(files) - MOST_FILES]:
                with suppress(OSError):
                    path.unlink()


def _changed(path: Path) -> float:
    """When a file was written; one that another server has removed is as old as can be."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
