"""The model's own float32 numbers: from its forward pass, steps in between by the formulas."""

import numpy as np

from core.contract import (
    ATTENTION_PARTS,
    EMBEDDING_PARTS,
    LAYER_PARTS,
    LayerTrace,
    Trace,
    TraceRequest,
)
from core.derive.quantities import QUANTITIES
from core.derive.rows import Rows
from core.derive.structure import Front
from core.engine.protocol import Engine

NAMES = {"score": "scores", "weight": "weights", "z": "context"}  # where a trace says it otherwise
ONE_PASS = 64  # pieces up to which every layer is kept at once


class ModelRows(Rows):
    """float32 as the model computed them.

    Short texts are traced once. For longer ones each layer is kept when it is asked for: all
    of them together would be a gigabyte at 512 pieces.
    """

    dtype = np.float32

    def __init__(self, engine: Engine, request: TraceRequest) -> None:
        info = engine.info(request.model)
        self._request = request
        first = engine.trace(self._asking(EMBEDDING_PARTS, ()))
        super().__init__(engine, request.model, info, first.encoded, first.allowed[0, 0])
        self._first = first

    def _asking(self, keep: frozenset[str], layers: tuple[int, ...] | None) -> TraceRequest:
        asked = self._request
        return TraceRequest(asked.text, asked.text_b, asked.model, keep, layers, asked.mask)

    def _layer(self, index: int) -> LayerTrace:
        wanted = None if len(self.encoded) <= ONE_PASS else (index,)
        trace = self._engine.trace(self._asking(ATTENTION_PARTS | LAYER_PARTS, wanted))
        return trace.layer(index)

    def _heads(self, part: str) -> Trace:
        return self._engine.trace(self._asking(frozenset({part}), ()))

    def _found(self, quantity: str, front: Front) -> np.ndarray:
        if not QUANTITIES[quantity].kept:
            return self.formula(quantity, front)
        if QUANTITIES[quantity].names[0] == "layer":
            array = getattr(self._layer(front[0]), NAMES.get(quantity, quantity))
            return np.asarray(array[0][front[1:]])
        if quantity == "mlm_logit":
            return _own(self._heads("mlm").mlm_logits)[front]
        if quantity in ("pooled", "nsp_logit"):
            heads = self._heads("nsp")
            return _own(heads.pooled if quantity == "pooled" else heads.nsp_logits)
        return getattr(self._first.embeddings, quantity)[0][front]

    def block(self, name: str, layer: int, head: int) -> np.ndarray:
        return getattr(self._layer(layer), name)[0, head]


def _own(array: np.ndarray | None) -> np.ndarray:
    assert array is not None
    return array[0]
