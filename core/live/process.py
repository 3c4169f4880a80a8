"""One worker process as the pool sees it: messages out, messages in, and its end."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.engine.threads import POOLS
from core.live.errors import Told, WorkerDied

ROOT = Path(__file__).parents[2]
Message = dict[str, Any]


class Answer:
    """What a question waits for."""

    def __init__(self) -> None:
        self._box: queue.SimpleQueue[Message | None] = queue.SimpleQueue()

    def put(self, message: Message | None) -> None:
        self._box.put(message)

    def get(self, seconds: float) -> Message | None:
        """The message, None when none came in time. Raises `WorkerDied`, `Told`."""
        try:
            message = self._box.get(timeout=seconds)
        except queue.Empty:
            return None
        if message is None:
            raise WorkerDied
        if message["event"] == "failed":
            raise Told(message["key"], message["sentence"], message["facts"])
        return message


class Process:
    """job : what it works on, "" while it rests; rested : since when

    heard : called with every message of a job; ended : called once, when the process is gone
    """

    def __init__(
        self, results: Path, heard: Callable[["Process", Message], None],
        ended: Callable[["Process"], None],
    ) -> None:
        self.job, self.rested = "", time.monotonic()
        self._heard, self._gone = heard, ended
        self._asked: dict[str, Answer] = {}
        self._writing = threading.Lock()
        results.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "core.live.worker", str(results)], cwd=ROOT,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
            env={**os.environ, **dict.fromkeys(POOLS, "1"), "PYTHONIOENCODING": "utf-8"},
        )
        threading.Thread(target=self._listen, name="worker", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: Message) -> None:
        """Write a message; a process that is gone takes none."""
        assert self._process.stdin is not None
        try:
            with self._writing:
                self._process.stdin.write(json.dumps(message) + "\n")
                self._process.stdin.flush()
        except (BrokenPipeError, ValueError, OSError):
            pass  # its end is told by `_listen`

    def expect(self, name: str) -> Answer:
        """Where the answer to a question of this name will be."""
        self._asked[name] = Answer()
        return self._asked[name]

    def end(self) -> None:
        """Let it finish what it does, then end."""
        self.send({"do": "end"})

    def kill(self) -> None:
        self._process.kill()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                continue  # killed in the middle of a line
            answer = self._asked.pop(message["id"], None)
            if answer is not None:
                answer.put(message)
            elif message["id"] != "warm":
                self._heard(self, message)
        self._process.wait()
        self._gone(self)  # first, so that nobody asks here any more
        for answer in list(self._asked.values()):
            answer.put(None)
