"""BERT's formulas in plain NumPy, as the textbook writes them: what every proof is made with.

Weights are stored as torch stores them, [out, in], so a linear map is x W^T + b.
"""

import math

import numpy as np
from scipy.special import erf

LAYER_NORM_EPS = 1e-12


def linear(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """x W^T + b: (..., in) -> (..., out)."""
    return x @ weight.T + bias


def softmax(scores: np.ndarray) -> np.ndarray:
    """exp(s) / sum exp(s) along the last axis; the maximum is taken out first for safety."""
    grown = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return grown / grown.sum(axis=-1, keepdims=True)


def attention(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, allowed: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """softmax(Q K^T / sqrt(d_k)) V with its steps.

    Parameters
    ----------
    q, k, v : float[..., n, d_k]; allowed : bool[..., n, n], None for all

    Returns
    -------
    scores, scaled, weights : float[..., n, n]; z : float[..., n, d_k]

    Source: Vaswani et al. 2017, eq. 1.
    """
    d_k = q.shape[-1]
    scores = q @ np.swapaxes(k, -1, -2)  # (..., n, n)
    scaled = scores / math.sqrt(d_k)  # (..., n, n)
    masked = scaled if allowed is None else np.where(allowed, scaled, -np.inf)
    weights = softmax(masked)  # (..., n, n), rows sum to 1
    z = weights @ v  # (..., n, d_k)
    return scores, scaled, weights, z


def layer_norm(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = LAYER_NORM_EPS
) -> np.ndarray:
    """(x - mean) / sqrt(var + eps) * gamma + beta over the last axis (Ba et al. 2016)."""
    mean = x.mean(axis=-1, keepdims=True)
    variance = x.var(axis=-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + eps) * gamma + beta


def gelu(x: np.ndarray) -> np.ndarray:
    """x Phi(x), the exact form BERT uses (Hendrycks and Gimpel 2016)."""
    return x * 0.5 * (1.0 + erf(x / math.sqrt(2.0)))


def split_heads(states: np.ndarray, heads: int) -> np.ndarray:
    """(..., n, H) -> (..., A, n, d_k)."""
    *front, n, hidden = states.shape
    return np.swapaxes(states.reshape(*front, n, heads, hidden // heads), -2, -3)


def join_heads(context: np.ndarray) -> np.ndarray:
    """(..., A, n, d_k) -> (..., n, H)."""
    *front, heads, n, d_k = context.shape
    return np.swapaxes(context, -2, -3).reshape(*front, n, heads * d_k)


def mlm_logits(
    hidden: np.ndarray,
    transform: tuple[np.ndarray, np.ndarray],
    norm: tuple[np.ndarray, np.ndarray],
    word_rows: np.ndarray,
    word_bias: np.ndarray,
) -> np.ndarray:
    """Logits of chosen words from the last hidden state: LayerNorm(GELU(h W^T + b)) E^T + c.

    hidden : float[..., H]; word_rows : float[m, H] rows of the embedding table;
    word_bias : float[m]. Returns float[..., m].
    """
    moved = layer_norm(gelu(linear(hidden, *transform)), *norm)
    return linear(moved, word_rows, word_bias)
