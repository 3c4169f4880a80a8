"""The words that a contextual model can be asked for neighbours among: those of the sense
sentences, one sentence a sense, each word with its vector in its own sentence."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from core.engine.protocol import Engine
from core.vectors import elmo, senses
from core.vectors.words import is_word, split
from lessons.compare import states


@dataclass(frozen=True)
class Request:
    """kind : "elmo" or "bert"; language : of the sentences, "en" or "zh"."""

    kind: str
    model: str = "embedded"
    language: str = "en"


@dataclass(frozen=True)
class Pool:
    """m words in their sentences.

    words : lower-cased; home : for each the index of its sentence in `sentences`
    vectors : float16[layers, m, D], of length 1
    baseline : for each layer the mean cosine of two different words of the pool
    """

    words: tuple[str, ...]
    home: tuple[int, ...]
    sentences: tuple[str, ...]
    vectors: np.ndarray
    baseline: tuple[float, ...]


@dataclass(frozen=True)
class Neighbour:
    word: str
    sentence: str
    cosine: float


def run(engine: Engine, request: Request) -> Pool:
    """Every word of the first sentence of each sense, by one pass a sentence.

    Raises the errors of `Engine.trace`, for ELMo `ModelUnavailable`.
    """
    sentences = tuple(
        sense.sentences[0] for word in senses.senses(request.language) for sense in word.senses
    )
    if request.kind == "elmo":
        read = _by_elmo(sentences)
    else:
        read = _by_bert(engine, request.model, sentences)
    words: list[str] = []
    home: list[int] = []
    parts: list[np.ndarray] = []  # halved in width at once: all sentences together are large
    for at, (names, states_of) in enumerate(read):
        own = [n for n, name in enumerate(names) if is_word(name)]
        words += [names[n] for n in own]
        home += [at] * len(own)
        lengths = np.linalg.norm(states_of, axis=2, keepdims=True)  # (layers, n, 1)
        parts.append((states_of / lengths)[:, own].astype(np.float16))
    units = np.concatenate(parts, axis=1)  # (layers, m, D)
    units.flags.writeable = False
    first = [words.index(word) for word in dict.fromkeys(words)]
    baseline = tuple(mean_cosine(layer[first]) for layer in units)
    return Pool(tuple(words), tuple(home), sentences, units, baseline)


Read = Iterator[tuple[tuple[str, ...], np.ndarray]]  # words, float32[layers, words, D]


def _by_elmo(sentences: tuple[str, ...]) -> Read:
    model = elmo.load()
    return ((tokens, model.states(tokens)) for tokens in map(split, sentences))


def _by_bert(engine: Engine, model: str, sentences: tuple[str, ...]) -> Read:
    for text, trace in zip(sentences, states.traces(engine, model, sentences), strict=True):
        layers, encoded = states.layers_of(trace), trace.encoded
        groups: dict[int, list[int]] = {}
        for piece, word in enumerate(encoded.word_index):
            if word is not None:
                groups.setdefault(word, []).append(piece)
        names = tuple(
            text[encoded.spans[g[0]][0] : encoded.spans[g[-1]][1]].lower()
            for g in groups.values()
        )
        means = [layers[:, group].mean(axis=1) for group in groups.values()]
        yield names, np.stack(means, axis=1)


def mean_cosine(units: np.ndarray) -> float:
    """The mean over all pairs of different rows: (|sum u|^2 - sum |u|^2) / (m (m - 1)),
    float[m, D] of length 1."""
    m = len(units)
    wide = units.astype(np.float64)
    total = wide.sum(axis=0)
    return float((total @ total - (wide**2).sum()) / (m * (m - 1)))


def nearest(
    pool: Pool, vector: np.ndarray, layer: int, k: int, *, word: str = "",
    texts: Collection[str] = (),
) -> tuple[Neighbour, ...]:
    """The k different words closest to a vector, with the sentence where each is closest.

    word, texts : left out: the word itself, and sentences that are the learner's own
    """
    table = pool.vectors[layer].astype(np.float32)  # (m, D)
    unit = np.asarray(vector, np.float32) / max(float(np.linalg.norm(vector)), 1e-12)
    cosines = table @ unit  # (m,)
    own = {text.strip() for text in texts}
    found: dict[str, Neighbour] = {}
    for i in np.argsort(-cosines, kind="stable"):
        name, sentence = pool.words[i], pool.sentences[pool.home[i]]
        if name != word.strip().lower() and name not in found and sentence not in own:
            found[name] = Neighbour(name, sentence, float(cosines[i]))
            if len(found) == k:
                break
    return tuple(found.values())


def apart(value: float, baseline: float) -> float:
    """How far two vectors are from being one: 0 the same, 1 like two different words on average."""
    return (1 - value) / (1 - baseline)
