"""How alike two layers are: cosines of a piece with itself, CKA, and what a cosine is worth."""

import numpy as np

from lessons.proof import Check, check

MEASURES = ("token", "mean", "cka", "different")


def units(states: np.ndarray) -> np.ndarray:
    """Each hidden state brought to length 1, float64[L + 1, n, H]."""
    wide = states.astype(np.float64)
    return wide / np.maximum(np.linalg.norm(wide, axis=-1, keepdims=True), 1e-12)


def cosines(unit: np.ndarray) -> np.ndarray:
    """cos(x_i, x_j) of every piece in layers i and j, float64[n, L + 1, L + 1]."""
    by_piece = unit.swapaxes(0, 1)  # (n, L + 1, H)
    return by_piece @ by_piece.swapaxes(1, 2)


def different(unit: np.ndarray) -> np.ndarray:
    """The mean cosine of two different pieces, one in layer i, one in layer j.

    unit : float64[L + 1, n, H] -> float64[L + 1, L + 1]; nan for a single piece.
    All n^2 pairs are one product of the sums; the n pairs of a piece with itself are taken out.

    Source: Ethayarajh 2019, section 4.1 (anisotropy).
    """
    layers, n, _ = unit.shape
    if n < 2:
        return np.full((layers, layers), np.nan)
    together = unit.sum(axis=1)  # (L + 1, H)
    own = cosines(unit).sum(axis=0)  # (L + 1, L + 1)
    return (together @ together.T - own) / (n * (n - 1))


def nearest(unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For every piece the other piece with the largest cosine, layer by layer.

    Returns int64[L + 1, n], float64[L + 1, n]; a single piece is its own, with 0.
    """
    found, values = [], []
    for layer in unit:  # one n x n table at a time
        table = layer @ layer.T  # (n, n)
        np.fill_diagonal(table, -np.inf if len(table) > 1 else 0.0)
        found.append(table.argmax(axis=1))
        values.append(table.max(axis=1))
    return np.stack(found), np.stack(values)


def cka(states: np.ndarray) -> np.ndarray:
    """Linear CKA of the pieces' states in layers i and j, float64[L + 1, L + 1], 0 to 1.

    Compares the n x n tables of products <x_p, x_q> of the two layers, each centred: it asks
    whether the pieces stand to each other in the same way, wherever the whole cloud is.

    Source: Kornblith et al. 2019, eq. 3 and 4.
    """
    wide = states.astype(np.float64)
    centred = wide - wide.mean(axis=1, keepdims=True)  # (L + 1, n, H)
    tables = centred @ centred.swapaxes(1, 2)  # (L + 1, n, n)
    flat = tables.reshape(len(tables), -1)
    both = flat @ flat.T  # (L + 1, L + 1)
    sizes = np.sqrt(np.diag(both))
    return both / np.maximum(np.outer(sizes, sizes), 1e-12)


def checks(
    states: np.ndarray, unit: np.ndarray, shown: dict[str, np.ndarray]
) -> tuple[Check, ...]:
    """The shown measures once more by another formula. shown : "token", "cka", "different"."""
    n = unit.shape[1]
    found = []
    for name, layer in (("input", 0), ("last layer", -1)):
        apart = ((unit - unit[layer]) ** 2).sum(axis=-1)  # (L + 1, n)
        found.append(check(f"cosine with the {name}, all layers", "1 - |a/|a| - b/|b||^2 / 2",
                           1 - apart.T / 2, shown["token"][:, layer]))
    wide = states.astype(np.float64)
    centred = wide - wide.mean(axis=1, keepdims=True)
    first, last = centred[0], centred[-1]  # (n, H)
    cross = np.linalg.norm(last.T @ first) ** 2
    sizes = np.linalg.norm(first.T @ first) * np.linalg.norm(last.T @ last)
    found.append(check("CKA of first and last layer", "|Y^T X|^2 / (|X^T X| |Y^T Y|)",
                       cross / np.maximum(sizes, 1e-12), shown["cka"][0, -1]))
    if n > 1:
        pairs = unit[-1] @ unit[-1].T
        mean = pairs[~np.eye(n, dtype=bool)].mean()
        found.append(check("two different pieces, last layer", "mean of cos(x_p, x_q), p != q",
                           mean, shown["different"][-1, -1]))
    return tuple(found)
