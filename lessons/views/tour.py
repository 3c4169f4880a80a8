"""Heads worth opening first: for this text, the one that does each simple thing most."""

from dataclasses import dataclass

import numpy as np

from lessons.attention.story import entropy


@dataclass(frozen=True)
class Find:
    """The head with the largest measure of one kind.

    name : previous, next, itself, sep, broad or cross; value : the mean share of attention,
        for `broad` the mean entropy of a row in bits
    """

    name: str
    layer: int
    head: int
    value: float


def measures(weights: np.ndarray, kinds: str, segments: tuple[int, ...]) -> dict[str, np.ndarray]:
    """For each kind of head a number, from weights float[A, n, n] -> float[A].

    Means over the rows of words and punctuation, so that [CLS] and [SEP] do not decide.
    """
    n = weights.shape[-1]
    own = np.array([i for i in range(n) if kinds[i] in "pw"] or range(n))
    rows = weights[:, own]  # (A, r, n)
    of = np.array(segments)
    found = {
        "previous": weights[:, own, np.maximum(own - 1, 0)].mean(-1),
        "next": weights[:, own, np.minimum(own + 1, n - 1)].mean(-1),
        "itself": weights[:, own, own].mean(-1),
        "sep": rows[..., [i for i in range(n) if kinds[i] == "s"]].sum(-1).mean(-1),
        "broad": entropy(rows).mean(-1),
    }
    if of.max() == 1:
        other = of[own][:, None] != of[None]  # (r, n)
        found["cross"] = (rows * other).sum(-1).mean(-1)
    return found


def tour(layers: list[np.ndarray], kinds: str, segments: tuple[int, ...]) -> tuple[Find, ...]:
    """One find of each kind over all layers, weights float[A, n, n] each."""
    every = [measures(weights, kinds, segments) for weights in layers]
    finds = []
    for name in every[0]:
        values = np.stack([found[name] for found in every])  # (L, A)
        layer, head = np.unravel_index(values.argmax(), values.shape)
        finds.append(Find(name, int(layer), int(head), float(values[layer, head])))
    return tuple(finds)
