"""Jobs in worker processes: bounded, in turn, watched, and gone when nobody waits for them.

    pool = Pool()
    name = pool.submit(Job("train", spec), owner="a session")
    pool.status(name).state        # waiting, running, done, stopped by cancel, failed
    pool.folder(name)              # what it left, once done

Nothing here knows what a job computes: `core.live.worker` says which kinds there are.
"""

import atexit
import shutil
import tempfile
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core import shortage
from core.errors import Busy, InsideBertError
from core.live.errors import QueueFull, ResultGone, Told, TookTooLong, WorkerDied
from core.live.job import WORKERS_SETTING, Bounds, Job, State, Status, wanted
from core.live.process import Process
from core.observe import logs

__all__ = ["WORKERS_SETTING", "Bounds", "Job", "Pool", "State", "Status", "shared_pool", "wanted"]

TICK = 0.5  # seconds between two looks at who is still there
FORGET_FAILED = 600.0  # seconds that a job without a result is remembered


@dataclass
class _Entry:
    name: str
    job: Job
    owner: str
    seen: float
    status: Status = field(default_factory=lambda: Status("waiting"))
    notes: list[dict[str, Any]] = field(default_factory=list)
    worker: Process | None = None
    began: float | None = None  # of the first step
    given: float = 0.0  # to the worker
    size: int = 0


class Pool:
    """Worker processes and a queue; safe from any thread. They end with this process."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self.bounds = bounds or Bounds()
        self._root: Path | None = None
        self._lock = threading.RLock()
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._workers: list[Process] = []
        self._watching = False
        atexit.register(self.close)

    def submit(self, job: Job, owner: str) -> str:
        """Put a job into the queue; an earlier one of the same owner is cancelled.

        Raises `QueueFull`.
        """
        with self._lock:
            for entry in list(self._entries.values()):
                if entry.owner == owner and entry.status.active:
                    self.cancel(entry.name)
            waiting = sum(e.status.state == "waiting" for e in self._entries.values())
            if waiting >= self.bounds.waiting:
                raise QueueFull(waiting)
            entry = _Entry(uuid.uuid4().hex, job, owner, time.monotonic())
            self._entries[entry.name] = entry
            self._watch()
            self._dispatch()
            return entry.name

    def warm(self, model: str = "embedded") -> None:
        """Have one worker ready with a model; returns at once. A failure is told to a job."""
        with self._lock, suppress(InsideBertError):
            self._watch()
            if not self._workers:
                self._start().send({"do": "warm", "id": "warm", "model": model})

    def status(self, name: str) -> Status:
        """Raises `ResultGone` for a job that is no longer known."""
        with self._lock:
            entry = self._entry(name)
            now = time.monotonic()
            before = 0
            if entry.status.state == "waiting":
                others = list(self._entries.values())
                ahead = others[: others.index(entry)]
                before = sum(e.status.active for e in ahead)
            seconds = entry.status.seconds
            if entry.status.state == "running" and entry.began is not None:
                seconds = now - entry.began
            return replace(
                entry.status, before=before, seconds=seconds, notes=tuple(entry.notes)
            )

    def beat(self, name: str) -> Status:
        """Somebody still waits for it; its status. Raises `ResultGone`."""
        with self._lock:
            self._entry(name).seen = time.monotonic()
            return self.status(name)

    def stop(self, name: str) -> None:
        """End a running job now and keep what it has; one that waits is cancelled."""
        with self._lock:
            entry = self._entries.get(name)
            if entry is None or not entry.status.active:
                return
            if entry.worker is None:
                self.cancel(name)
            else:
                entry.worker.send({"do": "stop", "id": name})

    def cancel(self, name: str) -> None:
        """End a job and keep nothing."""
        with self._lock:
            entry = self._entries.get(name)
            if entry is None or not entry.status.active:
                return
            entry.status = replace(entry.status, state="cancelled")
            if entry.worker is not None:
                entry.worker.send({"do": "cancel", "id": name})
                # its worker is free again when it says so, or is killed after the grace

    def folder(self, name: str) -> Path:
        """What a finished job left. Raises `ResultGone`, or why it failed."""
        with self._lock:
            entry = self._entry(name)
            if entry.status.error is not None:
                raise entry.status.error
            entry.seen = time.monotonic()
            found = self._folder(name)
            if entry.status.state != "done" or not found.is_dir():
                raise ResultGone
            return found

    def drop(self, name: str) -> None:
        """Let go of a job and what it left; one that still goes on is cancelled."""
        with self._lock:
            self.cancel(name)
            entry = self._entries.get(name)
            if entry is not None and (entry.worker is None or entry.worker.job != name):
                self._empty(entry)
                del self._entries[name]

    def free(self) -> bool:
        """Whether a job would begin at once."""
        with self._lock:
            return any(not w.job for w in self._workers) or (
                len(self._workers) < self.bounds.workers
            )

    def ask(self, kind: str, spec: dict[str, Any], seconds: float = 30.0) -> Any:
        """A short question, answered by a worker that rests or between two steps of a job.

        It is asked once more where the worker ends meanwhile: an answer changes nothing.
        Raises `Busy` after that time, `WorkerDied`, and what the answer itself raises.
        """
        try:
            return self._asked(kind, spec, seconds)
        except WorkerDied:
            return self._asked(kind, spec, seconds)

    def _asked(self, kind: str, spec: dict[str, Any], seconds: float) -> Any:
        with self._lock:
            self._watch()
            worker = min(self._workers, key=lambda w: w.job != "", default=None) or self._start()
            name = uuid.uuid4().hex
            answer = worker.expect(name)
            worker.send({"do": "ask", "id": name, "kind": kind, "spec": spec})
        message = answer.get(seconds)
        if message is None:
            raise Busy
        return message["value"]

    def wait(self, name: str, seconds: float) -> Status:
        """Until a job has ended, beating for it. Raises `Busy` after that time."""
        end = time.monotonic() + seconds
        while (status := self.beat(name)).active:
            if time.monotonic() > end:
                raise Busy
            time.sleep(0.05)
        return status

    def load(self) -> tuple[int, int]:
        """Jobs that wait, and jobs that run."""
        with self._lock:
            states = [entry.status.state for entry in self._entries.values()]
        return states.count("waiting"), states.count("running")

    def pids(self) -> list[int]:
        """The worker processes that there are."""
        with self._lock:
            return [worker.pid for worker in self._workers]

    def close(self) -> None:
        """End all workers and remove all results."""
        with self._lock:
            for worker in self._workers:
                worker.kill()
            self._workers.clear()
            self._entries.clear()
            if self._root is not None:
                shutil.rmtree(self._root, ignore_errors=True)
                self._root = None

    # -- inside, always with the lock held

    def _entry(self, name: str) -> _Entry:
        if name not in self._entries:
            raise ResultGone
        return self._entries[name]

    def _folder(self, name: str) -> Path:
        if self._root is None:
            self._root = Path(tempfile.mkdtemp(prefix="inside-bert-"))
        return self._root / name

    def _start(self) -> Process:
        """Raises `DiskFull`, `OutOfMemory`, `WorkerDied` where no process can be started."""
        try:
            worker = Process(self._folder("").absolute(), self._heard, self._ended)
        except OSError as error:
            raise shortage.named(error) or WorkerDied() from error
        self._workers.append(worker)
        return worker

    def _dispatch(self) -> None:
        """Give the next jobs to workers that rest; start some where there may be more."""
        for entry in self._entries.values():
            if entry.status.state != "waiting":
                continue
            worker = next((w for w in self._workers if not w.job), None)
            if worker is None:
                if len(self._workers) >= self.bounds.workers:
                    return
                try:
                    worker = self._start()
                except InsideBertError as error:
                    entry.status = replace(entry.status, state="failed", error=error)
                    continue
            entry.worker, worker.job = worker, entry.name
            entry.given = time.monotonic()
            entry.status = replace(entry.status, state="running")
            worker.send({
                "do": "job", "id": entry.name, "kind": entry.job.kind, "spec": entry.job.spec,
                "folder": str(self._folder(entry.name)), "seconds": entry.job.seconds,
            })

    def _heard(self, worker: Process, message: dict[str, Any]) -> None:
        with self._lock:
            entry = self._entries.get(message["id"])
            if entry is None:
                if worker.job == message["id"] and message["event"] != "tick":
                    self._free(worker)
                return
            if message["event"] == "tick":
                if entry.began is None:
                    entry.began = time.monotonic()
                entry.notes += message["notes"]
                entry.status = replace(
                    entry.status, done=message["done"], total=message["total"]
                )
                return
            self._end(entry, message)
            self._free(worker)

    def _end(self, entry: _Entry, message: dict[str, Any]) -> None:
        """What a worker said at the end of a job; one that was cancelled stays so."""
        spent = time.monotonic() - entry.began if entry.began is not None else 0.0
        state: State = {"done": "done", "cancelled": "cancelled"}.get(
            message["event"], "failed")  # type: ignore[assignment]
        entry.job = replace(entry.job, spec={})  # the learner's lines are not kept here
        if state != "done" or entry.status.state == "cancelled":
            self._empty(entry)
        if entry.status.state == "cancelled":
            return
        error = None
        if state == "failed":
            error = Told(message["key"], message["sentence"], message["facts"])
        entry.size = message.get("size", 0)
        entry.seen = time.monotonic()
        entry.status = replace(entry.status, state=state, seconds=spent, error=error)
        self._forget_old(entry.owner)

    def _empty(self, entry: _Entry) -> None:
        """Half a result is none: what a job left that did not come to its end goes."""
        shutil.rmtree(self._folder(entry.name), ignore_errors=True)

    def _free(self, worker: Process) -> None:
        worker.job, worker.rested = "", time.monotonic()
        self._dispatch()

    def _ended(self, worker: Process) -> None:
        """A worker's process is gone."""
        with self._lock:
            if worker not in self._workers:
                return
            self._workers.remove(worker)
            entry = self._entries.get(worker.job)
            if entry is not None and entry.status.active:
                entry.status = replace(entry.status, state="failed", error=WorkerDied())
                logs.warning("worker died", job=entry.job.kind)
            if entry is not None:
                self._empty(entry)
            self._dispatch()

    def _forget_old(self, owner: str = "") -> None:
        """Make room: too many of one owner, too old, too large in all."""
        ended = [e for e in self._entries.values() if not e.status.active]
        ended.sort(key=lambda e: -e.seen)
        now, size, mine = time.monotonic(), 0, 0
        for entry in ended:
            done = entry.status.state == "done"
            size += entry.size
            mine += done and entry.owner == owner
            old = now - entry.seen > (self.bounds.keep_seconds if done else FORGET_FAILED)
            many = done and entry.owner == owner and mine > self.bounds.keep_each
            if old or many or size > self.bounds.keep_bytes:
                del self._entries[entry.name]
                shutil.rmtree(self._folder(entry.name), ignore_errors=True)

    def _watch(self) -> None:
        if not self._watching:
            self._watching = True
            threading.Thread(target=self._look, name="jobs", daemon=True).start()

    def _look(self) -> None:
        """Cancel what nobody waits for, end what lasts too long, let go of what rests."""
        while True:
            time.sleep(TICK)
            with self._lock:
                now = time.monotonic()
                for entry in list(self._entries.values()):
                    self._look_at(entry, now)
                for worker in list(self._workers):
                    if not worker.job and now - worker.rested > self.bounds.idle:
                        self._workers.remove(worker)
                        worker.end()
                self._forget_old()

    def _look_at(self, entry: _Entry, now: float) -> None:
        if not entry.status.active and entry.worker is None:
            return
        if entry.status.active and entry.job.watched and now - entry.seen > self.bounds.silence:
            self.cancel(entry.name)
        worker = entry.worker
        held = worker is not None and worker.job == entry.name
        if entry.began is None:
            late = now - entry.given > self.bounds.loading
        else:
            late = now - entry.began > entry.job.seconds + self.bounds.grace
        if worker is not None and held and late:
            if entry.status.active:
                error = TookTooLong(entry.job.seconds)
                entry.status = replace(entry.status, state="failed", error=error)
                logs.warning("took too long", job=entry.job.kind)
            worker.kill()  # `_ended` frees its place


_pools: list[Pool] = []
_pools_lock = threading.Lock()


def shared_pool(make: Callable[[], Pool] = Pool) -> Pool:
    """The pool that everything in this process shares."""
    with _pools_lock:
        if not _pools:
            _pools.append(make())
        return _pools[0]
