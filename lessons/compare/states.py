"""A word's vector in its sentence, in every layer of BERT and of ELMo."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from core.contract import Trace, TraceRequest
from core.engine.protocol import Engine
from core.errors import WordNotShared
from core.vectors import elmo
from lessons.compare.finding import pieces_at, span_of, tokens_at

KEEP = frozenset({"embeddings", "after_ffn"})
TOGETHER = 12  # sentences under way at once: what waits together the engine runs as one batch


def traces(
    engine: Engine, model: str, texts: Sequence[str], keep: frozenset[str] = KEEP
) -> list[Trace]:
    """A forward pass for each text, in the engine's batches. Raises the errors of its `trace`."""
    with ThreadPoolExecutor(TOGETHER) as workers:
        return list(
            workers.map(lambda text: engine.trace(TraceRequest(text, None, model, keep)), texts)
        )


def layers_of(trace: Trace) -> np.ndarray:
    """Layer 0, the input, and the output of every encoder layer, float32[L + 1, n, H]."""
    assert trace.embeddings is not None
    outputs = [layer.after_ffn for layer in trace.layers if layer.after_ffn is not None]
    return np.concatenate([trace.embeddings.normalized, *outputs])


def bert_vector(trace: Trace, pieces: Sequence[int]) -> np.ndarray:
    """The mean over a word's pieces in every layer, float32[L + 1, H]."""
    return layers_of(trace)[:, list(pieces)].mean(axis=1)


def of_bert(engine: Engine, model: str, texts: Sequence[str], word: str) -> np.ndarray:
    """The word's vector in each of m texts, float32[L + 1, m, H]. Raises `WordNotShared`."""
    found = []
    for text, trace in zip(texts, traces(engine, model, texts), strict=True):
        span = span_of(text, word)
        pieces = pieces_at(trace.encoded, span) if span else ()
        if not pieces:
            raise WordNotShared(word)
        found.append(bert_vector(trace, pieces))
    return np.stack(found, axis=1)


def of_elmo(texts: Sequence[str], word: str) -> np.ndarray | None:
    """The word's vector in each of m texts, float32[3, m, D]; None where ELMo sees no such word.

    Raises `ModelUnavailable`.
    """
    placed = [tokens_at(text, word) for text in texts]
    if not all(places for _, places in placed):
        return None
    model = elmo.load()
    return np.stack(
        [model.states(tokens)[:, list(places)].mean(axis=1) for tokens, places in placed], axis=1
    )
