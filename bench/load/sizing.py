"""The table of machines for rooms of docs/deploy.md, from files of what ramp and memory printed.

    python -m bench.load sizing ramp.jsonl memory.jsonl

A room as large as one that was measured and met its goals is marked so. A larger one is the
largest measured room, as often as needed: as many processes, each on a core of its own beside
one for all that they share, and each with its memory.
"""

import argparse
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.load.table import read, row

ROOMS = (30, 60, 120, 200, 500, 1000)
HEAD = ("visitors", "what they do", "processes", "cores in use", "cores to have", "memory GB",
        "from")


@dataclass(frozen=True)
class Carried:
    """What one process carried: visitors, cores it used, MB it held, and MB of each visitor."""

    mode: str
    visitors: int
    cores: float
    megabytes: float
    each: float

    def machine(self, visitors: int) -> tuple[int, float, int, float]:
        """(processes, cores in use, cores to have, GB) for so many."""
        processes = math.ceil(visitors / self.visitors)
        used = self.cores * visitors / self.visitors
        start = self.megabytes - self.each * self.visitors
        held = (processes * start + visitors * self.each) / 1000
        return processes, used, max(processes + 1, math.ceil(1.5 * used)), held


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, help="JSON lines")


def carried(ramp: dict[str, Any], each: float) -> Carried | None:
    """The largest room of a ramp that met its goals, and lost nobody."""
    good = [s for s in ramp["steps"] if s["met"] and not s["error_count"] and not s["lost"]]
    if not good:
        return None
    most = max(good, key=lambda step: step["sessions"])
    return Carried(ramp["mode"], most["sessions"], most["cores_used"], most["resident_mb"], each)


def table(found: list[dict[str, Any]]) -> str:
    """The rooms for each way of working that was measured.

    Raises SystemExit without a ramp that met its goals, or without the memory of a session.
    """
    each = [f["mb_a_session"] for f in found if f["bench"] == "load_memory"]
    ramps = [f for f in found if f["bench"] == "load_ramp"]
    if not each or not (known := [c for ramp in ramps if (c := carried(ramp, each[-1]))]):
        raise SystemExit("There must be a load_memory and a load_ramp that met its goals.")
    lines = [row(*HEAD), row(*["---"] * len(HEAD))]
    for one in known:
        measured = {s["sessions"] for ramp in ramps if ramp["mode"] == one.mode
                    for s in ramp["steps"] if s["sessions"] <= one.visitors}
        for visitors in ROOMS:
            processes, used, have, held = one.machine(visitors)
            source = "measured" if visitors in measured else "extrapolated"
            lines.append(row(visitors, one.mode, processes, f"{used:.1f}", have, f"{held:.1f}",
                             source))
    return "\n".join(lines)


def run(args: argparse.Namespace) -> None:
    print(table(read(args.files)))
