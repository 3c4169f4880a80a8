"""Opens any number of one text, a step at a time, on demand."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr

from core.contract import AttentionMask, TraceRequest
from core.derive.exact import ExactRows
from core.derive.model import ModelRows
from core.derive.node import PARAMETER, Address, Line, Node, Part, Terms
from core.derive.quantities import QUANTITIES
from core.derive.rows import REMEMBERED, Rows
from core.derive.rules import Rule, rule_of
from core.engine.protocol import Engine
from core.errors import BadInput, MissingHead
from core.limits import check_index
from core.trace.recompute import LAYER_NORM_EPS


class Derivation:
    """Every number of one text's forward pass, with its derivation.

    model : the model's own float32 numbers; exact : the same in float64 from the tables up
    """

    def __init__(
        self, engine: Engine, text: str, text_b: str | None = None, *,
        model: str = "embedded", mask: AttentionMask = "bidirectional",
    ) -> None:
        self._engine = engine
        self.model: Rows = ModelRows(engine, TraceRequest(text, text_b, model, mask=mask))
        self.encoded, self.info = self.model.encoded, self.model.info
        self.exact = ExactRows(
            engine, model, self.info, self.encoded, self.model.allowed
        )
        self._model_name = model

    @property
    def nbytes(self) -> int:
        """At most what it holds: the exact hidden states and the lines it remembers."""
        return self.exact.states.nbytes + 2 * REMEMBERED

    def check(self, quantity: str, indices: Sequence[int]) -> Address:
        """The address, if there is such a number. Raises `BadInput`, `OutOfRange`, `MissingHead`"""
        if quantity not in QUANTITIES:
            names = ", ".join(QUANTITIES)
            raise BadInput(f"No quantity is called {quantity!r}; there are: {names}.")
        kind = QUANTITIES[quantity]
        if len(indices) != len(kind.axes):
            raise BadInput(f"{quantity} needs {', '.join(kind.names) or 'no index'}.")
        sizes = kind.sizes(self.info, len(self.encoded))
        for name, index, size in zip(kind.names, indices, sizes, strict=True):
            check_index(name, index, size)
        if quantity.startswith(("mlm", "lens")) and not self.info.has_mlm:
            raise MissingHead(self.info.label, "masked-LM")
        if quantity.startswith("nsp") and not self.info.has_nsp:
            raise MissingHead(self.info.label, "next-sentence")
        return Address(quantity, tuple(indices))

    def node(self, quantity: str, indices: Sequence[int]) -> Node:
        """One number, opened. Raises `BadInput`, `OutOfRange`, `MissingHead`."""
        return self.open(self.check(quantity, indices))

    def open(self, address: Address) -> Node:
        """The number at an address that another node named."""
        rule = rule_of(address, self.info, self.encoded, self.model.allowed)
        parts = tuple(
            Part(role, at, self._number(self.model, at), self._number(self.exact, at))
            for role, at in rule.parts
        )
        terms = self._terms(rule, parts)
        value, exact = (self._number(rows, address) for rows in (self.model, self.exact))
        recomputed = value if address.is_leaf else evaluate(rule, parts, terms)
        kept = address.is_leaf or QUANTITIES[address.quantity].kept
        size = self._size(address, value, terms)
        return Node(address, rule.formula, kept, value, recomputed, exact, size,
                    rule.count or (len(terms) if terms else 0), parts, terms)

    def _number(self, rows: Rows, address: Address) -> float:
        if address.quantity == PARAMETER:
            return float(self._engine.parameter(self._model_name, address.parameter)
                         [address.indices])
        return rows.number(address.quantity, address.indices)

    def _line(self, rows: Rows, line: Line) -> np.ndarray:
        if line.quantity == PARAMETER:
            return self._engine.parameter(self._model_name, line.parameter)[line.front]
        if line.back:  # one coordinate of every piece's v
            return rows.block(line.quantity, line.front[0], line.front[1])[:, line.back[0]]
        return rows.line(line.quantity, line.front)

    def _terms(self, rule: Rule, parts: tuple[Part, ...]) -> Terms | None:
        if rule.left is None:
            return None
        left = self._line(self.model, rule.left)
        right = self._line(self.model, rule.right) if rule.right else None
        mean = next((p for p in parts if p.role == "mean"), None)
        terms = _each(rule.formula, left, right, mean.value if mean else 0.0)
        exact = _each(
            rule.formula, self._line(self.exact, rule.left),
            self._line(self.exact, rule.right) if rule.right else None,
            mean.exact if mean else 0.0,
        )
        return Terms(rule.left, rule.right, left, right, terms, exact)

    def size(self, quantity: str, front: Sequence[int]) -> float:
        """The size of the numbers by which rounding in a line is measured, see `tolerance`."""
        at = tuple(front)
        size = _largest(self.model.line(quantity, at))
        if quantity in _SCORES:  # products of either sign may cancel; their rounding does not
            keys = np.abs(self.model.block("k", *at[:2]))  # (n, d_k)
            products = float((keys @ np.abs(self.model.line("q", at))).max())
            root = 1.0 if quantity == "score" else math.sqrt(self.info.d_k)
            size = max(size, products / root * (size if quantity == "total" else 1.0))
        return size

    def _size(self, address: Address, value: float, terms: Terms | None) -> float:
        if address.is_leaf:
            return abs(value)
        front = address.indices[:-1] if QUANTITIES[address.quantity].is_line else address.indices
        size = self.size(address.quantity, front)
        return max(size, _largest(terms.terms)) if terms is not None else size


_SCORES = ("score", "scaled", "masked", "maximum", "exponential", "total")


def _largest(line: np.ndarray) -> float:
    finite = np.abs(line[np.abs(line) < 1e30])
    return float(finite.max(initial=0.0))


def _each(
    formula: str, left: np.ndarray, right: np.ndarray | None, mean: float
) -> np.ndarray:
    """Each term of a sum from its factors, float64[m]."""
    wide = left.astype(np.float64)
    if right is not None:
        return wide * right
    if formula == "mean":
        return wide / len(wide)
    if formula == "variance":
        return (wide - mean) ** 2 / len(wide)
    return wide


def evaluate(rule: Rule, parts: tuple[Part, ...], terms: Terms | None) -> float:
    """A formula's result from the model's float32 factors, computed in float64."""
    of = {part.role: part.value for part in parts}
    total = float(terms.terms.sum()) if terms else 0.0
    match rule.formula:
        case "look_up" | "join" | "replaced" | "add" | "mask_sum":
            return sum(of.values())
        case "mean" | "variance" | "dot" | "mix" | "total":
            return total
        case "linear":
            return total + of["bias"]
        case "maximum":
            assert terms is not None
            return float(terms.terms.max())
        case "layer_norm":
            root = math.sqrt(of["variance"] + LAYER_NORM_EPS)
            return (of["x"] - of["mean"]) / root * of["gamma"] + of["beta"]
        case "scale":
            return of["score"] / math.sqrt(rule.count)
        case "exponential":
            return math.exp(of["x"] - of["maximum"])
        case "share":
            return of["exponential"] / of["total"]
        case "phi":
            return float(ndtr(of["x"]))
        case "gelu":
            return of["x"] * of["phi"]
        case "tanh":
            return math.tanh(of["x"])
    raise KeyError(rule.formula)
