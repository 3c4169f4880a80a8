"""One encoder layer in plain NumPy, from its weights: the whole block in forty lines."""

from dataclasses import dataclass

import numpy as np

from core.engine.protocol import Engine
from core.trace.recompute import attention, gelu, join_heads, layer_norm, linear, split_heads

Pair = tuple[np.ndarray, np.ndarray]  # weight [out, in] and bias [out], or gamma and beta [H]


@dataclass(frozen=True)
class Weights:
    """All sixteen arrays of one layer.

    query, key, value, output : [H, H] and [H]; up : [F, H] and [F]; down : [H, F] and [H]
    norm_attention, norm_ffn : gamma [H] and beta [H]
    """

    query: Pair
    key: Pair
    value: Pair
    output: Pair
    norm_attention: Pair
    up: Pair
    down: Pair
    norm_ffn: Pair


_NAMES = (
    "attention.self.query", "attention.self.key", "attention.self.value",
    "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense",
    "output.dense", "output.LayerNorm",
)


def weights_of(engine: Engine, model: str, layer: int) -> Weights:
    """The layer's weights, read from the checkpoint."""
    stem = f"bert.encoder.layer.{layer}"
    pairs = [
        (engine.parameter(model, f"{stem}.{name}.weight"),
         engine.parameter(model, f"{stem}.{name}.bias"))
        for name in _NAMES
    ]
    return Weights(*pairs)


def layer_by_hand(
    x: np.ndarray, w: Weights, heads: int, allowed: np.ndarray
) -> dict[str, np.ndarray]:
    """Everything that happens to x float[n, H] in one layer, by the names of `LayerTrace`.

    Source: Vaswani et al. 2017, sections 3.1 to 3.3; Devlin et al. 2019, section 3 (GELU).
    """
    q, k, v = (split_heads(linear(x, *pair), heads) for pair in (w.query, w.key, w.value))
    _, _, weights, context = attention(q, k, v, allowed)  # (A, n, n), (A, n, d_k)
    attention_output = linear(join_heads(context), *w.output)  # (n, H)
    attention_residual = x + attention_output  # (n, H)
    after_attention = layer_norm(attention_residual, *w.norm_attention)  # (n, H)
    ffn_inner = linear(after_attention, *w.up)  # (n, F)
    ffn_activation = gelu(ffn_inner)  # (n, F)
    ffn_output = linear(ffn_activation, *w.down)  # (n, H)
    ffn_residual = after_attention + ffn_output  # (n, H)
    after_ffn = layer_norm(ffn_residual, *w.norm_ffn)  # (n, H)
    return {
        "weights": weights, "attention_output": attention_output,
        "attention_residual": attention_residual, "after_attention": after_attention,
        "ffn_inner": ffn_inner, "ffn_activation": ffn_activation, "ffn_output": ffn_output,
        "ffn_residual": ffn_residual, "after_ffn": after_ffn,
    }


FORMULAS = {
    "weights": "softmax(Q K^T / sqrt(d_k) + mask)",
    "attention_output": "[z_1 ... z_A] W_O^T + b_O",
    "attention_residual": "x + a",
    "after_attention": "LayerNorm(x + a)",
    "ffn_inner": "y W_1^T + b_1",
    "ffn_activation": "u Phi(u)",
    "ffn_output": "g W_2^T + b_2",
    "ffn_residual": "y + f",
    "after_ffn": "LayerNorm(y + f)",
}
