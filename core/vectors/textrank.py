"""TextRank: words and sentences that vote for each other.

Source: Mihalcea and Tarau, TextRank: Bringing Order into Texts, EMNLP 2004.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

DAMPING = 0.85
_STEPS = 1000
_PRECISION = 1e-10


@dataclass(frozen=True)
class Ranked:
    """A graph and its PageRank.

    names : N nodes; weights : float64[N, N], symmetric, 0 where there is no edge
    ranks : float64[N], they sum to 1; places : float64[N, 2], where to draw the nodes
    """

    names: tuple[str, ...]
    weights: np.ndarray
    ranks: np.ndarray
    places: np.ndarray

    def order(self) -> tuple[int, ...]:
        """Nodes from the highest rank to the lowest, equal ones as they are read."""
        return tuple(int(i) for i in np.argsort(-np.round(self.ranks, 9), kind="stable"))


def word_weights(
    sentences: Sequence[Sequence[str]], words: Sequence[str], window: int
) -> np.ndarray:
    """float64[N, N]: 1 where two words stand within `window` words of each other (section 3.1).

    Distances count every word of the sentence, also those that are no node.
    """
    index = {word: i for i, word in enumerate(words)}
    weights = np.zeros((len(words), len(words)))
    for sentence in sentences:
        places = [(at, index[word]) for at, word in enumerate(sentence) if word in index]
        for first, (at, i) in enumerate(places):
            for later, j in places[first + 1 :]:
                if later - at >= window:
                    break
                if i != j:
                    weights[i, j] = weights[j, i] = 1.0
    return weights


def sentence_similarity(one: Collection[str], two: Collection[str]) -> float:
    """Shared words over log|S_i| + log|S_j| (section 4.1); 0 where both logarithms are 0."""
    size = math.log(len(one)) + math.log(len(two)) if one and two else 0.0
    return len(set(one) & set(two)) / size if size > 0 else 0.0


def sentence_weights(sentences: Sequence[Sequence[str]]) -> np.ndarray:
    """float64[N, N] of similarities between the sentences' words; a sentence has none to itself."""
    n = len(sentences)
    weights = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1, n):
            weights[i, j] = weights[j, i] = sentence_similarity(sentences[i], sentences[j])
    return weights


def rank(names: Sequence[str], weights: np.ndarray) -> Ranked:
    """PageRank of a symmetric graph, by networkx, and a layout to draw it with."""
    import networkx as nx

    graph = nx.from_numpy_array(weights)
    found = nx.pagerank(graph, alpha=DAMPING, max_iter=_STEPS, tol=_PRECISION)
    layout = nx.spring_layout(graph, k=2.2 / math.sqrt(max(1, len(names))), iterations=120, seed=3)
    order = range(len(names))
    return Ranked(
        tuple(names), weights, np.array([found[i] for i in order]),
        np.array([layout[i] for i in order]),
    )


def rank_by_hand(weights: np.ndarray) -> np.ndarray:
    """PageRank by power iteration: r <- (1 - d) / N + d * (votes received).

    A node splits its rank over its edges by weight; one without edges gives to all alike.
    """
    n = len(weights)
    given = weights.sum(axis=1)  # (N,)
    shares = np.divide(weights, given[:, None], out=np.full((n, n), 1 / n),
                       where=given[:, None] > 0)  # (N, N), rows sum to 1
    ranks = np.full(n, 1 / n)
    for _ in range(_STEPS):
        before, ranks = ranks, (1 - DAMPING) / n + DAMPING * (ranks @ shares)  # (N,)
        if np.abs(ranks - before).sum() < _PRECISION:
            break
    return ranks


def phrases(sentences: Sequence[Sequence[str]], keywords: Collection[str]) -> tuple[str, ...]:
    """Runs of key words that stand side by side in a sentence, each once (end of section 3.1)."""
    found: dict[str, None] = {}
    for sentence in sentences:
        run: list[str] = []
        for word in [*sentence, None]:
            if word is not None and word in keywords:
                run.append(word)
                continue
            if len(run) > 1:
                found.setdefault(" ".join(run))
            run = []
    return tuple(found)
