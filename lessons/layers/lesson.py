"""Which layer? A word's vector in every layer, and what can be made of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.contract import Encoded, TaskRequest, TaskResult, Trace, TraceRequest
from core.engine.protocol import Engine
from core.errors import WordMissing
from core.trace.recompute import layer_norm
from lessons.layers import places, pooling, tagging
from lessons.layers.tagging import Tagging
from lessons.proof import Check, Proof, check
from lessons.text import Preset

KEEP = frozenset({"embeddings", "ffn", "after_ffn"})
NEAREST = 3


@dataclass(frozen=True)
class Request:
    """word : to look at in text; nth : which of its occurrences, from 1; text_b : a sentence of
    its own in which the word's first occurrence is looked at too."""

    text: str
    word: str
    text_b: str = ""
    nth: int = 1
    model: str = "embedded"


@dataclass(frozen=True)
class Placed:
    """A word in a sentence of its own.

    span : its characters; pieces : its places in `encoded`; vectors : float32[L + 1, H], in
    every layer the mean over its pieces; layer 0 is the embedding layer's output
    """

    encoded: Encoded
    span: tuple[int, int]
    pieces: tuple[int, ...]
    vectors: np.ndarray

    @property
    def piece_names(self) -> tuple[str, ...]:
        return tuple(self.encoded.tokens[i] for i in self.pieces)


@dataclass(frozen=True)
class Near:
    """Another word by the cosine of its vector. sentence : 0 or 1"""

    word: str
    sentence: int
    cosine: float


@dataclass(frozen=True)
class Result:
    """The word under every choice.

    names : of the choices: the layers "0" to "L", then sum_last4, sum_all, concat_last4
    vectors : float32[H] for each, 4 H for the last
    between : float32[C, C], cosine of every two; NaN between lengths that differ
    second : the word in text_b, None where that has it not
    to_second : the cosine of the word's two vectors under each choice, empty without a second
    nearest : for each choice the nearest other words of both sentences, best first; the word
        itself is left out wherever it stands
    taggings : what the layers' probes say of the first sentence; empty for other models
    """

    word: str
    first: Placed
    second: Placed | None
    names: tuple[str, ...]
    vectors: tuple[np.ndarray, ...]
    between: np.ndarray
    to_second: tuple[float, ...]
    nearest: tuple[tuple[Near, ...], ...]
    taggings: tuple[Tagging, ...]
    proof: Proof

    def tagging(self, task: str) -> Tagging | None:
        return next((one for one in self.taggings if one.task == task), None)


def run(engine: Engine, request: Request) -> Result:
    """The word's vector x_0 ... x_L, sums and concatenation, compared in every way.

    Raises `WordMissing`, `OutOfRange` and the errors of `Engine.trace`. A second sentence
    without the word leaves its part empty.

    Source: Devlin et al. 2019, section 5.3.
    """
    encoded = engine.tokenize(request.model, request.text)
    span = places.place(request.text[: encoded.kept_a], encoded, request.word, request.nth)
    traces = [engine.trace(TraceRequest(request.text, None, request.model, KEEP))]
    states = [_states(traces[0])]  # (L + 1, n, H)
    first = _placed(encoded, states[0], span)
    if request.text_b.strip():
        traces.append(engine.trace(TraceRequest(request.text_b, None, request.model, KEEP)))
        states.append(_states(traces[1]))
    second = _second(request, traces, states)
    rows = pooling.rows(first.vectors)
    twins = pooling.rows(second.vectors) if second else {}
    taggings = tagging.taggings(request.model, request.text, encoded, states[0])
    between = _between(tuple(rows.values()))
    to_second = tuple(pooling.cosine(rows[name], twin) for name, twin in twins.items())
    checks = [
        *(_norms(engine, request.model, traces)), *_sums(first.vectors, rows),
        _angles(rows, between, twins, to_second),
        *tagging.by_hand(request.model, taggings, states[0]),
    ]
    return Result(
        request.text[slice(*span)], first, second, tuple(rows), tuple(rows.values()), between,
        to_second, _nearest(request, first, rows, traces, states), taggings, Proof(tuple(checks)),
    )


def tuned(engine: Engine, request: TaskRequest) -> TaskResult:
    """What the fine-tuned head says of the same words."""
    return engine.task(request)


def _states(trace: Trace) -> np.ndarray:
    """Layer 0, the embedding layer's output, and every layer's output, float32[L + 1, n, H]."""
    assert trace.embeddings is not None
    outputs = [layer.after_ffn for layer in trace.layers if layer.after_ffn is not None]
    return np.concatenate([trace.embeddings.normalized, *outputs])


def _placed(encoded: Encoded, states: np.ndarray, span: places.Span) -> Placed:
    pieces = places.pieces_at(encoded, span)
    vectors = states[:, list(pieces)].mean(axis=1)  # (L + 1, H)
    vectors.flags.writeable = False
    return Placed(encoded, span, pieces, vectors)


def _second(request: Request, traces: list[Trace], states: list[np.ndarray]) -> Placed | None:
    if len(traces) < 2:
        return None
    encoded = traces[1].encoded
    try:
        span = places.place(request.text_b[: encoded.kept_a], encoded, request.word)
    except WordMissing:
        return None
    return _placed(encoded, states[1], span)


def _between(vectors: tuple[np.ndarray, ...]) -> np.ndarray:
    """float32[C, C]; NaN where two choices have different lengths."""
    return np.array([
        [pooling.cosine(a, b) if a.shape == b.shape else np.nan for b in vectors] for a in vectors
    ], np.float32)


def _nearest(
    request: Request, first: Placed, rows: dict[str, np.ndarray], traces: list[Trace],
    states: list[np.ndarray],
) -> tuple[tuple[Near, ...], ...]:
    """Under each choice the other words of the sentences, by their own vectors' cosine."""
    others = list(_others(request, first, traces, states))
    found = []
    for name, vector in rows.items():
        near = [Near(w, s, pooling.cosine(vector, pooling.rows(v)[name])) for w, s, v in others]
        found.append(tuple(sorted(near, key=lambda one: -one.cosine)[:NEAREST]))
    return tuple(found)


def _others(
    request: Request, first: Placed, traces: list[Trace], states: list[np.ndarray]
) -> Iterator[tuple[str, int, np.ndarray]]:
    """Every word of letters or digits but the one looked at: text, sentence, [L + 1, H]."""
    own_word = request.text[slice(*first.span)].lower()
    for sentence, (text, trace, own) in enumerate(
        zip((request.text, request.text_b), traces, states, strict=False)
    ):
        for start, end in places.word_spans(trace.encoded):
            inside = sentence == 0 and start < first.span[1] and end > first.span[0]
            same = inside or text[start:end].lower() == own_word
            if not same and any(c.isalnum() for c in text[start:end]):
                placed = _placed(trace.encoded, own, (start, end))
                yield text[start:end], sentence, placed.vectors


def _norms(engine: Engine, model: str, traces: list[Trace]) -> Iterator[Check]:
    """Every layer's output once more as the LayerNorm of its residual sum."""
    for trace in traces:
        assert trace.embeddings is not None
        parts = [("embeddings", trace.embeddings.sum, trace.embeddings.normalized)] + [
            (f"encoder.layer.{layer.index}.output", layer.ffn_residual, layer.after_ffn)
            for layer in trace.layers
        ]
        ours, models = [], []
        for name, total, output in parts:
            gamma, beta = (
                engine.parameter(model, f"bert.{name}.LayerNorm.{w}") for w in ("weight", "bias")
            )
            ours.append(layer_norm(np.asarray(total, np.float64), gamma, beta).ravel())
            models.append(np.asarray(output).ravel())
        yield check("x_0 ... x_L", "LayerNorm(residual sum)", np.concatenate(ours),
                    np.concatenate(models))


def _sums(layers: np.ndarray, rows: dict[str, np.ndarray]) -> tuple[Check, ...]:
    """Sums number by number in float64; the concatenation number by number at its place."""
    wide, count = layers.astype(np.float64), len(layers) - 1
    last4 = range(max(1, count - pooling.LAST + 1), count + 1)
    size = wide.shape[1]
    placed = np.array([wide[last4[at // size], at % size] for at in range(len(last4) * size)])
    return (
        check("sum of the last four", "Σ x_l", sum(wide[n] for n in last4), rows["sum_last4"]),
        check("sum of all", "Σ x_l", sum(wide[n] for n in range(1, count + 1)), rows["sum_all"]),
        check("concatenation", "[x_(L-3); ...; x_L]", placed, rows["concat_last4"]),
    )


def _angles(
    rows: dict[str, np.ndarray], between: np.ndarray, twins: dict[str, np.ndarray],
    to_second: tuple[float, ...],
) -> Check:
    """Each cosine once more from the distance of the two vectors brought to length 1."""
    units = {n: v.astype(np.float64) / np.linalg.norm(v.astype(np.float64))
             for n, v in rows.items()}
    others = {n: v.astype(np.float64) / np.linalg.norm(v.astype(np.float64))
              for n, v in twins.items()}
    names = list(rows)
    ours = [1 - ((units[names[a]] - units[names[b]]) ** 2).sum() / 2
            for a, b in zip(*np.nonzero(np.isfinite(between)), strict=True)]
    ours += [1 - ((units[n] - others[n]) ** 2).sum() / 2 for n in twins]
    models = [*between[np.isfinite(between)].tolist(), *to_second]
    return check("cosines", "1 - |a/|a| - b/|b||^2 / 2", np.array(ours), np.array(models))


def default_request(preset: Preset, model: str) -> Request:
    nth = int(preset.controls.get("nth", 1))
    return Request(preset.text, preset.controls["word"], preset.text_b, nth, model)


def to_json(result: Result) -> dict[str, Any]:
    """layers: [{layer, vector}] from 0; last, second_to_last, sum_all, sum_last4, concat_last4."""
    first, second = result.first, result.second
    made = pooling.pooled(first.vectors)
    return {
        "tokens": list(first.encoded.tokens),
        "word": result.word,
        "pieces": list(first.piece_names),
        "positions": list(first.pieces),
        "layers": [{"layer": n, "vector": v.tolist()} for n, v in enumerate(first.vectors)],
        **{name: made[name].tolist() for name in pooling.POOLED},
        "to_second": dict(zip(result.names, result.to_second, strict=True)) if second else None,
        "tags": {
            one.task: {
                "words": list(one.words),
                "layers": [[one.labels[t] for t in row] for row in one.tags],
            }
            for one in result.taggings
        },
    }
