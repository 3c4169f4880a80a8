"""The one interface behind which every forward pass runs."""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from core.contract import (
    Ablation,
    AblationRequest,
    Attribution,
    AttributionRequest,
    Classification,
    Encoded,
    EncodingProgress,
    MaskFill,
    ModelInfo,
    NextSentence,
    Pooling,
    Precision,
    TaskRequest,
    TaskResult,
    Trace,
    TraceRequest,
)
from core.engine.alone import Tell
from core.tasks.adapter import Adapter

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
        task: str | None = None,
        precision: Precision = "float32",
        progress: Callable[[EncodingProgress], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> np.ndarray:
        """Sentence vectors float32[len(texts), H] from hidden_states[layer].

        The mean leaves [CLS] and [SEP] out. Equal texts are encoded once. A long list goes
        through in slices, so that other requests get their turn between them.

        Parameters
        ----------
        task : through this task's adapter
        precision : "float32" agrees with a trace to 1e-5; "fast" may take bfloat16 where that
            is faster, and agrees to 1e-3 in cosine
        progress : called at the start and after every slice, from the caller's thread
        cancel : set it from another thread to stop before the next slice

        Raises `Cancelled`, `UnknownTask`, `TaskNeedsModel`.
        """
        ...

    def classify(
        self,
        texts: Sequence[str],
        *,
        task: str,
        model: str = "embedded",
        vectors: Pooling | None = None,
        precision: Precision = "float32",
        progress: Callable[[EncodingProgress], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> Classification:
        """What a sentence head says of each of many texts; slices as in `encode`.

        vectors : hand on the last layer's vectors under the adapter too, pooled like this

        Raises `Cancelled`, `UnknownTask`, `TaskNeedsPair`, `TaskNeedsModel`.
        """
        ...

    def ablate(self, request: AblationRequest, *, tell: Tell | None = None) -> Ablation:
        """A prediction with every head, or every layer, switched off one at a time.

        tell : hears from the caller's thread what share is done; False stops it. An engine far
            away may tell nothing

        Raises `Cancelled`, `MissingHead`, `OutOfRange`, `TooManyPieces`.
        """
        ...

    def attribute(self, request: AttributionRequest, *, tell: Tell | None = None) -> Attribution:
        """What each piece has to do with a prediction, by gradients or by leaving it out.

        tell : as in `ablate`

        Raises `Cancelled`, `MissingHead`, `OutOfRange`, `TooManyPieces`.
        """
        ...

    def task(self, request: TaskRequest) -> TaskResult:
        """What a fine-tuned head says of a text or pair: a class, answer spans, or tags.

        Raises `UnknownTask`, `TaskNeedsPair`, `TaskNeedsModel`, `QuestionTooLong`.
        """
        ...
