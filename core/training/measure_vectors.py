"""The vector of a word in a sentence, layer by layer, from each of the trained models."""

import re
from collections.abc import Callable, Sequence

import numpy as np

from core.contract import TraceRequest
from core.engine.local import LocalEngine
from core.models.registry import EMBEDDED
from core.vectors import elmo, gpt, static
from core.vectors.words import split

Vectors = Callable[[str, str], np.ndarray]  # (word, text) -> float32[layers, H]


def static_vectors(name: str) -> Vectors:
    """One layer, whatever the text. Raises `ModelUnavailable`."""
    table = static.load(name)
    return lambda word, text: table.vector(word)[None]


def elmo_vectors() -> Vectors:
    """Layer 0, the character encoder, and the two LSTM layers. Raises `ModelUnavailable`."""
    model = elmo.load()

    def vectors(word: str, text: str) -> np.ndarray:
        places = _places(split(text), split(word))
        return model.states(split(text))[:, places].mean(axis=1)

    return vectors


def bert_vectors() -> Vectors:
    """Layer 0, the input, and each encoder layer's output; a word is the mean of its pieces."""
    engine = LocalEngine("cpu")
    keep = frozenset({"embeddings", "after_ffn"})

    def vectors(word: str, text: str) -> np.ndarray:
        trace = engine.trace(TraceRequest(text, keep=keep))
        assert trace.embeddings is not None
        outputs = [layer.after_ffn for layer in trace.layers if layer.after_ffn is not None]
        layers = np.concatenate([trace.embeddings.normalized, *outputs])  # (L + 1, n, H)
        return layers[:, _pieces(trace.encoded.spans, word, text)].mean(axis=1)

    return vectors


def gpt_vectors() -> Vectors:
    """As `bert_vectors`, from the left context alone. Raises `ModelUnavailable`."""
    model, engine = gpt.load(), LocalEngine("cpu")

    def vectors(word: str, text: str) -> np.ndarray:
        spans = engine.tokenize(EMBEDDED, text).spans[1:-1]  # [CLS] and [SEP] are not in states
        return model.states(text)[1][:, _pieces(spans, word, text)].mean(axis=1)

    return vectors


def _places(tokens: Sequence[str], wanted: Sequence[str]) -> list[int]:
    for start in range(len(tokens)):
        if tuple(tokens[start : start + len(wanted)]) == tuple(wanted):
            return list(range(start, start + len(wanted)))
    raise ValueError(f"{' '.join(wanted)} is not in the sentence")


def _pieces(spans: Sequence[tuple[int, int]], word: str, text: str) -> list[int]:
    found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)
    if found is None:
        raise ValueError(f"{word} is not in the sentence")
    start, end = found.span()
    return [i for i, (begin, stop) in enumerate(spans) if begin < end and stop > start]
