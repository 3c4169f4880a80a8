"""What the tweet head says of one text, and where it looked."""

from dataclasses import dataclass

import numpy as np

from core.contract import Encoded, TaskRequest, TraceRequest
from core.engine.protocol import Engine
from core.stocks.daily import read_projection
from core.stocks.readings import TASK, by_engine
from core.stocks.table import FOLDER, PROJECTION
from core.trace.recompute import softmax
from lessons.proof import Proof, check

CLS = 0


@dataclass(frozen=True)
class Request:
    text: str
    model: str = "embedded"


@dataclass(frozen=True)
class Result:
    """labels, probabilities : negative, neutral, positive
    weights : float32 (A, n, n), attention of the last layer with the head's adapter in place
    vector : float32 (16,), the text's mean vector in the table's directions
    proof : the probabilities once more, from [CLS] and the head's weights
    """

    encoded: Encoded
    labels: tuple[str, ...]
    probabilities: np.ndarray
    weights: np.ndarray
    vector: np.ndarray
    proof: Proof

    @property
    def looked(self) -> np.ndarray:
        """float64 (n,): the attention of [CLS] to each piece, the mean over the heads."""
        return self.weights[:, CLS].mean(axis=0, dtype=np.float64)

    @property
    def sentiment(self) -> float:
        """P(positive) - P(negative)."""
        return float(self.probabilities[-1] - self.probabilities[0])


def run(engine: Engine, request: Request) -> Result:
    """softmax(C W^T + b), C the vector of [CLS] after the last layer.

    Raises `EmptyText`, `TextTooLong`, `TaskNeedsModel`.
    """
    answer = engine.task(TaskRequest(TASK, request.text, model=request.model))
    last = engine.info(request.model).layers - 1
    trace = engine.trace(TraceRequest(
        request.text, None, request.model, frozenset({"weights", "after_ffn"}), (last,), task=TASK
    ))
    layer = trace.layer(last)
    assert layer.weights is not None and layer.after_ffn is not None
    head = engine.adapter(TASK, request.model)
    logits = head.weight.astype(np.float64) @ layer.after_ffn[0, CLS] + head.bias  # (3,)
    found = np.array(answer.probabilities)
    read = by_engine(engine, request.model)((request.text,))
    return Result(
        answer.encoded, answer.labels, found, layer.weights[0],
        read_projection(FOLDER / PROJECTION)(read.vectors)[0],
        Proof((check("probabilities", "softmax(C W^T + b)", softmax(logits), found),)),
    )
