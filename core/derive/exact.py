"""The whole forward pass once more in float64, from the embedding tables up."""

import numpy as np

from core.contract import Encoded, ModelInfo
from core.derive.rows import Rows
from core.derive.structure import PROJECTIONS, TABLES, Front
from core.engine.protocol import Engine
from core.trace.recompute import attention, gelu, join_heads, layer_norm, linear, split_heads


def hidden_states(
    engine: Engine, model: str, info: ModelInfo, encoded: Encoded, allowed: np.ndarray
) -> np.ndarray:
    """hidden_states[0..L], float64[L + 1, n, H], in plain NumPy from the weights alone.

    Source: Devlin et al. 2019, section 3; Vaswani et al. 2017, section 3.
    """

    def of(name: str) -> np.ndarray:
        return engine.parameter(model, name).astype(np.float64)

    def pair(module: str) -> tuple[np.ndarray, np.ndarray]:
        return of(f"{module}.weight"), of(f"{module}.bias")

    n = len(encoded)
    rows = {"token": encoded.ids, "segment": encoded.segments, "position": range(n)}
    total = np.zeros((n, info.hidden))
    for part, name in TABLES.items():
        total += engine.parameter(model, name)[list(rows[part])]  # (n, H)
    states = [layer_norm(total, *pair("bert.embeddings.LayerNorm"))]
    for index in range(info.layers):
        stem = f"bert.encoder.layer.{index}."
        x = states[-1]
        q, k, v = (
            split_heads(linear(x, *pair(f"{stem}attention.self.{name}")), info.heads)
            for name in PROJECTIONS.values()
        )  # (A, n, d_k)
        z = np.stack([
            attention(q[head], k[head], v[head], allowed)[-1] for head in range(info.heads)
        ])  # (A, n, d_k)
        out = linear(join_heads(z), *pair(f"{stem}attention.output.dense"))
        after = layer_norm(out + x, *pair(f"{stem}attention.output.LayerNorm"))
        inner = gelu(linear(after, *pair(f"{stem}intermediate.dense")))
        out = linear(inner, *pair(f"{stem}output.dense"))
        states.append(layer_norm(out + after, *pair(f"{stem}output.LayerNorm")))
    return np.stack(states)


class ExactRows(Rows):
    """float64 all the way: hidden states from `hidden_states`, the rest by the formulas."""

    dtype = np.float64

    def __init__(
        self, engine: Engine, model: str, info: ModelInfo, encoded: Encoded, allowed: np.ndarray
    ) -> None:
        super().__init__(engine, model, info, encoded, allowed)
        self.states = hidden_states(engine, model, info, encoded, allowed)  # (L + 1, n, H)
        self._blocks: dict[tuple[str, int, int], np.ndarray] = {}

    def _found(self, quantity: str, front: Front) -> np.ndarray:
        if quantity == "after_ffn":
            layer, row = front
            return self.states[layer + 1, row]
        return self.formula(quantity, front)

    def block(self, name: str, layer: int, head: int) -> np.ndarray:
        key = (name, layer, head)
        if key not in self._blocks:
            if len(self._blocks) >= 3 * self.info.heads:
                self._blocks.clear()
            stem = f"bert.encoder.layer.{layer}.attention.self.{PROJECTIONS[name]}"
            mine = slice(head * self.info.d_k, (head + 1) * self.info.d_k)
            weight, bias = (
                self._engine.parameter(self._model, f"{stem}.{part}")[mine].astype(np.float64)
                for part in ("weight", "bias")
            )
            self._blocks[key] = linear(self.states[layer], weight, bias)  # (n, d_k)
        return self._blocks[key]
