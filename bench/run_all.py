"""Every benchmark, one JSON line each; one that fails is named on stderr.

    python -m bench.run_all
"""

import subprocess
import sys
from pathlib import Path

NAMES = (
    "forward", "attention_payload", "attention_view", "bertviz_drawing", "ablation", "startup",
    "live_training", "interaction", "memory", "lesson_pages", "stocks",
    "load rerun", "load burst", "load ramp --mode wave --sessions 50,200",
)  # a module of bench and its arguments


def main() -> int:
    """Exit status: how many failed."""
    failed = 0
    for name in NAMES:
        done = subprocess.run(
            [sys.executable, "-m", *f"bench.{name}".split()],
            cwd=Path(__file__).parents[1], check=False,
        )
        if done.returncode:
            failed += 1
            print(f"bench.{name} failed", file=sys.stderr)
    return failed


if __name__ == "__main__":
    sys.exit(main())
