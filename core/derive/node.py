"""A number with its derivation opened by one step."""

from dataclasses import dataclass

import numpy as np

from core.derive.quantities import QUANTITIES

PARAMETER = "parameter"
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Address:
    """Which number: a quantity's name and its indices, or an entry of a weight of the file.

    parameter : the weight's state-dict name where `quantity` is "parameter"
    """

    quantity: str
    indices: tuple[int, ...]
    parameter: str = ""

    @property
    def is_leaf(self) -> bool:
        """True for what nothing made: an entry of the file, or the mask's rule."""
        return self.quantity in (PARAMETER, "mask")

    def named(self) -> dict[str, int]:
        """The indices by name; those of a weight as row and column."""
        names: tuple[str, ...] = ("row", "column")[-len(self.indices):]
        if self.quantity != PARAMETER:
            names = QUANTITIES[self.quantity].names
        return dict(zip(names, self.indices, strict=True))


@dataclass(frozen=True)
class Line:
    """Addresses along a sum: `front`, then the running index, or the other way round."""

    quantity: str
    front: tuple[int, ...]
    back: tuple[int, ...] = ()
    parameter: str = ""

    def at(self, place: int) -> Address:
        return Address(self.quantity, (*self.front, place, *self.back), self.parameter)


@dataclass(frozen=True)
class Part:
    """A factor of its own in a formula: its role there, where it comes from, its two values."""

    role: str
    address: Address
    value: float
    exact: float


@dataclass(frozen=True)
class Terms:
    """A sum's m terms, left * right or a function of left alone.

    left, right : where each factor comes from; right None where a term has one factor
    left_values, right_values : the model's factors, float32[m]
    terms : float64[m], the terms from those factors; exact : float64[m], in float64 all the way
    """

    left: Line
    right: Line | None
    left_values: np.ndarray
    right_values: np.ndarray | None
    terms: np.ndarray
    exact: np.ndarray

    def __len__(self) -> int:
        return len(self.terms)

    def largest(self, count: int) -> np.ndarray:
        """The places of the largest terms by magnitude, largest first."""
        if count >= len(self):
            return np.argsort(-np.abs(self.terms), kind="stable")
        top = np.argpartition(-np.abs(self.terms), count)[:count]
        return top[np.argsort(-np.abs(self.terms[top]), kind="stable")]

    def rest(self, places: np.ndarray) -> float:
        """What all the other terms add up to, from the model's factors."""
        return float(np.delete(self.terms, places).sum())


@dataclass(frozen=True)
class Node:
    """One number, the formula that made it and the factors in it.

    formula : a key such as "linear" or "layer_norm"
    value : the model's own, float32; `kept` False where it lies inside one of the model's
        operations and was computed in float32 from that operation's inputs
    recomputed : the formula in float64 over the shown float32 factors
    exact : float64 all the way from the embedding tables
    count : terms of the sum, or numbers of the mean
    size : by which rounding is measured, the largest number of its line or among its terms; for
        what comes of a score the sum of |q k|, since those may cancel
    """

    address: Address
    formula: str
    kept: bool
    value: float
    recomputed: float
    exact: float
    size: float
    count: int = 0
    parts: tuple[Part, ...] = ()
    terms: Terms | None = None

    @property
    def difference(self) -> float:
        """|float32 - float64|, what the model lost by rounding on the whole way."""
        return abs(self.value - self.exact)

    @property
    def tolerance(self) -> float:
        """How far apart the two may lie: 1e-5, times the size of the numbers when above 1."""
        return TOLERANCE * max(1.0, self.size)

    @property
    def holds(self) -> bool:
        return self.difference <= self.tolerance

    def part(self, role: str) -> Part:
        return next(part for part in self.parts if part.role == role)
