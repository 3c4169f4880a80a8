"""The masked-LM head by hand: from one last hidden state to a logit for every word."""

import numpy as np

from core.engine.protocol import Engine
from core.trace.recompute import gelu, layer_norm, linear, mlm_logits

TRANSFORM = "cls.predictions.transform."
WORDS = "bert.embeddings.word_embeddings.weight"
BIAS = "cls.predictions.bias"

Pair = tuple[np.ndarray, np.ndarray]


def _weights(engine: Engine, model: str) -> tuple[Pair, Pair]:
    def of(name: str) -> Pair:
        return (
            engine.parameter(model, f"{TRANSFORM}{name}.weight"),
            engine.parameter(model, f"{TRANSFORM}{name}.bias"),
        )

    return of("dense"), of("LayerNorm")


def logits_of(engine: Engine, model: str, hidden: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Logits of the words `ids`, float64: LayerNorm(GELU(h W^T + b)) E^T + c. hidden : [..., H]."""
    words = engine.parameter(model, WORDS)[ids].astype(np.float64)  # (m, H)
    bias = engine.parameter(model, BIAS)[ids]
    return mlm_logits(hidden.astype(np.float64), *_weights(engine, model), words, bias)


def vocabulary_logits(engine: Engine, model: str, hidden: np.ndarray) -> np.ndarray:
    """Logits of all words, float64[..., V]; the long product runs in float32 as in the model.

    hidden : float[..., H]
    """
    dense, norm = _weights(engine, model)
    moved = layer_norm(gelu(linear(hidden.astype(np.float64), *dense)), *norm)  # (..., H)
    table = engine.parameter(model, WORDS)  # (V, H)
    product = (moved.astype(np.float32) @ table.T).astype(np.float64)  # (..., V)
    return product + engine.parameter(model, BIAS)


def log_sum_exp(logits: np.ndarray) -> np.ndarray:
    """log of sum_w exp(logit_w) along the last axis, the denominator of the softmax."""
    top = logits.max(axis=-1, keepdims=True)
    return np.squeeze(top, -1) + np.log(np.exp(logits - top).sum(axis=-1))
