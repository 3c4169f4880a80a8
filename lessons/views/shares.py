"""Where attention goes: to which kinds of pieces, and from which sentence to which."""

import unicodedata

import numpy as np

KINDS = "cspw"  # [CLS], [SEP], punctuation, everything else


def kind_of(token: str) -> str:
    """One letter of `KINDS`."""
    if token in ("[CLS]", "[SEP]"):
        return "c" if token == "[CLS]" else "s"
    bare = token.removeprefix("##")
    signs = bool(bare) and all(unicodedata.category(c).startswith("P") for c in bare)
    return "p" if signs else "w"


def kinds_of(tokens: tuple[str, ...]) -> str:
    """A letter for each piece."""
    return "".join(map(kind_of, tokens))


def to_kinds(weights: np.ndarray, kinds: str) -> np.ndarray:
    """Share of all attention that lands on each kind, float[A, n, n] -> float[A, 4]."""
    landed = weights.mean(axis=1)  # (A, n), sums to 1
    letters = np.array(list(kinds))
    return np.stack([landed[:, letters == kind].sum(-1) for kind in KINDS], axis=-1)


def crossing(weights: np.ndarray, segments: tuple[int, ...]) -> np.ndarray:
    """Share of a sentence's attention spent on each sentence, float[A, n, n] -> float[A, 2, 2].

    [a, 0, 1] is A to B in head a; each row sums to 1. A sentence includes its [SEP].
    """
    of = np.array(segments)
    return np.stack([
        np.stack([weights[:, of == s][:, :, of == t].sum(-1).mean(-1) for t in (0, 1)], axis=-1)
        for s in (0, 1)
    ], axis=1)
