"""On how many numbers of the file a number depends, counted from the shape of the model."""

import numpy as np

from core.contract import Encoded, ModelInfo
from core.derive.node import PARAMETER, Address


class Reach:
    """Counts the weights that a derivation reaches when every factor is opened to its end.

    allowed : bool[n, n]. Tied weights, the token table in the MLM head, count once.
    """

    def __init__(self, info: ModelInfo, encoded: Encoded, allowed: np.ndarray) -> None:
        self._info, self._encoded, self._allowed = info, encoded, allowed
        h, f = info.hidden, info.inner
        self._square = h * h + h  # one dense map H -> H with its bias
        self._layer = 4 * self._square + 2 * h * f + f + h + 4 * h

    def count(self, address: Address) -> int:
        """Weights of the file behind this number; a weight itself is one, a mask none."""
        if address.is_leaf:
            return int(address.quantity == PARAMETER)
        of = address.named()
        if "layer" in of:
            return self._in_layer(address.quantity, of)
        if address.quantity.startswith(("mlm", "lens")):
            return self._in_mlm(address.quantity, of)
        if address.quantity.startswith(("pooled", "nsp")):
            return self._in_nsp(address.quantity)
        return self._in_embeddings(address.quantity)

    def _in_embeddings(self, quantity: str) -> int:
        h = self._info.hidden
        counts = {"sum": 3, "embedding_mean": 3 * h, "embedding_variance": 3 * h,
                  "normalized": 3 * h + 2}
        return counts.get(quantity, 1)

    def _looked_at(self, row: int) -> set[int]:
        return {int(piece) for piece in np.flatnonzero(self._allowed[row])} | {row}

    def state(self, depth: int, rows: set[int], *, all_words: bool = False) -> int:
        """Weights behind whole hidden states of some pieces after `depth` layers."""
        h, encoded = self._info.hidden, self._encoded
        if depth:
            rows = set().union(*(self._looked_at(row) for row in rows))
        ids = {encoded.ids[row] for row in rows}
        words = self._info.vocabulary if all_words else len(ids)
        segments = {encoded.segments[row] for row in rows}
        tables = (words + len(segments) + len(rows)) * h
        return tables + 2 * h + depth * self._layer

    def _in_layer(self, quantity: str, of: dict[str, int]) -> int:
        info, depth, row = self._info, of["layer"], of["row"]
        h, f, square = info.hidden, info.inner, self._square
        short = info.d_k * (h + 1)  # one head's query, key or value map
        column = of.get("column", 0)
        if quantity == "masked" and not self._allowed[row, column]:
            return 0  # the mask replaced the score
        if quantity in ("q", "k", "v"):
            return self.state(depth, {row}) + h + 1
        if quantity in ("score", "scaled", "masked"):
            return self.state(depth, {row, column}) + 2 * short
        seen = self.state(depth, self._looked_at(row))
        if quantity in ("maximum", "total", "exponential", "weight"):
            return seen + 2 * short
        if quantity in ("z", "joined"):
            return seen + 2 * short + h + 1
        attended = seen + 4 * square
        after = attended + 2 * h
        counts = {
            "attention_output": seen + 3 * square + h + 1,
            "attention_residual": seen + 3 * square + h + 1,
            "attention_mean": attended, "attention_variance": attended,
            "after_attention": attended + 2,
            **dict.fromkeys(("ffn_inner", "ffn_phi", "ffn_activation"), after + h + 1),
            **dict.fromkeys(("ffn_output", "ffn_residual"), after + h * f + f + f + 1),
        }
        whole = after + 2 * h * f + f + h
        return counts.get(quantity, whole + (2 if quantity == "after_ffn" else 0))

    def _in_mlm(self, quantity: str, of: dict[str, int]) -> int:
        info, h = self._info, self._info.hidden
        depth = of.get("depth", info.layers)
        state = self.state(depth, {of["row"]})
        dense = state + self._square
        if quantity in ("mlm_dense", "mlm_phi", "mlm_activation"):
            return state + h + 1
        if quantity in ("mlm_mean", "mlm_variance"):
            return dense
        if quantity == "mlm_normalized":
            return dense + 2
        if quantity in ("mlm_logit", "lens_logit"):
            rows = {of["row"]} if not depth else self._looked_at(of["row"])
            own = of["word"] not in {self._encoded.ids[row] for row in rows}
            return dense + 2 * h + own * h + 1
        every = self.state(depth, {of["row"]}, all_words=True)
        return every + self._square + 2 * h + info.vocabulary

    def _in_nsp(self, quantity: str) -> int:
        h = self._info.hidden
        state = self.state(self._info.layers, {0})
        if quantity.startswith("pooled"):
            return state + h + 1
        return state + self._square + (h + 1) * (1 if quantity == "nsp_logit" else 2)
