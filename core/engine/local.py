"""The engine in this process: one copy of each model, shared by every session."""

import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core import limits
from core.contract import (
    Ablation,
    AblationRequest,
    Attribution,
    AttributionRequest,
    Classification,
    Encoded,
    MaskFill,
    ModelInfo,
    NextSentence,
    Pooling,
    Precision,
    Surgery,
    TaskRequest,
    TaskResult,
    Trace,
    TraceRequest,
)
from core.encode.pieces import Slice, pieces_of
from core.engine import (
    ablation,
    answers,
    attribution,
    background,
    encoding,
    memory,
    tasks,
    threads,
)
from core.engine.alone import Tell
from core.engine.batching import MicroBatcher
from core.engine.cache import SharedCache
from core.engine.load import Load
from core.engine.protocol import Progress
from core.errors import BadInput, Busy, TaskNeedsModel
from core.models import files, registry
from core.tasks import adapter as adapters
from core.tasks.adapter import Adapter
from core.tasks.registry import find as find_task
from core.wordpiece.encoder import encode as encode_pieces
from core.wordpiece.encoder import tokenizer

if TYPE_CHECKING:
    from transformers import BertForPreTraining

    from core.encode.encoder import Answer, Encoder
    from core.live.jobs import Pool

ENCODERS = 2  # kept of a model: each holds the layers' weights once more


@dataclass(frozen=True)
class Limits:
    """How much waits and how long: requests, word pieces in a batch, seconds, cached bytes.

    share : of the queue for one asker, see `core.engine.asker`
    ablations : how many ablations and attributions may be under way, each with one batch in the
        queue at a time
    """

    queue: int = 256
    share: int = 16
    batch_pieces: int = 2048
    deadline: float = 20.0
    load_deadline: float = 120.0
    cache_bytes: int = 256 * 2**20
    ablations: int = 2


@dataclass(frozen=True)
class _Item:
    encoded: Encoded
    input_ids: tuple[int, ...]


@dataclass(frozen=True)
class _Work:
    """Something else to do with the model, alone, in its turn."""

    do: Callable[["BertForPreTraining", ModelInfo], Any]


class _Loaded:
    """One model in memory and the thread that runs its batches.

    adapter : a task's adapter by its name; the views through it share the model's weights
    """

    def __init__(
        self,
        module: "BertForPreTraining",
        info: ModelInfo,
        bounds: Limits,
        adapter: Callable[[str], Adapter],
    ) -> None:
        self._module = module
        self._info = info
        self._adapter = adapter
        self._views: dict[str, BertForPreTraining] = {}
        self._encoders: dict[tuple[str | None, Precision], Encoder] = {}
        self._building = threading.Lock()
        self._passes = 0
        self.batcher: MicroBatcher[_Item | _Work, Any] = MicroBatcher(
            self._run,
            queue_limit=bounds.queue,
            batch_cost=bounds.batch_pieces,
            deadline=bounds.deadline,
            name=info.label,
            share=bounds.share,
        )

    def alone(
        self, do: Callable[["BertForPreTraining", ModelInfo], Any], cost: int = 1
    ) -> Any:
        """Do it in the batches' thread and wait. Raises `Busy` as every request.

        cost : as much work as a pass of so many word pieces
        """
        return self.batcher.submit(_Work(do), object(), cost)

    def load(self) -> Load:
        return replace(self.batcher.load(), forward_passes=self._passes)

    def encoder(self, task: str | None, precision: Precision) -> "Encoder":
        """For many texts; the last few asked for are kept."""
        from core.encode.encoder import Encoder
        from core.encode.precision import dtype_of

        key = (task, precision)
        with self._building:
            found = self._encoders.pop(key, None) or Encoder(
                self._module,
                self._info,
                adapter=None if task is None else self._adapter(task),
                dtype=dtype_of(precision, self._module.device),
            )
            self._encoders[key] = found
            while len(self._encoders) > ENCODERS:
                self._encoders.pop(next(iter(self._encoders)))
        return found

    def _run(self, group: Any, items: list[_Item | _Work]) -> list[Any]:
        from core.trace.forward import BatchItem, trace_batch

        if isinstance(items[0], _Work):
            work = items[0]
            return [memory.alone(lambda: work.do(self._module, self._info))]
        keep, layers, mask, surgery, mlm_at, task = group
        batch = [BatchItem(i.encoded, i.input_ids) for i in items if isinstance(i, _Item)]
        self._passes += len(batch)
        run = partial(
            trace_batch,
            self._seen_as(task),
            self._info,
            keep=keep,
            layers=layers,
            mask=mask,
            surgery=surgery,
            mlm_at=mlm_at,
        )
        return memory.in_halves(run, batch)

    def _seen_as(self, task: str | None) -> "BertForPreTraining":
        """The model itself, or through a task's adapter. Only the batches' thread comes here."""
        if task is None:
            return self._module
        if task not in self._views:
            from core.tasks.view import adapted

            self._views[task] = adapted(self._module, self._adapter(task))
        return self._views[task]


class LocalEngine:
    """Implements `core.engine.protocol.Engine` in this process; safe from any thread.

    Parameters
    ----------
    device : auto (cuda, mps, cpu), cpu, cuda or mps
    bounds : queue, batch, deadline and cache limits

    One torch thread is the default, because with more the spin barriers of OpenMP make a
    room of sessions wait; INSIDE_BERT_THREADS sets another number.

    workers : processes for long sweeps, None to make all in this one
    """

    def __init__(self, device: str = "auto", bounds: Limits | None = None) -> None:
        self.device = device
        self.backend = f"this process, {device}"
        self._bounds = bounds or Limits()
        self._models: dict[str, _Loaded] = {}
        self._loading: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._cache = SharedCache(self._bounds.cache_bytes)
        self._ablations = threading.BoundedSemaphore(self._bounds.ablations)
        self.forward_passes = 0
        self.workers: Callable[[], Pool] | None = None

    def info(self, model: str) -> ModelInfo:
        return files.info(registry.find(model).id)

    def parameter(self, model: str, name: str) -> np.ndarray:
        return files.parameter(registry.find(model).id, name)

    def tokenize(self, model: str, text: str, text_b: str | None = None) -> Encoded:
        limits.check_text(text)
        folder, most = self._folder(model), self._max_positions(model)
        return encode_pieces(folder, text, limits.check_optional(text_b), most)

    def adapter(self, task: str, model: str = "embedded") -> Adapter:
        found, entry = find_task(task), registry.find(model)
        if entry.id != registry.EMBEDDED:
            raise TaskNeedsModel(task, entry.label)
        return adapters.read(found.folder)

    def ready(self, model: str) -> bool:
        return registry.find(model).id in self._models

    def warm(self, model: str, on_progress: Progress | None = None) -> None:
        """Load a model now, once however many ask.

        Raises `ModelUnavailable`, `DeviceUnavailable`, and `Busy` when another's loading lasts.
        """
        say = on_progress or (lambda stage, share: None)
        model = registry.find(model).id
        with self._lock:
            lock = self._loading.setdefault(model, threading.Lock())
        if not lock.acquire(timeout=self._bounds.load_deadline):
            raise Busy
        try:
            if model not in self._models:
                say("files", 0.1)
                info = self.info(model)
                say("library", 0.3)
                import torch  # noqa: F401  # so that it is bound too

                threads.bound()
                say("weights", 0.6)
                self._models[model] = _Loaded(
                    self._module(model), info, self._bounds, partial(self.adapter, model=model)
                )
            say("ready", 1.0)
        finally:
            lock.release()

    def _folder(self, model: str) -> Path:
        """Where the tokenizer of a model lies."""
        return files.words_folder(registry.find(model).id)

    def _max_positions(self, model: str) -> int:
        """How many pieces it reads."""
        return files.max_positions(registry.find(model).id)

    def _module(self, model: str) -> "BertForPreTraining":
        """The model in memory."""
        from core.models.loading import load

        return load(model, self.device)

    def start_loading(self, model: str) -> threading.Thread:
        return background.start_loading(self.warm, model)

    def load(self) -> dict[str, Load]:
        """How busy it is: one snapshot for each model in memory, by its id."""
        return {model: loaded.load() for model, loaded in list(self._models.items())}

    def trace(self, request: TraceRequest) -> Trace:
        if request.task is not None:
            self.adapter(request.task, request.model)
        encoded = self.tokenize(request.model, request.text, request.text_b)
        ids = request.input_ids or encoded.ids
        if len(ids) != len(encoded):
            raise BadInput(f"input_ids has {len(ids)} ids where the text has {len(encoded)}.")
        info = self.info(request.model)
        for i in ids:
            limits.check_index("input id", i, info.vocabulary)
        for place in request.mlm_at or ():
            limits.check_index("place", place, len(ids))
        for layer in request.layers or ():
            limits.check_index("layer", layer, info.layers)
        surgery = request.surgery or Surgery()
        limits.check_surgery(info, encoded, surgery)
        if surgery.order is not None:
            encoded = answers.reordered(encoded, surgery.order)
            ids = tuple(ids[piece] for piece in surgery.order)
        group = (
            request.keep,
            request.layers,
            request.mask,
            replace(surgery, order=None),
            request.mlm_at,
            request.task,
        )
        key = (info.id, "trace", encoded.spans, ids, request.text, request.text_b, group)
        return self._shared(key, lambda: self._pass(info.id, _Item(encoded, ids), group))

    def _pass(self, model: str, item: _Item, group: Hashable) -> Trace:
        self.warm(model)
        self.forward_passes += 1
        return self._models[model].batcher.submit(item, group, len(item.input_ids))

    def _shared(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        try:
            return self._cache.get(key, compute, self._bounds.deadline)
        except FutureTimeout:
            raise Busy from None

    def ablate(self, request: AblationRequest, *, tell: Tell | None = None) -> Ablation:
        info = self.info(request.model)
        encoded = self.tokenize(request.model, request.text, request.text_b)
        ablation.check(info, encoded, request)
        request = replace(request, model=info.id)
        work = ablation.work(info, len(encoded), request.unit)
        return self._swept(request, work, tell, lambda: self._ablate(info, request, tell))

    def _ablate(self, info: ModelInfo, request: AblationRequest, tell: Tell | None) -> Ablation:
        trace = self.trace(ablation.inputs(request))
        return ablation.ablate(info, request, trace, self._models[info.id].alone, tell)

    def attribute(self, request: AttributionRequest, *, tell: Tell | None = None) -> Attribution:
        info = self.info(request.model)
        encoded = self.tokenize(request.model, request.text, request.text_b)
        attribution.check(info, encoded, request)
        request = replace(request, model=info.id)
        work = attribution.work(info, len(encoded), request)
        return self._swept(
            request, work, tell, lambda: self._attribute(info, encoded, request, tell)
        )

    def _attribute(
        self, info: ModelInfo, encoded: Encoded, request: AttributionRequest, tell: Tell | None
    ) -> Attribution:
        self.warm(info.id)
        mask_id = tokenizer(self._folder(info.id)).token_to_id(answers.MASK)
        return attribution.attribute(
            info, encoded, request, mask_id, self.trace, self._models[info.id].alone, tell
        )

    def _swept(
        self, request: AblationRequest | AttributionRequest, work: int, tell: Tell | None,
        here: Callable[[], Any],
    ) -> Any:
        """From the cache, a worker process where that is worth while, or from here."""

        def compute() -> Any:
            from core.live import sweeps

            pool = self.workers() if self.workers and work > sweeps.WORTH else None
            # while all workers train, a sweep makes its steps between the room's requests
            if pool is not None and pool.free() and self._on_cpu():
                return sweeps.ask(pool, request, tell)
            if not self._ablations.acquire(timeout=self._bounds.deadline):
                raise Busy
            try:
                return here()
            finally:
                self._ablations.release()

        return self._shared((request.model, "swept", request), compute)

    def _on_cpu(self) -> bool:
        from core.models.loading import resolve_device

        return resolve_device(self.device).type == "cpu"

    def mask_fill(
        self, text: str, text_b: str | None = None, *, top_k: int = 10, model: str = "embedded"
    ) -> MaskFill:
        info = self.info(model)
        encoded = self.tokenize(model, text, text_b)
        answers.check_mask_fill(info, encoded, top_k)
        group = (frozenset({"mlm"}), None, "bidirectional", Surgery(), None, None)
        folder = self._folder(info.id)

        def compute() -> MaskFill:
            trace = self._pass(info.id, _Item(encoded, encoded.ids), group)
            return answers.mask_fill(trace, top_k, folder)

        # the answer is kept and not its trace: n x V logits would crowd out everything else
        return self._shared((info.id, "mask_fill", text, text_b, top_k), compute)

    def next_sentence(self, text: str, text_b: str, *, model: str = "embedded") -> NextSentence:
        limits.check_text(text_b)
        answers.check_next_sentence(self.info(model))
        return answers.next_sentence(
            self.trace(TraceRequest(text, text_b, model, frozenset({"nsp"})))
        )

    def encode(
        self,
        texts: Sequence[str],
        *,
        model: str = "embedded",
        layer: int = -1,
        pooling: Pooling = "mean",
        task: str | None = None,
        precision: Precision = "float32",
        progress: encoding.Tell | None = None,
        cancel: threading.Event | None = None,
    ) -> np.ndarray:
        index = answers.hidden_index(self.info(model), layer)
        job = encoding.Job(index, (pooling,), task, precision, progress, cancel)
        vectors = self._encoded(model, texts, job)[0]  # (n, H)
        vectors.flags.writeable = False
        return vectors

    def classify(
        self,
        texts: Sequence[str],
        *,
        task: str,
        model: str = "embedded",
        vectors: Pooling | None = None,
        precision: Precision = "float32",
        progress: encoding.Tell | None = None,
        cancel: threading.Event | None = None,
    ) -> Classification:
        found, adapter = tasks.sentence_task(task), self.adapter(task, model)
        poolings: tuple[Pooling, ...] = ("cls", "mean") if vectors == "mean" else ("cls",)
        job = encoding.Job(self.info(model).layers, poolings, task, precision, progress, cancel)
        states = self._encoded(model, texts, job)  # (poolings, n, H)
        return tasks.classified(
            found, states[0], adapter, vectors=None if vectors is None else states[-1]
        )

    def _encoded(self, model: str, texts: Sequence[str], job: encoding.Job) -> np.ndarray:
        """float32[poolings, n, H]; equal texts go through the model once."""
        info = self.info(model)
        if job.task is not None:
            self.adapter(job.task, model)
        for text in texts:
            limits.check_text(text)
        unique, whose = encoding.different(texts)
        read = pieces_of(self._folder(info.id), unique, info.max_positions)
        self.warm(info.id)
        loaded = self._models[info.id]
        encoder = memory.alone(partial(loaded.encoder, job.task, job.precision))
        begin = partial(encoder.start, layer=job.layer, poolings=job.poolings)
        on_gpu = encoder.device.type == "cuda"

        def start(some: Slice) -> "Answer":
            return loaded.alone(lambda *_: memory.slice_in_halves(begin, some), len(some.ids))

        vectors = encoding.in_slices(
            job, read, start,
            hidden=info.hidden,
            most=encoding.GPU_PIECES if on_gpu else self._bounds.batch_pieces,
            ahead=1 if on_gpu else 0,
            patience=self._bounds.load_deadline,
        )
        return vectors if len(unique) == len(texts) else vectors[:, whose]

    def _passes(
        self, model: str, encoded: Sequence[Encoded], group: Hashable
    ) -> Iterator[tuple[int, Trace]]:
        """A trace for each, shortest first, batched by length, with its index."""
        self.warm(model)
        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
        batcher = self._models[model].batcher
        # a part of the queue at a time: a long list of texts leaves room for the others
        at_once = max(1, min(self._bounds.share, self._bounds.queue // 4))
        for some in answers.groups_by_length(order, encoded, self._bounds.batch_pieces, at_once):
            items = [_Item(encoded[i], encoded[i].ids) for i in some]
            traces = batcher.submit_all(items, group, [len(i.input_ids) for i in items])
            yield from zip(some, traces, strict=True)

    def task(self, request: TaskRequest) -> TaskResult:
        task, adapter = find_task(request.task), self.adapter(request.task, request.model)
        info = self.info(request.model)
        read = tasks.sequences(task, request, self._folder(info.id), info.max_positions)

        def compute() -> TaskResult:
            self.forward_passes += len(read)
            states: dict[int, np.ndarray] = {}
            for i, trace in self._passes(
                info.id, [window.encoded for window in read], tasks.group(info, task)
            ):
                after = trace.layers[0].after_ffn
                assert after is not None
                states[i] = after[0]  # (n, H)
            return tasks.answered(
                task, request, read, [states[i] for i in range(len(read))], adapter
            )

        return self._shared((info.id, "task", replace(request, model=info.id)), compute)


_singleton: dict[str, LocalEngine] = {}
_singleton_lock = threading.Lock()


def local_engine(device: str = "auto") -> LocalEngine:
    """The engine that everything in this process shares, one a device."""
    with _singleton_lock:
        if device not in _singleton:
            _singleton[device] = LocalEngine(device)
        return _singleton[device]


def wait_until_ready(engine: LocalEngine, model: str, seconds: float) -> bool:
    """Poll `ready` for at most `seconds`; True when it became so."""
    end = time.monotonic() + seconds
    while not engine.ready(model):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
