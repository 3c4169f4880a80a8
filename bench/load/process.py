"""What a server uses: memory and processor time of its process and of those it has started."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import psutil


@dataclass(frozen=True)
class Meter:
    """Reads one server's figures."""

    pid: int

    @cached_property
    def _own(self) -> psutil.Process:
        return psutil.Process(self.pid)

    def _family(self) -> list[psutil.Process]:
        return [self._own, *self._own.children(recursive=True)]

    def megabytes(self) -> float:
        """Resident memory of the server's own process."""
        return round(self._own.memory_info().rss / 2**20, 1)

    def workers_megabytes(self) -> float:
        """Resident memory of the processes that it has started."""
        sizes = []
        for process in self._family()[1:]:
            try:
                sizes.append(process.memory_info().rss)
            except psutil.NoSuchProcess:
                continue
        return round(sum(sizes) / 2**20, 1)

    def cpu_seconds(self) -> float:
        """Processor time of all of them so far."""
        total = 0.0
        for process in self._family():
            try:
                used = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += used.user + used.system
        return total


def pinned(how: str) -> tuple[Collection[int], Collection[int]]:
    """The cores of the server and those of everything else here; both empty where none is pinned.

    how : "shared", everybody may use every core, as where one machine does all;
        "apart", the server has two cores to itself (one, where there are only two)
    """
    if how == "shared":
        return (), ()
    here = sorted(os.sched_getaffinity(0))
    most = 2 if len(here) > 2 else 1
    return here[:most], here[most:] or here


def keep_to(cores: Collection[int]) -> None:
    """Let this process, and those it starts from here on, use these cores only."""
    if cores:
        os.sched_setaffinity(0, cores)
