"""Fine-tuning, four shapes: what a head reads, its weights, and what it says."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.contract import AnswerSpan, TaskRequest, TaskResult, TraceRequest
from core.engine.protocol import Engine
from core.tasks.adapter import fingerprint
from core.trace.recompute import softmax
from lessons.proof import Check, Proof, check
from lessons.text import Preset


@dataclass(frozen=True)
class Request:
    """task : a name of `core.tasks.registry`. For questions, text asks and text_b may answer;
    given the other way round, they are exchanged: the one that ends in a question mark asks."""

    text: str
    text_b: str = ""
    task: str = "sentiment"
    model: str = "embedded"


@dataclass(frozen=True)
class Result:
    """A head's answer with everything it is made of.

    vectors : float32[n, H], the last layer's T_i for `answer.encoded`; [CLS] is row 0
    weight : float32[K, H], the head's W, for questions the rows S and E; bias : float32[K]
    paragraph : where the answers of a question were looked for
    proof : the head's logits once more, from vectors and weights
    """

    answer: TaskResult
    vectors: np.ndarray
    weight: np.ndarray
    bias: np.ndarray
    question: str
    paragraph: str
    proof: Proof

    @property
    def best(self) -> AnswerSpan | None:
        """The answer to a question, None where the head believes there is none."""
        return self.answer.spans[0] if self.answer.answerable else None


def run(engine: Engine, request: Request) -> Result:
    """One pass through the encoder as the task's adapter changes it, then the head.

    one class: softmax(C W^T + b);  a tag a word: softmax(T_i W^T + b);
    a span: S.T_i + E.T_j, the highest with i <= j

    Raises `UnknownTask`, `TaskNeedsPair`, `TaskNeedsModel`, `QuestionTooLong` and the errors of
    `Engine.trace`. Source: Devlin et al. 2019, section 4 and figure 4.
    """
    text, text_b = asked(request)
    answer = engine.task(TaskRequest(request.task, text, text_b or None, request.model))
    adapter = engine.adapter(request.task, request.model)
    second = _second(answer, text_b)
    last = engine.info(request.model).layers - 1
    trace = engine.trace(
        TraceRequest(
            text, second, request.model, frozenset({"after_ffn"}), (last,), task=request.task
        )
    )
    states = trace.layer(last).after_ffn
    assert states is not None
    vectors = states[0]  # (n, H)
    proof = Proof(_by_hand(answer, vectors, adapter.weight, adapter.bias))
    return Result(answer, vectors, adapter.weight, adapter.bias, text, text_b, proof)


def asked(request: Request) -> tuple[str, str]:
    """The two texts in the head's order: a question before its paragraph."""
    text, text_b = request.text, request.text_b or ""
    marks = ("?", "？")
    exchanged = text_b.rstrip().endswith(marks) and not text.rstrip().endswith(marks)
    if request.task == "qa" and text.strip() and exchanged:
        return text_b, text
    return text, text_b


def _second(answer: TaskResult, text_b: str) -> str | None:
    """What stands in segment B of `answer.encoded`."""
    if answer.shape == "pair":
        return text_b
    for window in answer.windows:
        if window.encoded is answer.encoded:
            return text_b[window.offset : window.offset + window.encoded.kept_b]
    return None


def _by_hand(
    answer: TaskResult, vectors: np.ndarray, weight: np.ndarray, bias: np.ndarray
) -> tuple[Check, ...]:
    """The logits as sums of products, T_i . w_k + b_k, in float64."""
    ours = np.einsum("nh,kh->nk", vectors.astype(np.float64), weight.astype(np.float64)) + bias
    if answer.shape == "span":
        window = next(w for w in answer.windows if w.encoded is answer.encoded)
        return (
            check("start", "S . T_i", ours[:, 0], window.start_logits),
            check("end", "E . T_j", ours[:, 1], window.end_logits),
        )
    if answer.shape == "tags":
        rows = [word.piece for word in answer.words]
        models = np.array([word.logits for word in answer.words]).reshape(len(rows), -1)
        return (check("logits", "T_i W^T + b", ours[rows].reshape(models.shape), models),)
    return (
        check("logits", "C W^T + b", ours[0], np.array(answer.logits)),
        check("probabilities", "softmax(logits)", softmax(ours[0]),
              np.array(answer.probabilities)),
    )


def default_request(preset: Preset, model: str) -> Request:
    return Request(preset.text, preset.text_b, preset.controls.get("task", "sentiment"), model)


def further_weights(request: Request) -> str:
    """What a stored result rests on beside the model: the task's adapter."""
    return fingerprint(request.task)


def to_json(result: Result) -> dict[str, Any]:
    """label and probabilities, or answer and spans, or tags and entities; tokens before them."""
    answer = result.answer
    found: dict[str, Any] = {"task": answer.task, "tokens": list(answer.encoded.tokens)}
    if answer.shape == "span":
        best = result.best
        return found | {
            "question": result.question,
            "answerable": answer.answerable,
            "answer": best.text if best else None,
            "no_answer": answer.no_answer,
            "spans": [_span(span) for span in answer.spans],
        }
    if answer.shape == "tags":
        return found | {
            "tags": [
                {"word": w.text, "tag": w.tag, "p": w.probability, "start": w.start, "end": w.end}
                for w in answer.words
            ],
            "entities": [
                {"text": e.text, "label": e.label, "start": e.start, "end": e.end,
                 "p": e.probability}
                for e in answer.entities
            ],
        }
    return found | {
        "label": answer.label,
        "probabilities": dict(zip(answer.labels, answer.probabilities, strict=True)),
        "logits": dict(zip(answer.labels, answer.logits, strict=True)),
    }


def _span(span: AnswerSpan) -> dict[str, Any]:
    return {
        "text": span.text, "start": span.start, "end": span.end, "score": span.score,
        "start_logit": span.start_logit, "end_logit": span.end_logit, "p": span.probability,
    }
