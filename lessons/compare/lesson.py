"""One word in two sentences: how alike are its two vectors under four models?"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.contract import Encoded, Trace
from core.engine.protocol import Engine
from core.errors import ModelUnavailable, WordNotShared, WordUnknown
from core.trace.recompute import layer_norm
from core.vectors import static
from core.vectors.static import cosine
from lessons.compare import states
from lessons.compare.finding import pieces_at, span_of
from lessons.proof import Check, Proof, check
from lessons.text import Preset

TABLES = {"word2vec": "skipgram", "glove": "glove"}
NO_WORD = "no_word"  # the model's way of reading finds no such word in the text
UNKNOWN_PIECE = "[UNK]"


@dataclass(frozen=True)
class Request:
    text: str
    text_b: str
    word: str = "bank"
    model: str = "embedded"


@dataclass(frozen=True)
class Static:
    """A table's answer: `cosine` is None where it has none, `why` then names the reason.

    count : how often the word stood in the table's training text
    """

    name: str
    cosine: float | None
    count: int = 0
    why: str = ""


@dataclass(frozen=True)
class Contextual:
    """A model's answer by layer, from 0, its input.

    cosines : one a layer, empty where the model cannot answer; `why` then names the reason
    vectors : float32[layers, 2, D], the word in the two sentences
    """

    cosines: tuple[float, ...]
    vectors: np.ndarray
    why: str = ""

    @property
    def top(self) -> float | None:
        """The cosine in the last layer."""
        return self.cosines[-1] if self.cosines else None


@dataclass(frozen=True)
class Result:
    """The word's two vectors under each model.

    encoded, pieces : for each sentence, its word pieces and which of them are the word
    static : word2vec and GloVe, in this order
    """

    word: str
    encoded: tuple[Encoded, Encoded]
    pieces: tuple[tuple[int, ...], tuple[int, ...]]
    static: tuple[Static, ...]
    elmo: Contextual
    bert: Contextual
    proof: Proof

    def piece_names(self, sentence: int) -> tuple[str, ...]:
        """The word's pieces in one of the two sentences."""
        return tuple(self.encoded[sentence].tokens[i] for i in self.pieces[sentence])

    @property
    def unknown(self) -> bool:
        """True when BERT's vocabulary lacks a part of the word."""
        return any(UNKNOWN_PIECE in self.piece_names(n) for n in (0, 1))


def places(engine: Engine, request: Request) -> tuple[tuple[Encoded, tuple[int, ...]], ...]:
    """For each sentence its pieces and those of the word. Needs no forward pass.

    Raises `WordNotShared`, and the errors of `Engine.tokenize`.
    """
    found = []
    for text in (request.text, request.text_b):
        encoded = engine.tokenize(request.model, text)
        span = span_of(text[: encoded.kept_a], request.word)
        pieces = pieces_at(encoded, span) if span else ()
        if not pieces:
            raise WordNotShared(request.word)
        found.append((encoded, pieces))
    return tuple(found)


def run(engine: Engine, request: Request) -> Result:
    """The cosine of the word's two vectors in each static table and each layer.

        cos(a, b) = a . b / (|a| |b|)

    Raises `WordNotShared`, and the errors of `Engine.trace`. A table without the word, or a
    model whose files are missing, leaves its own answer empty.
    """
    one, two = places(engine, request)
    texts = tuple(
        text[: encoded.kept_a]
        for text, (encoded, _) in zip((request.text, request.text_b), (one, two), strict=True)
    )
    keep = states.KEEP | {"ffn"}
    traces = states.traces(engine, request.model, (request.text, request.text_b), keep)
    vectors = np.stack(
        [states.bert_vector(t, p) for t, (_, p) in zip(traces, (one, two), strict=True)], axis=1
    )  # (L + 1, 2, H)
    bert = _contextual(vectors)
    elmo = _elmo(texts, request.word)
    checks = [_norms(engine, request.model, traces), *_angles("BERT", bert), *_angles("ELMo", elmo)]
    return Result(
        request.word.strip(), (one[0], two[0]), (one[1], two[1]),
        tuple(_static(name, request.word) for name in TABLES), elmo, bert, Proof(tuple(checks)),
    )


def _static(name: str, word: str) -> Static:
    """The word looked up once for each sentence: a table knows nothing of sentences."""
    try:
        table = static.load(TABLES[name])
        first, second = table.vector(word), table.vector(word)
        row = table.find(word)
    except (WordUnknown, ModelUnavailable) as error:
        return Static(name, None, why=error.key)
    count = int(table.counts[row]) if row is not None else 0
    return Static(name, cosine(first, second), count)


def _elmo(texts: tuple[str, ...], word: str) -> Contextual:
    try:
        vectors = states.of_elmo(texts, word)
    except ModelUnavailable as error:
        return Contextual((), np.zeros((0, 2, 0), np.float32), error.key)
    if vectors is None:
        return Contextual((), np.zeros((0, 2, 0), np.float32), NO_WORD)
    return _contextual(vectors)


def _contextual(vectors: np.ndarray) -> Contextual:
    vectors = np.asarray(vectors, np.float32)
    vectors.flags.writeable = False
    return Contextual(tuple(cosine(a, b) for a, b in vectors), vectors)


def _angles(label: str, answer: Contextual) -> tuple[Check, ...]:
    """Each cosine once more from the distance of the two vectors brought to length 1."""
    if not answer.cosines:
        return ()
    wide = answer.vectors.astype(np.float64)  # (layers, 2, D)
    units = wide / np.linalg.norm(wide, axis=2, keepdims=True)
    apart = ((units[:, 0] - units[:, 1]) ** 2).sum(axis=1)  # (layers,)
    formula = "1 - |a/|a| - b/|b||^2 / 2"
    return (check(f"{label} cosine", formula, 1 - apart / 2, np.array(answer.cosines)),)


def _norms(engine: Engine, model: str, traces: list[Trace]) -> Check:
    """Every layer's output once more as the LayerNorm of its residual sum."""
    ours, models = [], []
    for trace in traces:
        assert trace.embeddings is not None
        parts = [("embeddings", trace.embeddings.sum, trace.embeddings.normalized)] + [
            (f"encoder.layer.{layer.index}.output", layer.ffn_residual, layer.after_ffn)
            for layer in trace.layers
        ]
        for name, total, output in parts:
            gamma, beta = (
                engine.parameter(model, f"bert.{name}.LayerNorm.{w}") for w in ("weight", "bias")
            )
            ours.append(layer_norm(np.asarray(total, np.float64), gamma, beta).ravel())
            models.append(np.asarray(output).ravel())
    return check("BERT layers", "LayerNorm(residual sum)", np.concatenate(ours),
                 np.concatenate(models))


def default_request(preset: Preset, model: str) -> Request:
    return Request(preset.text, preset.text_b, preset.controls.get("word", Request.word), model)


def to_json(result: Result) -> dict[str, Any]:
    """word2vec, glove, elmo, bert: cosines, null where a model has no answer; and by layer."""
    tables = {answer.name: answer.cosine for answer in result.static}
    answers: tuple[Static | Contextual, ...] = (*result.static, result.elmo, result.bert)
    return {
        "word": result.word,
        **tables,
        "elmo": result.elmo.top,
        "bert": result.bert.top,
        "elmo_by_layer": list(result.elmo.cosines),
        "bert_by_layer": list(result.bert.cosines),
        "pieces": [list(result.piece_names(n)) for n in (0, 1)],
        "missing": {
            name: answer.why
            for name, answer in zip((*TABLES, "elmo", "bert"), answers, strict=True) if answer.why
        },
    }
