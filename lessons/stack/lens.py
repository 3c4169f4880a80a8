"""The logit lens: the MLM head, made for the last layer, read at every layer.

Source: nostalgebraist 2020, "interpreting GPT: the logit lens"; for BERT the head is
LayerNorm(GELU(h W^T + b)) E^T + c (Devlin et al. 2019, section 3.1).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core import limits
from core.contract import Encoded, ModelInfo
from core.engine.protocol import Engine
from core.errors import MissingHead
from core.models.files import folder_of
from core.trace.recompute import attention, gelu, layer_norm, linear, softmax, split_heads
from core.wordpiece.encoder import tokenizer
from lessons.compare.states import layers_of
from lessons.mlm.head import logits_of, vocabulary_logits
from lessons.proof import Check, Proof, check
from lessons.stack.lesson import traced
from lessons.stack.reach import bits

MOST = 20


@dataclass(frozen=True)
class Request:
    """position : of the piece in the text; top_k : words kept for each layer, at most `MOST`."""

    text: str
    position: int
    model: str = "embedded"
    top_k: int = 5


@dataclass(frozen=True)
class Lens:
    """What the head says at one position after each layer, 0 (the input) to L.

    words, probabilities : for each layer the top words, best first; answer : the last layer's
    top word; answer_p, rank : float64[L + 1], int[L + 1] of the answer, rank 1 is the top
    entropy : float64[L + 1], bits; the vocabulary's most is log2 V
    appears : first layer with the answer on top; stays : first layer from which it stays there
    """

    encoded: Encoded
    position: int
    words: tuple[tuple[str, ...], ...]
    probabilities: np.ndarray
    answer: str
    answer_p: np.ndarray
    rank: np.ndarray
    entropy: np.ndarray
    appears: int
    stays: int
    proof: Proof


def run(engine: Engine, request: Request) -> Lens:
    """Read the head after every layer at one position.

    The proof holds the last layer against the model's own head, the shown words of every layer
    against a second computation, and each layer's step at this position against the textbook's.

    Raises `MissingHead`, `OutOfRange`, and the errors of `Engine.trace`.
    """
    info = engine.info(request.model)
    if not info.has_mlm:
        raise MissingHead(info.label, "masked-LM")
    limits.check_index("top_k", request.top_k, MOST + 1)
    trace = traced(engine, request.text, request.model)
    at = limits.check_index("position", request.position, len(trace.encoded))
    states = layers_of(trace)  # (L + 1, n, H)
    logits = vocabulary_logits(engine, request.model, states[:, at])  # (L + 1, V)
    everything = softmax(logits)
    best = np.argsort(-logits, axis=-1, kind="stable")[:, : request.top_k]  # (L + 1, k)
    answer = int(logits[-1].argmax())
    rank = 1 + (logits > logits[:, answer, None]).sum(axis=-1)  # (L + 1,)
    appears, stays = milestones(rank)
    names = tokenizer(folder_of(info.id))
    assert trace.mlm_logits is not None
    shown = np.take_along_axis(logits, best, axis=-1)
    checks = (
        check("last layer: the model's own MLM head", "lens(x_L) = MLM logits, all V words",
              logits[-1], trace.mlm_logits[0, at]),
        check("lens, shown words", "LayerNorm(GELU(x_l W^T + b)) E^T + c",
              np.stack([logits_of(engine, request.model, x, i)
                        for x, i in zip(states[:, at], best, strict=True)]), shown),
        *_steps(engine, info, states, at, [np.asarray(layer.weights) for layer in trace.layers]),
    )
    return Lens(
        trace.encoded, at,
        tuple(tuple(names.id_to_token(int(i)) or f"[{i}]" for i in row) for row in best),
        np.take_along_axis(everything, best, axis=-1), names.id_to_token(answer) or f"[{answer}]",
        everything[:, answer], rank, bits(everything), appears, stays, Proof(checks),
    )


def milestones(rank: np.ndarray) -> tuple[int, int]:
    """First layer where the answer is on top, and first from which it stays there."""
    top = rank == 1
    below = np.flatnonzero(~top)
    return int(top.argmax()), int(below[-1]) + 1 if len(below) else 0


def _steps(
    engine: Engine, info: ModelInfo, states: np.ndarray, at: int, weights: list[np.ndarray]
) -> tuple[Check, Check]:
    """Each layer's weights and output at one position from the layer's whole input."""
    ours = [_step(engine, info, l, states[l], at) for l in range(info.layers)]  # noqa: E741
    return (
        check("attention of this piece, all layers", "softmax(q K^T / sqrt(d_k))",
              np.stack([row for row, _ in ours]), np.stack([w[0, :, at] for w in weights])),
        check("hidden state of this piece, all layers",
              "LayerNorm(FFN(y) + y), y = LayerNorm(attention(x) + x)",
              np.stack([state for _, state in ours]), states[1:, at]),
    )


def _step(
    engine: Engine, info: ModelInfo, layer: int, x: np.ndarray, at: int
) -> tuple[np.ndarray, np.ndarray]:
    """One encoder layer for one piece: float32[n, H] -> weights [A, n], output [H]."""

    def of(name: str) -> tuple[np.ndarray, np.ndarray]:
        stem = f"bert.encoder.layer.{layer}.{name}"
        return (engine.parameter(info.id, f"{stem}.weight"),
                engine.parameter(info.id, f"{stem}.bias"))

    own = x[at : at + 1].astype(np.float64)  # (1, H)
    q, k, v = (
        split_heads(linear(rows, *of(f"attention.self.{name}")), info.heads)
        for name, rows in (("query", own), ("key", x), ("value", x))
    )  # (A, 1, d_k), (A, n, d_k), (A, n, d_k)
    _, _, weights, z = attention(q, k, v)  # (A, 1, n), (A, 1, d_k)
    joined = z.reshape(1, -1)  # (1, H)
    y = layer_norm(linear(joined, *of("attention.output.dense")) + own,
                   *of("attention.output.LayerNorm"))
    inner = gelu(linear(y, *of("intermediate.dense")))  # (1, F)
    out = layer_norm(linear(inner, *of("output.dense")) + y, *of("output.LayerNorm"))
    return weights[:, 0], out[0]


def to_json(lens: Lens) -> dict[str, Any]:
    """position, answer, and for each layer its words, the answer's rank and probability."""
    return {
        "tokens": list(lens.encoded.tokens),
        "position": lens.position,
        "answer": lens.answer,
        "appears": lens.appears,
        "stays": lens.stays,
        "layers": [
            {
                "predictions": [{"token": w, "p": float(p)} for w, p in zip(ws, ps, strict=True)],
                "answer_p": float(answer_p),
                "answer_rank": int(rank),
                "entropy": float(entropy),
            }
            for ws, ps, answer_p, rank, entropy in zip(
                lens.words, lens.probabilities, lens.answer_p, lens.rank, lens.entropy,
                strict=True,
            )
        ],
    }
