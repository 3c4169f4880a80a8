"""How near two sentences lie: the cosine of the means of their word pieces' vectors."""

from dataclasses import dataclass

import numpy as np

from core.contract import TraceRequest
from core.engine.protocol import Engine
from core.errors import TaskNeedsPair
from lessons.proof import Check, check
from lessons.scores.likelihood import places_of
from lessons.text import presets

STRANGERS = 6  # other sentences of this page, to say what any two sentences score


@dataclass(frozen=True)
class Similarity:
    """cosine : of the two means in the last layer; layers : the same after each layer from 0

    strangers : the cosine of sentence A with other sentences of this page, highest first
    shared : word pieces that stand in both, as a share of all that stand in either
    """

    cosine: float
    layers: tuple[float, ...]
    strangers: tuple[float, ...]
    shared: float

    @property
    def rank(self) -> int:
        """1 when B lies nearer to A than every other sentence does."""
        return 1 + sum(other >= self.cosine for other in self.strangers)


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    """u.v / (|u| |v|) in float64."""
    u, v = one.astype(np.float64), other.astype(np.float64)
    length = float(np.linalg.norm(u) * np.linalg.norm(v))
    return float(u @ v) / length if length else 0.0


def similarity(engine: Engine, model: str, text: str, text_b: str) -> tuple[Similarity, Check]:
    """From `Engine.encode`, and again by hand from the vectors of one pass each.

    Raises `TaskNeedsPair` and the errors of `Engine.encode`.
    """
    if not text_b.strip():
        raise TaskNeedsPair("similarity")
    strangers = _strangers(text, text_b)
    vectors = engine.encode([text, text_b, *strangers], model=model)  # (2 + s, H)
    means = [_means(engine, model, t) for t in (text, text_b)]  # float64[L + 1, H] each
    layers = tuple(cosine(u, v) for u, v in zip(*means, strict=True))
    pieces = [set(engine.tokenize(model, t).ids[1:-1]) for t in (text, text_b)]
    either = pieces[0] | pieces[1]
    found = Similarity(
        cosine(vectors[0], vectors[1]), layers,
        tuple(sorted((cosine(vectors[0], v) for v in vectors[2:]), reverse=True)),
        len(pieces[0] & pieces[1]) / len(either) if either else 0.0,
    )
    return found, check("cosine", "u.v / (|u| |v|), u = mean of x_i", np.array(layers[-1]),
                        np.array(found.cosine))


def _means(engine: Engine, model: str, text: str) -> np.ndarray:
    """The mean vector after the embeddings and after each layer, float64[L + 1, H]."""
    trace = engine.trace(TraceRequest(text, None, model, frozenset({"embeddings", "after_ffn"})))
    assert trace.embeddings is not None
    states = [trace.embeddings.normalized, *(layer.after_ffn for layer in trace.layers)]
    own = list(places_of(trace.encoded)) or slice(None)  # without [CLS] and [SEP]
    return np.stack([s[0, own].mean(axis=0, dtype=np.float64) for s in states if s is not None])


def _strangers(text: str, text_b: str) -> list[str]:
    """Sentences of the other examples, none of them on the screen."""
    english = [p for p in presets("scores") if "en" in p.languages]
    found = [p.text for p in english if p.text not in (text, text_b)]
    return found[:STRANGERS]
