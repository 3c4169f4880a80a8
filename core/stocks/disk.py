"""Answers of slow sources kept on this machine: one JSON file each, with its age."""

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MOST_FILES = 500


def cache_folder() -> Path:
    """Where this machine keeps what can be fetched or computed again.

    INSIDE_BERT_CACHE where it is set, else inside-bert in the user's cache folder.
    """
    own = os.environ.get("INSIDE_BERT_CACHE")
    if own:
        return Path(own).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "inside-bert"


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
            return stored["value"], max(0.0, self._clock() - float(stored["at"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, key: str, value: Any) -> None:
        """Replaces the whole file at once, so that readers see the old value or the new one."""
        text = json.dumps({"key": key, "at": self._clock(), "value": value})
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            try:
                with open(handle, "w", encoding="utf-8") as file:
                    file.write(text)
                os.replace(name, self._path(key))
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            self._prune()
        except OSError:
            return

    def _path(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"

    def _prune(self) -> None:
        """Drops the oldest files above `MOST_FILES`."""
        files = list(self._folder.glob("*.json"))
        if len(files) > MOST_FILES:
            files.sort(key=lambda path: path.stat().st_mtime)
            for path in files[: len(files) - MOST_FILES]:
                path.unlink(missing_ok=True)
