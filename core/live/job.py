"""What is asked of the pool of workers, within which bounds, and how it stands."""

import os
from dataclasses import dataclass, field
from typing import Any, Literal

from core.errors import InsideBertError

State = Literal["waiting", "running", "done", "cancelled", "failed"]
WORKERS_SETTING = "INSIDE_BERT_WORKERS"  # processes for jobs; one core less than there are, <= 4


def wanted() -> bool:
    """Whether what the pages ask for may be done in other processes; a training always is."""
    return os.environ.get(WORKERS_SETTING, "").strip() != "0"


def _workers() -> int:
    chosen = os.environ.get(WORKERS_SETTING, "").strip()
    return max(1, int(chosen) if chosen else min(4, (os.cpu_count() or 2) - 1))


@dataclass(frozen=True)
class Bounds:
    """waiting : jobs in the queue; silence : seconds without a beat after which a watched job is
    cancelled; loading : seconds until the first step; grace : seconds beyond its limit, counted
    from there, until a worker is killed; idle : seconds until a worker without work ends;
    keep_bytes, keep_seconds, keep_each : finished results, in all and of one owner"""

    workers: int = field(default_factory=_workers)
    waiting: int = 40
    silence: float = 45.0
    loading: float = 240.0
    grace: float = 60.0
    idle: float = 900.0
    keep_bytes: int = 2 * 10**9
    keep_seconds: float = 3 * 3600.0
    keep_each: int = 4


@dataclass(frozen=True)
class Job:
    """kind, spec : what to do (`core.live.worker`); seconds : after that it ends with what it has;
    watched : somebody must `beat` for it, or it is cancelled"""

    kind: str
    spec: dict[str, Any]
    seconds: float = 120.0
    watched: bool = True


@dataclass(frozen=True)
class Status:
    """before : jobs that come first, while it waits; done, total : steps; seconds : since it
    began; notes : what it has told so far; error : why it failed"""

    state: State
    before: int = 0
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    notes: tuple[dict[str, Any], ...] = ()
    error: InsideBertError | None = None

    @property
    def active(self) -> bool:
        return self.state in ("waiting", "running")

    @property
    def rate(self) -> float:
        """Steps a second."""
        return self.done / self.seconds if self.seconds else 0.0

    @property
    def left(self) -> float | None:
        """Seconds to go, None before the first step."""
        return (self.total - self.done) / self.rate if self.done else None
