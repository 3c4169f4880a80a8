"""What can be taken from L layers as the vector of a word. No torch."""

import numpy as np

POOLED = ("last", "second_to_last", "sum_all", "sum_last4", "concat_last4")
MADE = ("sum_last4", "sum_all", "concat_last4")  # the ones that are no layer themselves
LAST = 4


def pooled(layers: np.ndarray) -> dict[str, np.ndarray]:
    """The choices of the paper from float32[L + 1, ..., H], layer 0 the embedding layer's output.

        last            x_L
        second_to_last  x_(L-1)
        sum_all         x_1 + ... + x_L, without the embeddings
        sum_last4       x_(L-3) + ... + x_L
        concat_last4    [x_(L-3); ...; x_L], the lowest first, 4 H numbers

    A model of fewer than four layers gives all it has. Source: Devlin et al. 2019, table 7.
    """
    last4 = layers[1:][-LAST:]
    return {
        "last": layers[-1],
        "second_to_last": layers[-2],
        "sum_all": layers[1:].sum(axis=0),
        "sum_last4": last4.sum(axis=0),
        "concat_last4": np.concatenate(list(last4), axis=-1),
    }


def rows(layers: np.ndarray) -> dict[str, np.ndarray]:
    """Every layer by its number, then `MADE`: each once, in the order they are shown."""
    made = pooled(layers)
    return {str(n): layer for n, layer in enumerate(layers)} | {name: made[name] for name in MADE}


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    """a . b / (|a| |b|); 0 where one has no length."""
    a, b = one.astype(np.float64), other.astype(np.float64)
    length = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / length if length else 0.0
