"""Latent Dirichlet allocation, by scikit-learn.

Source: Blei, Ng and Jordan, Latent Dirichlet Allocation, JMLR 3, 2003; Hoffman, Blei and Bach,
Online Learning for LDA, NIPS 2010, for the variational updates.
"""

from dataclasses import dataclass

import numpy as np

_PASSES = 60
_UPDATES = 200
_PRECISION = 1e-7


@dataclass(frozen=True)
class Lda:
    """Topics with a Dirichlet prior on both distributions.

    weights : float64[K, V], variational parameters lambda; topics : float64[K, V], their rows
    divided by their sums; mixtures : float64[D, K], the documents' shares of the topics
    query : float64[K], the shares of one more text; alpha, eta : the priors' parameters
    perplexity : of the documents themselves, from the variational bound
    """

    weights: np.ndarray
    topics: np.ndarray
    mixtures: np.ndarray
    query: np.ndarray
    alpha: float
    eta: float
    perplexity: float


def fit(counts: np.ndarray, query: np.ndarray, k: int, seed: int) -> Lda:
    """Learn k topics of int[D, V] counts and read int[V] counts of one more text with them."""
    from sklearn.decomposition import LatentDirichletAllocation

    prior = 1.0 / k
    lda = LatentDirichletAllocation(
        k, doc_topic_prior=prior, topic_word_prior=prior, learning_method="batch",
        max_iter=_PASSES, max_doc_update_iter=_UPDATES, mean_change_tol=_PRECISION,
        random_state=seed,
    ).fit(counts)
    weights = lda.components_  # (K, V)
    return Lda(
        weights, weights / weights.sum(axis=1, keepdims=True), lda.transform(counts),
        lda.transform(query[None])[0], prior, prior, float(lda.perplexity(counts)),
    )


def mixture_by_hand(counts: np.ndarray, weights: np.ndarray, alpha: float) -> np.ndarray:
    """One document's shares, int[V] -> float64[K], by the update of its variational posterior.

    gamma_k = alpha + sum_w n_w phi_wk,  phi_wk ~ exp(E[ln theta_k] + E[ln beta_kw])

    Source: Blei et al. 2003, eqs. 6 and 7.
    """
    from scipy.special import digamma

    def expected_log(parameters: np.ndarray) -> np.ndarray:
        return np.asarray(digamma(parameters) - digamma(parameters.sum(axis=-1, keepdims=True)))

    beta = np.exp(expected_log(weights))  # (K, V)
    gamma = np.ones(len(weights))  # (K,)
    for _ in range(_UPDATES):
        before = gamma
        joint = np.exp(expected_log(gamma))[:, None] * beta  # (K, V)
        gamma = alpha + (joint / joint.sum(axis=0)) @ counts
        if np.abs(gamma - before).mean() < _PRECISION:
            break
    return np.asarray(gamma / gamma.sum())
