"""Ablations and attributions as jobs: long ones need not take turns with the room's requests."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import limits
from core.contract import (
    Ablation,
    AblationRequest,
    Attribution,
    AttributionRequest,
    Encoded,
    ModelInfo,
    Surgery,
    Trace,
    TraceRequest,
)
from core.engine import ablation, answers, attribution
from core.engine.alone import Tell, What
from core.live.beside import RESULT, done_beside
from core.live.jobs import Pool, Status
from core.models import files
from core.remote.wire import pack, unpack
from core.wordpiece.encoder import encode, tokenizer

if TYPE_CHECKING:
    from transformers import BertForPreTraining

    from core.live.training import Talk

REQUESTS = {kind.__name__: kind for kind in (AblationRequest, AttributionRequest)}
SHARES = 1000  # the share that is done, in whole steps
# A worker that is not running yet takes as long to start as 10^11 multiply-adds do in this
# process, one that is ready half a second to be asked: a sweep of a second stays where it is.
WORTH = 5 * 10**10


def ask(
    pool: Pool, request: AblationRequest | AttributionRequest, tell: Tell | None = None
) -> Any:
    """The Ablation or Attribution, made in a worker. Raises as `done_beside`."""

    def told(status: Status) -> bool | None:
        return None if tell is None else tell(status.done / SHARES)

    spec = {"kind": type(request).__name__, "request": asdict(request)}
    return unpack(done_beside(pool, "sweep", spec, told))


def work(spec: dict[str, Any], folder: Path, talk: "Talk") -> None:
    """In the worker: the job as `core.live.worker` calls it."""
    request = REQUESTS[spec["kind"]](**spec["request"])
    talk.tick(0, SHARES)
    model, info = talk.model(request.model), files.info(request.model)
    found = swept(request, model, info, lambda share: _tick(talk, share))
    (folder / RESULT).write_bytes(pack(found))


def _tick(talk: "Talk", share: float) -> None:
    talk.tick(int(share * SHARES), SHARES)


def swept(
    request: AblationRequest | AttributionRequest, model: "BertForPreTraining", info: ModelInfo,
    tell: Tell,
) -> Ablation | Attribution:
    """The same as `Engine.ablate` and `Engine.attribute`, with a model of one's own."""
    where = files.folder_of(request.model)
    encoded = encode(
        where, request.text, limits.check_optional(request.text_b), info.max_positions
    )
    trace = partial(_trace, model, info, encoded)

    def alone(do: What, cost: int) -> Any:
        return do(model, info)

    if isinstance(request, AblationRequest):
        return ablation.ablate(info, request, trace(ablation.inputs(request)), alone, tell)
    mask_id = tokenizer(where).token_to_id(answers.MASK)
    return attribution.attribute(info, encoded, request, mask_id, trace, alone, tell)


def _trace(
    model: "BertForPreTraining", info: ModelInfo, encoded: Encoded, asked: TraceRequest
) -> Trace:
    from core.trace.forward import BatchItem, trace_batch

    return trace_batch(
        model, info, [BatchItem(encoded, asked.input_ids or encoded.ids)], keep=asked.keep,
        layers=None, mask="bidirectional", surgery=Surgery(), mlm_at=None,
    )[0]
