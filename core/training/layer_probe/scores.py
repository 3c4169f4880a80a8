"""Figures of a tagging with the interval that the test sentences leave open."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from core.tasks.tags import stretches
from core.training.layer_probe.states import Words

DRAWS = 1000
COUNTS = ("right", "words", "hits", "claimed", "present")


def counts(said: np.ndarray, words: Words, labels: Sequence[str]) -> np.ndarray:
    """float64[S, 5] of `COUNTS` for each sentence; names only where the tags are BIO."""
    named = "O" in labels
    found = np.zeros((len(words.ends), len(COUNTS)))
    for row, (start, end) in enumerate(zip(words.starts, words.ends, strict=True)):
        one, other = said[start:end], words.tags[start:end]
        found[row, :2] = (one == other).sum(), end - start
        if named:
            ours = set(stretches([labels[t] if t >= 0 else "O" for t in one]))
            theirs = set(stretches([labels[t] for t in other]))
            found[row, 2:] = len(ours & theirs), len(ours), len(theirs)
    return found


def accuracy(sums: np.ndarray) -> np.ndarray:
    """Right words of all, [..., 5] -> [...]."""
    share: np.ndarray = sums[..., 0] / np.maximum(sums[..., 1], 1)
    return share


def f1(sums: np.ndarray) -> np.ndarray:
    """2 hits / (claimed + present): whole names, edges and kind right, [..., 5] -> [...]."""
    share: np.ndarray = 2 * sums[..., 2] / np.maximum(sums[..., 3] + sums[..., 4], 1)
    return share


def figure(found: Sequence[np.ndarray], labels: Sequence[str], seed: int = 0) -> dict[str, float]:
    """Mean over the seeds, and its 95 % interval over draws of the test sentences.

    found : `counts` of each seed. The figure is entity F1 where the tags are BIO, else accuracy;
    the token accuracy stands beside F1.

    Source: Efron and Tibshirani 1993, the percentile bootstrap.
    """
    measure = f1 if "O" in labels else accuracy
    stacked = np.stack(found)  # (seeds, S, 5)
    rng = np.random.default_rng(seed)
    sentences = stacked.shape[1]
    drawn = rng.multinomial(sentences, np.full(sentences, 1 / sentences), DRAWS)  # (draws, S)
    redrawn = np.einsum("ds,nsc->dnc", drawn.astype(np.float64), stacked)
    low, high = np.percentile(measure(redrawn).mean(axis=1), (2.5, 97.5))
    each = measure(stacked.sum(axis=1))  # (seeds,)
    shown = {"figure": each.mean(), "low": low, "high": high, "spread": np.ptp(each)}
    if measure is f1:
        shown["accuracy"] = accuracy(stacked.sum(axis=1)).mean()
    return {name: round(float(value), 4) for name, value in shown.items()}


def usual_tags(train: Words, test: Words) -> tuple[np.ndarray, np.ndarray]:
    """Two baselines for the test words: the tag most frequent of all, and most frequent of the
    word, lower-cased, where the training set has it."""
    overall = int(np.bincount(train.tags).argmax())
    by_form: dict[str, Counter[int]] = defaultdict(Counter)
    for form, tag in zip(train.forms, train.tags, strict=True):
        by_form[form][int(tag)] += 1
    usual = {form: tags.most_common(1)[0][0] for form, tags in by_form.items()}
    said = np.array([usual.get(form, overall) for form in test.forms])
    return np.full(len(test.tags), overall), said


def control_tags(train: Words, *others: Words, seed: int) -> list[np.ndarray]:
    """Tags that mean nothing: one drawn for each word form, as often as the real ones.

    What a probe reaches on them, it reaches by learning words by heart.

    Source: Hewitt and Liang 2019, section 2.
    """
    rng = np.random.default_rng(seed)
    shares = np.bincount(train.tags) / len(train.tags)
    forms = sorted({form for words in (train, *others) for form in words.forms})
    drawn = dict(zip(forms, rng.choice(len(shares), len(forms), p=shares), strict=True))
    return [np.array([drawn[form] for form in words.forms]) for words in (train, *others)]
