"""What every benchmark prints: the machine, the figures, the goal, the peer beside ours."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Facts that decide a timing; no name or address."""
    return {
        "system": platform.system(), "processor": _processor(), "cores": os.cpu_count(),
        "load": [round(x, 2) for x in os.getloadavg()] if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        **{name: version(name) for name in ("torch", "transformers", "streamlit")},
    }


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile and extremes of some durations, in ms."""
    ordered = sorted(1000 * s for s in seconds)
    if not ordered:
        return {"n": 0}
    at95, at99 = (ordered[min(len(ordered) - 1, int(q * len(ordered)))] for q in (0.95, 0.99))
    shown = {"median": statistics.median(ordered), "p95": at95, "p99": at99,
             "min": ordered[0], "max": ordered[-1]}
    return {"n": len(ordered), **{name: round(value, 1) for name, value in shown.items()}}


def resident_megabytes(pid: int) -> float:
    """Resident memory of one process, on Linux and macOS."""
    shown = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True
    )
    return round(int(shown.stdout) / 1024, 1)


def report(name: str, figures: dict[str, Any]) -> None:
    print(json.dumps({"bench": name, "machine": machine(), **figures}, ensure_ascii=False))
