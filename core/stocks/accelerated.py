"""cuml.accel, where somebody installed it: scikit-learn's own code on NVIDIA's library.

It changes scikit-learn for the whole process it is in, so it gets a process of its own: the
parts travel there as plain arrays, the scores come back.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from core.stocks import classifiers
from core.stocks.classifiers import Params, Part

NAME = "cuml"
ROOT = Path(__file__).parents[2]
PARTS, ASKED, SCORES = "parts.npz", "asked.json", "scores.npy"


def installed() -> bool:
    """True where cuml can be found; nothing is imported."""
    return find_spec(NAME) is not None


def launcher() -> list[str]:
    return [sys.executable, "-m", "cuml.accel", "-m", __name__]


@dataclass(frozen=True)
class Elsewhere:
    """A classifier that learns and answers in another process each time it is asked."""

    name: str
    params: Params
    learn: Part
    seed: int

    def scores(self, x: np.ndarray) -> np.ndarray:
        """float32 (n,). Raises subprocess.CalledProcessError."""
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            asked = {"name": self.name, "params": dict(self.params), "seed": self.seed}
            (folder / ASKED).write_text(json.dumps(asked))
            np.savez(folder / PARTS, learn=self.learn.x, y=self.learn.y, judge=x)
            subprocess.run(
                [*launcher(), str(folder)], cwd=ROOT, check=True, capture_output=True
            )
            found: np.ndarray = np.load(folder / SCORES, allow_pickle=False)
        return found


def answer(folder: Path) -> None:
    """What the other process does."""
    asked = json.loads((folder / ASKED).read_text())
    with np.load(folder / PARTS, allow_pickle=False) as parts:
        learn = Part(parts["learn"], parts["y"], parts["y"])
        judge = parts["judge"]
    fitted = classifiers.fit(asked["name"], asked["params"], learn, seed=asked["seed"])
    nothing = np.zeros(len(judge), np.int8)
    found = classifiers.scores(fitted, asked["name"], Part(judge, nothing, nothing))
    np.save(folder / SCORES, found)


if __name__ == "__main__":
    answer(Path(sys.argv[1]))
