"""A process that does jobs one after another and answers short questions between their steps.

    python -m core.live.worker FOLDER

JSON lines in on stdin, JSON lines out on stdout. FOLDER is where the server keeps results: when
the server is gone, stdin ends; then the worker removes the folder and ends too.
"""

import json
import os
import queue
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from core import shortage
from core.errors import InsideBertError
from core.observe import logs

if TYPE_CHECKING:
    from transformers import BertForPreTraining

WORK = {  # what a job may be: modules with work(spec, folder, talk)
    "train": "core.live.training",
    "sweep": "core.live.sweeps",
    "stocks": "core.stocks.apart",
}
ANSWERS = {"predict": "core.live.predict"}  # short questions: modules with answer(spec, talk)
PAUSE = 0.1  # seconds between two reports of one job
MODELS = 2  # base models held at once


class Cancelled(Exception):
    """Nobody waits for this job any more."""


class Worker:
    """The loop of one worker. out : where its messages go."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.inbox: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._models: dict[str, BertForPreTraining] = {}
        self._job = ""
        self._seconds = self._limit = self._told = 0.0
        self._notes: list[dict[str, Any]] = []
        self._stop = self._cancel = False

    def run(self) -> None:
        """Until told to end."""
        while (message := self.inbox.get())["do"] != "end":
            self._handle(message)

    def _handle(self, message: dict[str, Any]) -> None:
        do, own = message["do"], message.get("id") == self._job and self._job
        if do == "job":
            self._do_job(message)
        elif do == "ask":
            self._tell("answer", message["id"], lambda: {
                "value": import_module(ANSWERS[message["kind"]]).answer(message["spec"], self)
            })
        elif do == "warm":
            self._tell("warm", message["id"], lambda: {"value": bool(self.model(message["model"]))})
        elif do == "stop" and own:
            self._stop = True
        elif do == "cancel" and own:
            self._cancel = True

    def _do_job(self, message: dict[str, Any]) -> None:
        self._job, self._stop, self._cancel = message["id"], False, False
        self._seconds, self._limit, self._told, self._notes = message["seconds"], 0.0, 0.0, []
        work: Callable[..., None] = import_module(WORK[message["kind"]]).work
        folder = Path(message["folder"])

        def do() -> dict[str, Any]:
            folder.mkdir(parents=True)
            work(message["spec"], folder, self)
            return {"size": sum(f.stat().st_size for f in folder.iterdir())}

        self._tell("done", self._job, do)
        self._job = ""

    def _tell(self, event: str, name: str, do: Callable[[], dict[str, Any]]) -> None:
        """Report what came of it: the event, or why not."""
        try:
            self._send({"event": event, "id": name, **do()})
        except Cancelled:
            self._send({"event": "cancelled", "id": name})
        except InsideBertError as error:
            self._send({"event": "failed", "id": name, "key": error.key, "sentence": str(error),
                        "facts": {k: str(v) for k, v in error.facts.items()}})
        except Exception as error:
            if ours := shortage.named(error):
                self._send({"event": "failed", "id": name, "key": ours.key, "sentence": str(ours),
                            "facts": {}})
                return
            logs.failed(error)
            self._send({"event": "failed", "id": name, "key": "went_wrong",
                        "sentence": "Something went wrong during the training.", "facts": {}})

    def tick(self, done: int, total: int, note: dict[str, Any] | None = None) -> bool:
        """See `core.live.training.Talk`. Raises `Cancelled`."""
        if note:
            self._notes.append(note)
        now = time.monotonic()
        self._limit = self._limit or now + self._seconds  # loading is not counted
        if done in (0, total) or now - self._told > PAUSE:
            self._send({"event": "tick", "id": self._job, "done": done, "total": total,
                        "notes": self._notes})
            self._told, self._notes = now, []
        while True:
            try:
                self._handle(self.inbox.get_nowait())
            except queue.Empty:
                break
        if self._cancel:
            raise Cancelled
        return self._stop or now > self._limit

    def model(self, name: str) -> "BertForPreTraining":
        """A base model, loaded once and never changed."""
        if name not in self._models:
            from core.models.loading import load

            while len(self._models) >= MODELS:
                self._models.pop(next(iter(self._models)))
            self._models[name] = load(name, "cpu")
        return self._models[name]

    def _send(self, message: dict[str, Any]) -> None:
        self._out.write(json.dumps(message) + "\n")
        self._out.flush()


def _listen(worker: Worker, results: Path) -> None:
    for line in sys.stdin:
        worker.inbox.put(json.loads(line))
    shutil.rmtree(results, ignore_errors=True)
    os._exit(0)  # the server is gone, whatever is being computed


def main() -> None:
    results = Path(sys.argv[1])
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not stand between the messages
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to hear
    logs.set_up()
    worker = Worker(out)
    threading.Thread(target=_listen, args=(worker, results), daemon=True).start()
    import torch

    torch.set_num_threads(1)
    worker.run()


if __name__ == "__main__":
    main()
