"""Lines of numbers by name, in one precision: each formula once, for float32 and float64 alike."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np
from scipy.special import ndtr

from core.contract import Encoded, ModelInfo
from core.derive.quantities import QUANTITIES
from core.derive.structure import (
    GELUS,
    LINEARS,
    NORMS,
    PROJECTIONS,
    SOFTMAXES,
    SUMS,
    TABLES,
    WORD_BIAS,
    WORDS,
    Front,
    module,
    source,
)
from core.engine.protocol import Engine
from core.trace.recompute import gelu, layer_norm, linear

MASKED = float(np.finfo(np.float32).min)  # what is put in place of a score that is not allowed
REMEMBERED = 4 * 2**20  # bytes of lines
BLOCK = 4096  # rows of the vocabulary converted at a time


class Rows(ABC):
    """The numbers of one text: `line(quantity, front)` is all of them along the last index.

    allowed : bool[n, n], True where a row's piece may look at a column's
    """

    dtype: type = np.float64

    def __init__(
        self, engine: Engine, model: str, info: ModelInfo, encoded: Encoded, allowed: np.ndarray
    ) -> None:
        self._engine, self._model = engine, model
        self.info, self.encoded, self.allowed = info, encoded, allowed
        self._lines: dict[tuple[str, Front], np.ndarray] = {}
        self._bytes = 0

    def number(self, quantity: str, indices: Front) -> float:
        """One number. A quantity without a running index is a line of one."""
        if QUANTITIES[quantity].is_line:
            return float(self.line(quantity, indices[:-1])[indices[-1]])
        return float(self.line(quantity, indices)[0])

    def line(self, quantity: str, front: Front) -> np.ndarray:
        """float[m]: every value of the last index, the others being `front`."""
        found = self._lines.get((quantity, front))
        if found is None:
            found = np.atleast_1d(self._found(quantity, front))
            self._bytes += found.nbytes
            if self._bytes > REMEMBERED:
                self._lines, self._bytes = {}, found.nbytes
            self._lines[quantity, front] = found
        return found

    def _found(self, quantity: str, front: Front) -> np.ndarray:
        return self.formula(quantity, front)

    def parameter(self, name: str) -> np.ndarray:
        """One weight of the file in this precision."""
        return self._engine.parameter(self._model, name).astype(self.dtype, copy=False)

    @abstractmethod
    def block(self, name: str, layer: int, head: int) -> np.ndarray:
        """q, k or v of every piece in one head, float[n, d_k]."""

    def formula(self, quantity: str, front: Front) -> np.ndarray:
        """A line from the lines it is made of, as the textbook has it."""
        for table, rule in (
            (TABLES, self._looked_up), (SUMS, self._sum), (NORMS, self._norm),
            (PROJECTIONS, self._projection), (LINEARS, self._linear), (GELUS, self._gelu),
            (SOFTMAXES, self._softmax),
        ):
            if quantity in table:
                return rule(quantity, front)
        return self._between(quantity, front)

    def _of(self, of: str, quantity: str, front: Front) -> np.ndarray:
        return self.line(*source(of, quantity, front, self.info.layers))

    def _looked_up(self, quantity: str, front: Front) -> np.ndarray:
        table = self._engine.parameter(self._model, TABLES[quantity])
        return table[looked_up_row(quantity, self.encoded, front[0])].astype(self.dtype)

    def _sum(self, quantity: str, front: Front) -> np.ndarray:
        first, *rest = (self._of(of, quantity, front) for of in SUMS[quantity])
        for line in rest:
            first = first + line
        return first

    def _norm(self, quantity: str, front: Front) -> np.ndarray:
        norm = NORMS[quantity]
        name = module(norm.module, front)
        return layer_norm(self._of(norm.of, quantity, front), self.parameter(f"{name}.weight"),
                          self.parameter(f"{name}.bias"))

    def _projection(self, quantity: str, front: Front) -> np.ndarray:
        layer, head, row = front
        return self.block(quantity, layer, head)[row]

    def _linear(self, quantity: str, front: Front) -> np.ndarray:
        rule = LINEARS[quantity]
        name = module(rule.module, front)
        return linear(self._of(rule.of, quantity, front), self.parameter(f"{name}.weight"),
                      self.parameter(f"{name}.bias"))

    def _gelu(self, quantity: str, front: Front) -> np.ndarray:
        return gelu(self._of(GELUS[quantity].of, quantity, front)).astype(self.dtype)

    def _softmax(self, quantity: str, front: Front) -> np.ndarray:
        rule = SOFTMAXES[quantity]
        whole = () if quantity.startswith("nsp") else front
        return self._of(rule.exponential, quantity, front) / self._of(rule.total, quantity, whole)

    def _between(self, quantity: str, front: Front) -> np.ndarray:
        for norm in NORMS.values():
            if quantity == norm.mean:
                return self.line(norm.of, front).mean()
            if quantity == norm.variance:
                return self.line(norm.of, front).var()
        for act in GELUS.values():
            if quantity == act.phi:
                return ndtr(self.line(act.of, front)).astype(self.dtype)
        for rule in SOFTMAXES.values():
            if quantity == rule.maximum:
                return self._of(rule.of, quantity, front).max()
            if quantity == rule.exponential:
                whole = () if quantity.startswith("nsp") else front
                return np.exp(self._of(rule.of, quantity, front) - self.line(rule.maximum, whole))
            if quantity == rule.total:
                return self.line(rule.exponential, front).sum()
        named: dict[str, Callable[[Front], np.ndarray]] = {
            "score": self._score, "scaled": self._scaled, "mask": self._mask,
            "masked": self._masked, "z": self._z, "joined": self._joined,
            "pooled": lambda front: np.tanh(self.line("pooled_inner", ())),
            "lens_logit": self._word_logits,
            "mlm_logit": lambda front: self.line("lens_logit", (self.info.layers, *front)),
        }
        return named[quantity](front)

    def _score(self, front: Front) -> np.ndarray:
        return self.block("k", *front[:2]) @ self.line("q", front)

    def _scaled(self, front: Front) -> np.ndarray:
        return self.line("score", front) / self.dtype(math.sqrt(self.info.d_k))

    def _mask(self, front: Front) -> np.ndarray:
        return np.where(self.allowed[front[0]], 0.0, MASKED).astype(self.dtype)

    def _masked(self, front: Front) -> np.ndarray:
        allowed = self.allowed[front[-1]]
        return np.where(allowed, self.line("scaled", front), self.dtype(MASKED))

    def _z(self, front: Front) -> np.ndarray:
        return self.line("weight", front) @ self.block("v", *front[:2])

    def _joined(self, front: Front) -> np.ndarray:
        layer, row = front
        heads = range(self.info.heads)
        return np.concatenate([self.line("z", (layer, head, row)) for head in heads])

    def _word_logits(self, front: Front) -> np.ndarray:
        moved = self.line("mlm_normalized", front)
        table = self._engine.parameter(self._model, WORDS)
        products = [
            table[start : start + BLOCK].astype(self.dtype, copy=False) @ moved
            for start in range(0, len(table), BLOCK)
        ]
        return np.concatenate(products) + self.parameter(WORD_BIAS)


def looked_up_row(quantity: str, encoded: Encoded, row: int) -> int:
    """Which row of its table a piece takes: its id, its segment or its place."""
    return {"token": encoded.ids[row], "segment": encoded.segments[row], "position": row}[quantity]

