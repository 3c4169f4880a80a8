"""The one interface behind which every forward pass runs."""

import threading
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import numpy as np

from core.contract import (
    Ablation,
    AblationRequest,
    Attribution,
    AttributionRequest,
    Encoded,
    MaskFill,
    ModelInfo,
    NextSentence,
    TaskRequest,
    TaskResult,
    Trace,
    TraceRequest,
)
from core.tasks.adapter import Adapter

Pooling = Literal["cls", "mean"]
Progress = Callable[[str, float], None]  # what is being done, and what share is done


class Engine(Protocol):
    """Local, remote and stub engines answer alike; all arrays come back read-only.

    Every method may raise `UnknownModel`, `ModelUnavailable`, and, where a forward pass is
    needed, `Busy`. Texts are checked first: `EmptyText`, `TextTooLong`.
    """

    backend: str  # where passes run, in a few words

    def warm(self, model: str, on_progress: Progress | None = None) -> None:
        """Load a model now. Raises `ModelUnavailable`, `DeviceUnavailable`."""
        ...

    def start_loading(self, model: str) -> threading.Thread:
        """Load it in the background; a failure shows when the model is asked for."""
        ...

    def info(self, model: str) -> ModelInfo:
        """Shape of a model; reads its files, loads no weights."""
        ...

    def ready(self, model: str) -> bool:
        """True when a forward pass of this model would start at once."""
        ...

    def tokenize(self, model: str, text: str, text_b: str | None = None) -> Encoded:
        """Word pieces of a text or pair, cut to the model's limit. Needs no torch."""
        ...

    def parameter(self, model: str, name: str) -> np.ndarray:
        """One weight as float32 by its state-dict name. Needs no torch for local files.

        Raises KeyError for a name the checkpoint has not.
        """
        ...

    def adapter(self, task: str, model: str = "embedded") -> Adapter:
        """What a task changes in a model's weights, and its head. Needs no torch.

        Raises `UnknownTask`, `TaskNeedsModel`.
        """
        ...

    def trace(self, request: TraceRequest) -> Trace:
        """One forward pass with what `request.keep` names kept.

        Raises `UnknownTask`, `TaskNeedsModel` where `request.task` names an adapter.
        """
        ...

    def mask_fill(
        self, text: str, text_b: str | None = None, *, top_k: int = 10, model: str = "embedded"
    ) -> MaskFill:
        """Top words for every [MASK]. Raises `NoMask`, `MissingHead`."""
        ...

    def next_sentence(self, text: str, text_b: str, *, model: str = "embedded") -> NextSentence:
        """P(text_b follows text). Raises `MissingHead`."""
        ...

    def encode(
        self,
        texts: Sequence[str],
        *,
        model: str = "embedded",
        layer: int = -1,
        pooling: Pooling = "mean",
    ) -> np.ndarray:
        """Sentence vectors float32[len(texts), H] from hidden_states[layer], padding left out."""
        ...

    def ablate(self, request: AblationRequest) -> Ablation:
        """A prediction with every head, or every layer, switched off one at a time.

        Raises `MissingHead`, `OutOfRange`, `TooManyPieces`.
        """
        ...

    def attribute(self, request: AttributionRequest) -> Attribution:
        """What each piece has to do with a prediction, by gradients or by leaving it out.

        Raises `MissingHead`, `OutOfRange`, `TooManyPieces`.
        """
        ...

    def task(self, request: TaskRequest) -> TaskResult:
        """What a fine-tuned head says of a text or pair: a class, answer spans, or tags.

        Raises `UnknownTask`, `TaskNeedsPair`, `TaskNeedsModel`, `QuestionTooLong`.
        """
        ...
