"""The "prove it" badge's content: what was recomputed, and by how much it differed."""

from dataclasses import dataclass

import numpy as np

TOLERANCE = 1e-5


@dataclass(frozen=True)
class Check:
    """One recomputation: what it is called, its formula as text, max |ours - model's|.

    size : the largest magnitude among the model's numbers. A float32 carries 24 bits, so numbers
    near 190 lie 1.5e-5 apart: above 1 the tolerance grows with the size.
    """

    name: str
    formula: str
    difference: float
    size: float = 1.0

    @property
    def holds(self) -> bool:
        return self.difference <= TOLERANCE * max(1.0, self.size)


@dataclass(frozen=True)
class Proof:
    """All checks of one shown result."""

    checks: tuple[Check, ...]

    @property
    def difference(self) -> float:
        return max(check.difference for check in self.checks)

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)


def check(name: str, formula: str, ours: np.ndarray, models: np.ndarray) -> Check:
    """Compare a NumPy recomputation with the model's own number, element by element."""
    model = np.asarray(models, np.float64)
    difference = np.abs(np.asarray(ours, np.float64) - model)
    size = float(np.abs(model).max(initial=0.0))
    return Check(name, formula, float(difference.max(initial=0.0)), size)
