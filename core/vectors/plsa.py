"""Probabilistic latent semantic analysis, by its own EM.

Written here because scikit-learn has no pLSA. Its NMF with the Kullback-Leibler loss climbs to
the same maxima, but hides what is to be seen: the posteriors, the distributions that sum to 1,
and the likelihood rising with every step.

Source: Hofmann, Probabilistic Latent Semantic Indexing, SIGIR 1999.
"""

from dataclasses import dataclass

import numpy as np

_TINY = 1e-300


@dataclass(frozen=True)
class Plsa:
    """P(w | d) = sum_z P(w | z) P(z | d).

    topics : float64[K, V], P(w | z); mixtures : float64[D, K], P(z | d)
    likelihoods : log-likelihood before the first step and after each
    """

    topics: np.ndarray
    mixtures: np.ndarray
    likelihoods: tuple[float, ...]


def fit(counts: np.ndarray, k: int, steps: int, seed: int) -> Plsa:
    """EM from a random start on int[D, V] counts, with k topics."""
    rng = np.random.default_rng(seed)
    topics = _rows(0.2 + rng.random((k, counts.shape[1])))  # (K, V)
    mixtures = _rows(0.2 + rng.random((len(counts), k)))  # (D, K)
    likelihoods = [log_likelihood(counts, topics, mixtures)]
    for _ in range(steps):
        topics, mixtures = step(counts, topics, mixtures)
        likelihoods.append(log_likelihood(counts, topics, mixtures))
    return Plsa(topics, mixtures, tuple(likelihoods))


def log_likelihood(counts: np.ndarray, topics: np.ndarray, mixtures: np.ndarray) -> float:
    """sum_dw n(d, w) ln P(w | d)."""
    expected = mixtures @ topics  # (D, V)
    return float((counts * np.log(np.maximum(expected, _TINY))).sum())


def posterior(topics: np.ndarray, mixtures: np.ndarray) -> np.ndarray:
    """E step: P(z | d, w), float64[D, V, K], from P(w | z) P(z | d)."""
    joint = mixtures[:, None, :] * topics.T[None]  # (D, V, K)
    return joint / np.maximum(joint.sum(axis=-1, keepdims=True), _TINY)


def step(
    counts: np.ndarray, topics: np.ndarray, mixtures: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """E step and M step at once, without the D x V x K posterior in memory.

    P(w | z) ~ sum_d n(d, w) P(z | d, w);  P(z | d) ~ sum_w n(d, w) P(z | d, w)
    """
    ratio = counts / np.maximum(mixtures @ topics, _TINY)  # (D, V)
    return (
        _rows(topics * (mixtures.T @ ratio), topics),  # (K, V)
        _rows(mixtures * (ratio @ topics.T), mixtures),  # (D, K)
    )


def step_by_hand(
    counts: np.ndarray, topics: np.ndarray, mixtures: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The same step as the paper writes it, through P(z | d, w)."""
    shared = counts[:, :, None] * posterior(topics, mixtures)  # (D, V, K)
    return _rows(shared.sum(axis=0).T, topics), _rows(shared.sum(axis=1), mixtures)


def fold_in(counts: np.ndarray, topics: np.ndarray, steps: int = 50) -> np.ndarray:
    """P(z | d) of one more document, int[V] -> float64[K], with the topics held still."""
    mixture = np.full((1, len(topics)), 1 / len(topics))
    for _ in range(steps):
        ratio = counts[None] / np.maximum(mixture @ topics, _TINY)  # (1, V)
        mixture = _rows(mixture * (ratio @ topics.T), mixture)
    return np.asarray(mixture[0])


def _rows(values: np.ndarray, before: np.ndarray | None = None) -> np.ndarray:
    """Each row divided by its sum; a row of zeros stays what it was before."""
    sums = values.sum(axis=1, keepdims=True)
    start = np.zeros_like(values) if before is None else before.copy()
    return np.divide(values, sums, out=start, where=sums > 0)
