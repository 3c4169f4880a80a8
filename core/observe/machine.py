"""Memory and processor time of this process, from the operating system. No library."""

import os
import sys
import threading
import time
from collections import deque
from functools import cache
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_CGROUP = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def resident(pid: int | str = "self") -> int | None:
    """Bytes that a process holds in memory; None where nobody says."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (OSError, ValueError, IndexError):
        return _peak() if pid == "self" else None


def _peak() -> int | None:
    """The most this process has held: what there is without /proc."""
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


@cache
def memory_limit() -> int | None:
    """Bytes that this process may hold: of its container, or of the machine."""
    found = [_whole_machine()]
    for path in _CGROUP:
        try:
            found.append(int(path.read_text()))
        except (OSError, ValueError):  # "max" means that there is no limit
            continue
    known = [size for size in found if size]
    return min(known) if known else None


def _whole_machine() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * PAGE
    except (AttributeError, OSError, ValueError):
        return None


class Processor:
    """The share of one core that this process has used lately; asked from any thread."""

    def __init__(self, window: float = 10.0) -> None:
        self._window = window
        self._lock = threading.Lock()
        self._samples: deque[tuple[float, float]] = deque([self._now()], maxlen=64)

    def share(self) -> float:
        """1.0 is one core, over about the last `window` seconds with at least two looks."""
        with self._lock:
            now = self._now()
            while len(self._samples) > 1 and now[0] - self._samples[1][0] > self._window:
                self._samples.popleft()
            wall, used = self._samples[0]
            if now[0] - self._samples[-1][0] >= 1.0:
                self._samples.append(now)
            return (now[1] - used) / max(now[0] - wall, 1e-3)

    @staticmethod
    def _now() -> tuple[float, float]:
        return time.monotonic(), time.process_time()


_processor = Processor()


def processor() -> Processor:
    """The one that everything in this process shares."""
    return _processor


def load() -> float | None:
    """How many processes of the whole machine want a core, over the last minute."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def cores() -> int:
    """That this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
