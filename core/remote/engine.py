"""An engine that runs elsewhere and is asked over HTTP."""

import hashlib
import json
import random
import threading
import time
from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from typing import Any

import httpx2
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
from core.engine import alone, background
from core.engine.asker import asker
from core.engine.cache import SharedCache
from core.engine.encoding import Tell
from core.engine.protocol import Progress
from core.errors import Busy, EngineUnavailable
from core.remote import failures
from core.remote.calls import ASKER
from core.remote.slices import in_slices
from core.remote.wire import Unreadable, pack, unpack
from core.tasks.adapter import Adapter

CONNECT, ANSWER, REST = 2.0, 60.0, 2.0  # seconds: to connect, to answer, before asking a dead one
CACHE_BYTES = 128 * 2**20


class RemoteEngine:
    """Implements `core.engine.protocol.Engine` by asking `core.remote.service` at an address.

    Results are kept as in the local engine. A lost connection, and an answer that is none, are
    tried once more; an engine that does not answer is left alone for a moment.

    transport : instead of the network, for tests
    """

    def __init__(
        self, address: str, *, cache_bytes: int = CACHE_BYTES,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.backend = address.rstrip("/")
        self._client = httpx2.Client(
            base_url=self.backend, timeout=httpx2.Timeout(ANSWER, connect=CONNECT),
            limits=httpx2.Limits(max_connections=64, max_keepalive_connections=16),
            transport=transport, trust_env=False,
        )
        self._cache = SharedCache(cache_bytes)
        self._resting_until = 0.0

    def info(self, model: str) -> ModelInfo:
        return self._kept("info", model)

    def ready(self, model: str) -> bool:
        try:
            return bool(self._asked("ready", pack({"args": (model,), "kwargs": {}})))
        except EngineUnavailable:
            return False

    def tokenize(self, model: str, text: str, text_b: str | None = None) -> Encoded:
        return self._kept("tokenize", model, text, text_b)

    def parameter(self, model: str, name: str) -> np.ndarray:
        return self._kept("parameter", model, name)

    def adapter(self, task: str, model: str = "embedded") -> Adapter:
        return self._kept("adapter", task, model)

    def trace(self, request: TraceRequest) -> Trace:
        return self._kept("trace", request)

    def mask_fill(
        self, text: str, text_b: str | None = None, *, top_k: int = 10, model: str = "embedded"
    ) -> MaskFill:
        return self._kept("mask_fill", text, text_b, top_k=top_k, model=model)

    def next_sentence(self, text: str, text_b: str, *, model: str = "embedded") -> NextSentence:
        return self._kept("next_sentence", text, text_b, model=model)

    def encode(
        self, texts: Sequence[str], *, model: str = "embedded", layer: int = -1,
        pooling: Pooling = "mean", task: str | None = None, precision: Precision = "float32",
        progress: Tell | None = None, cancel: threading.Event | None = None,
    ) -> np.ndarray:
        how: dict[str, Any] = {"model": model, "layer": layer, "pooling": pooling, "task": task,
                               "precision": precision}
        vectors, = in_slices(partial(self._many, "encode", **how), (lambda part: part,), texts,
                             progress, cancel)
        return vectors

    def classify(
        self, texts: Sequence[str], *, task: str, model: str = "embedded",
        vectors: Pooling | None = None, precision: Precision = "float32",
        progress: Tell | None = None, cancel: threading.Event | None = None,
    ) -> Classification:
        how = {"task": task, "model": model, "vectors": vectors, "precision": precision}
        names = ("probabilities", *(("vectors",) if vectors else ()))
        labels: list[tuple[str, ...]] = []

        def ask(some: Sequence[str]) -> tuple[Classification, EncodingProgress]:
            found, done = self._many("classify", some, **how)
            labels.append(found.labels)
            return found, done

        arrays = in_slices(ask, tuple(map(attrgetter, names)), texts, progress, cancel)
        return Classification(task, labels[0], **dict(zip(names, arrays, strict=True)))

    def _many(
        self, method: str, some: Sequence[str], **how: Any
    ) -> tuple[Any, EncodingProgress]:
        """The answer for some texts, and how much work it was. Not kept: these are long."""
        return self._asked(method, pack({"args": (list(some),), "kwargs": how}))

    def ablate(
        self, request: AblationRequest, *, tell: alone.Tell | None = None
    ) -> Ablation:
        return self._kept("ablate", request)

    def attribute(
        self, request: AttributionRequest, *, tell: alone.Tell | None = None
    ) -> Attribution:
        return self._kept("attribute", request)

    def task(self, request: TaskRequest) -> TaskResult:
        return self._kept("task", request)

    def warm(self, model: str, on_progress: Progress | None = None) -> None:
        """Have a model loaded over there. Raises `ModelUnavailable`, `EngineUnavailable`."""
        say = on_progress or (lambda stage, share: None)
        say("weights", 0.5)
        self._asked("warm", pack({"args": (model,), "kwargs": {}}))
        say("ready", 1.0)

    def start_loading(self, model: str) -> threading.Thread:
        return background.start_loading(self.warm, model)

    def _kept(self, method: str, *args: Any, **kwargs: Any) -> Any:
        message = pack({"args": args, "kwargs": kwargs})
        try:
            return self._cache.get((method, message), lambda: self._asked(method, message), ANSWER)
        except TimeoutError:
            raise Busy from None

    def _asked(self, method: str, message: bytes) -> Any:
        """The answer, asked for twice where the first is none: no call changes anything."""
        if time.monotonic() < self._resting_until:
            raise EngineUnavailable(self.backend)
        for attempt in (1, 2):
            try:
                return self._once(method, message)
            except httpx2.TimeoutException:
                break
            except (httpx2.TransportError, Unreadable):
                if attempt == 1:
                    time.sleep(random.uniform(0.05, 0.25))  # not all sessions at once
        self._resting_until = time.monotonic() + REST
        raise EngineUnavailable(self.backend)

    def _once(self, method: str, message: bytes) -> Any:
        """Raises what was raised over there, `Unreadable` for what no engine says, and httpx2's."""
        # a session's id opens the session, so that it is not to be told
        who = {ASKER: hashlib.sha256(asker().encode()).hexdigest()[:16]} if asker() else {}
        end, parts = time.monotonic() + ANSWER, []
        with self._client.stream("POST", f"/v1/{method}", content=message, headers=who) as response:
            for part in response.iter_bytes():
                parts.append(part)
                if time.monotonic() > end:  # it says something now and then, and never all
                    raise httpx2.ReadTimeout("the answer takes too long")
        answer = b"".join(parts)
        if response.status_code == 200:
            return unpack(answer)
        try:
            told = failures.read(json.loads(answer))
        except (ValueError, KeyError, TypeError):
            raise Unreadable("no engine says this") from None
        raise told
