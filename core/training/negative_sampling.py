"""The loss of word2vec with negative sampling, measured on a fixed sample of windows.

gensim's own running loss is not kept. It is one float32 sum over a whole pass, which stops
growing near 2^27 (its issue 2735), and the worker threads overwrite each other's share of it
(issue 2743). The same windows and negatives measured again after every part of a pass tell
what was learned without either fault, and tell it for articles never trained on as well.
"""

from dataclasses import dataclass

import numpy as np

from core.training.word_corpus import WordCorpus

SAMPLE_POWER = 0.75  # negatives are drawn by count ** 0.75


@dataclass(frozen=True)
class Windows:
    """A fixed sample of centre words with their windows and negatives.

    centre : int64[n]
    context : int64[n, 2 * window], -1 where the window ends earlier
    negative : int64[n, K], never the centre
    """

    centre: np.ndarray
    context: np.ndarray
    negative: np.ndarray

    def pairs(self) -> "Windows":
        """The same centres with the first word of each window alone, as skip-gram reads them."""
        return Windows(self.centre, self.context[:, :1], self.negative)


def keep_probability(counts: np.ndarray, sample: float) -> np.ndarray:
    """How likely each word survives the thinning of frequent words, float64[V].

    Source: the word2vec program: min(1, (sqrt(f / t) + 1) * t / f) with f the word's share of
    the text and t the threshold `sample`.
    """
    share = counts / counts.sum()
    with np.errstate(divide="ignore"):
        return np.minimum(1.0, (np.sqrt(share / sample) + 1) * sample / share)


def draw_windows(
    corpus: WordCorpus, counts: np.ndarray, n: int, *, window: int, negatives: int,
    sample: float, seed: int,
) -> Windows:
    """n windows (fewer from a small text) as training draws them, in a fixed random order.

    The text is thinned first; each window then reaches a random 1 to `window` words far.
    """
    draw = np.random.default_rng(seed)
    kept = draw.random(len(corpus.ids)) < keep_probability(counts, sample)[corpus.ids]
    ids, sentence = corpus.ids[kept].astype(np.int64), corpus.sentence_of()[kept]
    centres = draw.permutation(len(ids))[: 2 * n]
    reach = draw.integers(1, window + 1, size=(len(centres), 1))
    steps = np.array([d for far in range(1, window + 1) for d in (-far, far)])  # near to far
    places = np.clip(centres[:, None] + steps, 0, max(len(ids) - 1, 0))  # (2n, 2 * window)
    inside = (centres[:, None] + steps == places) & (np.abs(steps) <= reach)
    inside &= sentence[places] == sentence[centres][:, None]
    context = np.where(inside, ids[places], -1)
    turn = draw.permuted(np.tile(np.arange(len(steps)), (len(centres), 1)), axis=1)
    context = np.take_along_axis(context, turn, axis=1)
    order = np.argsort(context < 0, axis=1, kind="stable")  # words first, -1 behind them
    context = np.take_along_axis(context, order, axis=1)
    used = np.flatnonzero(context[:, 0] >= 0)[:n]
    centre = ids[centres[used]]
    return Windows(centre, context[used], _draw_negatives(draw, counts, centre, negatives))


def _draw_negatives(
    draw: np.random.Generator, counts: np.ndarray, centre: np.ndarray, negatives: int
) -> np.ndarray:
    share = counts.astype(np.float64) ** SAMPLE_POWER
    share /= share.sum()
    drawn = draw.choice(len(counts), size=(len(centre), negatives), p=share)
    while (same := drawn == centre[:, None]).any():
        drawn[same] = draw.choice(len(counts), size=int(same.sum()), p=share)
    return drawn


def loss(windows: Windows, inputs: np.ndarray, outputs: np.ndarray) -> float:
    """Mean over the windows of -log s(u_c . h) - sum_k log s(-u_k . h), s the logistic function.

    h is the mean input vector of the window; with one word in the window this is skip-gram.

    inputs, outputs : float[V, H]

    Source: Mikolov et al. (2013), Distributed representations, equation 4.
    """
    there = windows.context >= 0  # (n, w)
    h = np.einsum("nwd,nw->nd", inputs[windows.context], there) / there.sum(1, keepdims=True)
    right = np.einsum("nd,nd->n", h, outputs[windows.centre])
    wrong = np.einsum("nd,nkd->nk", h, outputs[windows.negative])
    each = np.logaddexp(0, -right) + np.logaddexp(0, wrong).sum(axis=1)  # (n,)
    return float(each.mean())
