"""The operated pass again in NumPy, from the weights: what the proofs of this lesson rest on."""

import numpy as np

from core.contract import Encoded, Surgery
from core.engine.protocol import Engine
from core.trace.recompute import attention, gelu, join_heads, layer_norm, linear, split_heads

EMBEDDINGS = "bert.embeddings."


class ByHand:
    """One model's layers as the textbook writes them, with the surgery done at its place."""

    def __init__(self, engine: Engine, model: str, surgery: Surgery) -> None:
        self._engine, self._model = engine, model
        self._heads = engine.info(model).heads
        self._cut = surgery

    def embeddings(self, encoded: Encoded) -> np.ndarray:
        """LayerNorm(token + segment + position), float64[n, H], without what is off."""
        total = self._weight(EMBEDDINGS + "word_embeddings.weight", np.array(encoded.ids))
        if not self._cut.segments_off:
            segments = np.array(encoded.segments)
            total = total + self._weight(EMBEDDINGS + "token_type_embeddings.weight", segments)
        if not self._cut.positions_off:
            places = np.arange(len(encoded))
            total = total + self._weight(EMBEDDINGS + "position_embeddings.weight", places)
        return self._norm(total, EMBEDDINGS + "LayerNorm")

    def layer(
        self, index: int, x: np.ndarray, allowed: np.ndarray | None = None
    ) -> np.ndarray:
        """One layer, float64[n, H] -> float64[n, H]; a head that is off has z = 0.

        allowed : bool, broadcast to [A, n, n]. With no head off, x may be a batch [m, n, H].
        """
        if index in self._cut.layers_off:
            return x
        name, cut = f"bert.encoder.layer.{index}.", self._cut
        q, k, v = (
            split_heads(self._linear(x, f"{name}attention.self.{which}"), self._heads)
            for which in ("query", "key", "value")
        )  # (A, n, d_k)
        if cut.scaling_off:
            q = q * np.sqrt(q.shape[-1])  # what softmax(q k / sqrt(d_k)) is divided by, put back
        z = attention(q, k, v, allowed)[-1]  # (A, n, d_k)
        z[[head for at, head in cut.heads_off if at == index]] = 0.0
        mixed = self._linear(join_heads(z), f"{name}attention.output.dense")  # (n, H)
        x = self._norm(x + mixed * (index not in cut.attention_off),
                       f"{name}attention.output.LayerNorm")
        inner = gelu(self._linear(x, f"{name}intermediate.dense"))  # (n, F)
        out = self._linear(inner, f"{name}output.dense")  # (n, H)
        return self._norm(x + out * (index not in cut.ffn_off), f"{name}output.LayerNorm")

    def pooled(self, x_cls: np.ndarray) -> np.ndarray:
        """C = tanh(W_p x_[CLS] + b_p), float64[H]."""
        return np.tanh(self._linear(x_cls, "bert.pooler.dense"))

    def next_sentence(self, pooled: np.ndarray) -> np.ndarray:
        """The two NSP logits, float64[2]."""
        return self._linear(pooled, "cls.seq_relationship")

    def _weight(self, name: str, rows: np.ndarray | None = None) -> np.ndarray:
        found = self._engine.parameter(self._model, name)
        return (found if rows is None else found[rows]).astype(np.float64)

    def _linear(self, x: np.ndarray, name: str) -> np.ndarray:
        return linear(x, self._weight(f"{name}.weight"), self._weight(f"{name}.bias"))

    def _norm(self, x: np.ndarray, name: str) -> np.ndarray:
        return layer_norm(x, self._weight(f"{name}.weight"), self._weight(f"{name}.bias"))
