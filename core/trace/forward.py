"""BERT's forward pass, spelled out over the checkpoint's own weights, keeping what is asked for.

transformers' modules hide q, k, v and the scores, so the encoder is written out here and
calls the model's own Linear and LayerNorm modules in order. Tests hold it to the library's
hidden states and attentions within 1e-5.

Source: Devlin et al. 2019, section 3; Vaswani et al. 2017, section 3 and eq. 1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from transformers import BertForPreTraining

from core.contract import (
    AttentionMask,
    EmbeddingTrace,
    Encoded,
    LayerTrace,
    ModelInfo,
    Surgery,
    Trace,
)

NOTHING = Surgery()


@dataclass(frozen=True)
class BatchItem:
    """One item of a batch: the pieces and the ids that are really fed in."""

    encoded: Encoded
    input_ids: tuple[int, ...]


@torch.inference_mode()
def trace_batch(
    model: BertForPreTraining,
    info: ModelInfo,
    items: Sequence[BatchItem],
    *,
    keep: frozenset[str],
    layers: tuple[int, ...] | None = None,
    mask: AttentionMask = "bidirectional",
    surgery: Surgery | None = None,
    mlm_at: tuple[int, ...] | None = None,
) -> list[Trace]:
    """Run the items as one padded batch and hand back a Trace each, unpadded.

    Parameters
    ----------
    keep : parts of `core.contract.ALL_PARTS`; layers : indices to keep, None for all
    surgery : done to every item of the batch, its order excepted: the items' pieces come ordered
    mlm_at : places to read the masked-LM head at, None for all

    Returns
    -------
    A Trace for each item, arrays float32[1, ...], read-only, owning their memory.
    """
    ids, segments, present = _padded(items, model.device)
    allowed = _allowed(present, mask)  # (B, 1, n, n)
    kept: dict[str, Tensor] = {}

    cut = surgery or NOTHING
    embedded = embeddings(model, ids, segments, cut)
    x = embedded["normalized"]  # (B, n, H)
    if "embeddings" in keep:
        kept |= embedded
    names = {name for part in keep for name in _NAMES.get(part, ())}
    per_layer: dict[int, dict[str, Tensor]] = {}
    for index, layer in enumerate(model.bert.encoder.layer):
        inside = encoder_layer(layer, x, allowed, info.heads, index, cut)
        x = inside["after_ffn"]  # (B, n, H)
        if layers is None or index in layers:
            per_layer[index] = {name: t for name, t in inside.items() if name in names}
    if "nsp" in keep:
        kept["pooled"] = model.bert.pooler(x)  # (B, H)
        if info.has_nsp:
            kept["nsp_logits"] = model.cls.seq_relationship(kept["pooled"])  # (B, 2)
    if "mlm" in keep and info.has_mlm:
        read = x if mlm_at is None else x[:, list(mlm_at)]
        kept["mlm_logits"] = model.cls.predictions(read)  # (B, n or read, V)
    return [
        _item_trace(row, item, info, allowed, kept, per_layer) for row, item in enumerate(items)
    ]


def _padded(items: Sequence[BatchItem], device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    n = max(len(item.input_ids) for item in items)
    ids = np.zeros((len(items), n), dtype=np.int64)
    segments = np.zeros_like(ids)
    present = np.zeros(ids.shape, dtype=bool)
    for row, item in enumerate(items):
        length = len(item.input_ids)
        ids[row, :length] = item.input_ids
        segments[row, :length] = item.encoded.segments
        present[row, :length] = True
    return tuple(torch.from_numpy(a).to(device) for a in (ids, segments, present))  # type: ignore[return-value]


def _allowed(present: Tensor, mask: AttentionMask) -> Tensor:
    """True where a query (row) may look at a key (column), (B, 1, n, n)."""
    n = present.shape[1]
    allowed = present[:, None, None, :].expand(-1, 1, n, n)
    if mask == "causal":
        allowed = allowed & torch.ones(n, n, dtype=torch.bool, device=present.device).tril()
    return allowed


_NAMES = {
    "qkv": ("x", "q", "k", "v"),
    "scores": ("scores", "scaled"),
    "weights": ("weights",),
    "context": ("context",),
    "attention_output": ("attention_output", "attention_residual"),
    "after_attention": ("after_attention",),
    "ffn": ("ffn_inner", "ffn_activation", "ffn_output", "ffn_residual"),
    "after_ffn": ("after_ffn",),
}


def embeddings(
    model: BertForPreTraining, ids: Tensor, segments: Tensor, cut: Surgery
) -> dict[str, Tensor]:
    """The input layer by the names of `EmbeddingTrace`; what is cut off is zero."""
    table = model.bert.embeddings
    places = torch.arange(ids.shape[1], device=ids.device)[None]  # (1, n)
    token = table.word_embeddings(ids)  # (B, n, H)
    segment = table.token_type_embeddings(segments)  # (B, n, H)
    position = table.position_embeddings(places).expand_as(token)  # (B, n, H)
    if cut.segments_off:
        segment = torch.zeros_like(segment)
    if cut.positions_off:
        position = torch.zeros_like(position)
    total = token + segment + position  # (B, n, H)
    return {
        "token": token,
        "segment": segment,
        "position": position,
        "sum": total,
        "normalized": table.LayerNorm(total),  # (B, n, H)
    }


def encoder_layer(
    layer: torch.nn.Module, x: Tensor, allowed: Tensor, heads: int, index: int, cut: Surgery
) -> dict[str, Tensor]:
    """One encoder layer, x (B, n, H), with everything inside it by the names of `LayerTrace`."""
    if index in cut.layers_off:
        return {"x": x, "after_ffn": x}
    inside = attend(layer, x, allowed, heads, scaled=not cut.scaling_off)
    if off := [head for at, head in cut.heads_off if at == index]:
        inside["context"] = inside["context"].index_fill(1, torch.tensor(off, device=x.device), 0.0)
    return inside | finish(
        layer, x, inside["context"],
        attention_off=index in cut.attention_off, ffn_off=index in cut.ffn_off,
    )


def attend(
    layer: torch.nn.Module,
    x: Tensor,
    allowed: Tensor,
    heads: int,
    *,
    rows: slice = slice(None),
    scaled: bool = True,
) -> dict[str, Tensor]:
    """Every head's softmax(q k^T / sqrt(d_k)) v for the queries of `rows`: x to context.

    allowed : bool, broadcast to (B, A, rows, n)
    """
    d_k = x.shape[-1] // heads

    def split(states: Tensor) -> Tensor:
        return states.unflatten(-1, (heads, d_k)).transpose(1, 2)  # (B, A, n, d_k)

    inner = layer.attention.self
    q, k, v = split(inner.query(x[:, rows])), split(inner.key(x)), split(inner.value(x))
    scores = q @ k.transpose(-1, -2)  # (B, A, n, n)
    divided = scores / math.sqrt(d_k) if scaled else scores  # (B, A, n, n)
    masked = divided.masked_fill(~allowed[..., rows, :], torch.finfo(divided.dtype).min)
    weights = masked.softmax(-1)  # (B, A, n, n)
    context = weights @ v  # (B, A, n, d_k)
    return {
        "x": x, "q": q, "k": k, "v": v,
        "scores": scores, "scaled": divided, "weights": weights, "context": context,
    }


def finish(
    layer: torch.nn.Module,
    x: Tensor,
    context: Tensor,
    *,
    attention_off: bool = False,
    ffn_off: bool = False,
) -> dict[str, Tensor]:
    """From the heads' z, context (B, A, n, d_k), and the residual x (B, n, H) to the output."""
    joined = context.transpose(1, 2).flatten(-2)  # (B, n, H)
    attention_output = layer.attention.output.dense(joined)  # (B, n, H)
    if attention_off:
        attention_output = torch.zeros_like(attention_output)
    attention_residual = attention_output + x
    after_attention = layer.attention.output.LayerNorm(attention_residual)  # (B, n, H)
    ffn_inner = layer.intermediate.dense(after_attention)  # (B, n, F)
    ffn_activation = F.gelu(ffn_inner)
    ffn_output = layer.output.dense(ffn_activation)  # (B, n, H)
    if ffn_off:
        ffn_output = torch.zeros_like(ffn_output)
    ffn_residual = ffn_output + after_attention
    return {
        "attention_output": attention_output,
        "attention_residual": attention_residual,
        "after_attention": after_attention,
        "ffn_inner": ffn_inner,
        "ffn_activation": ffn_activation,
        "ffn_output": ffn_output,
        "ffn_residual": ffn_residual,
        "after_ffn": layer.output.LayerNorm(ffn_residual),  # (B, n, H)
    }


_PER_PAIR = {"scores", "scaled", "weights"}  # (B, A, n, n): padded twice
_PER_HEAD = {"q", "k", "v", "context"}  # (B, A, n, d_k)


def _own(name: str, tensor: Tensor, row: int, n: int) -> np.ndarray:
    """One item's array as [1, ...] in memory of its own, so that no batch is pinned."""
    one = tensor[row : row + 1]
    if name in _PER_PAIR:
        one = one[:, :, :n, :n]
    elif name in _PER_HEAD:
        one = one[:, :, :n]
    elif one.ndim == 3:
        one = one[:, :n]
    array = one.float().cpu().numpy()
    if tensor.shape[0] > 1:
        array = array.copy()
    array.flags.writeable = False
    return array


def _item_trace(
    row: int,
    item: BatchItem,
    info: ModelInfo,
    allowed: Tensor,
    kept: dict[str, Tensor],
    per_layer: dict[int, dict[str, Tensor]],
) -> Trace:
    n = len(item.input_ids)
    own = {name: _own(name, tensor, row, n) for name, tensor in kept.items()}
    embedding_names = ("token", "segment", "position", "sum", "normalized")
    may_look = allowed[row : row + 1, :, :n, :n].cpu().numpy().copy()
    may_look.flags.writeable = False
    return Trace(
        encoded=item.encoded,
        info=info,
        allowed=may_look,
        embeddings=EmbeddingTrace(*(own[k] for k in embedding_names)) if "token" in own else None,
        layers=tuple(
            LayerTrace(index, **{k: _own(k, t, row, n) for k, t in inside.items()})
            for index, inside in per_layer.items()
        ),
        pooled=own.get("pooled"),
        mlm_logits=own.get("mlm_logits"),
        nsp_logits=own.get("nsp_logits"),
    )
