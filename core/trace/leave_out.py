"""A log-probability as a function of the embedded pieces, and of texts with a piece left out."""

import numpy as np
import torch
from torch import Tensor
from transformers import BertForPreTraining

from core.trace.forward import NOTHING, attend, embeddings, finish
from core.trace.sweep import Target


def log_probability(
    model: BertForPreTraining, target: Target, x: Tensor, allowed: Tensor
) -> Tensor:
    """log P of the target, (B,), from the embedding layer's output; can be differentiated.

    x : (B, n, H); allowed : bool, broadcast to (B, A, n, n)
    """
    heads = int(model.config.num_attention_heads)
    for layer in model.bert.encoder.layer:
        context = attend(layer, x, allowed, heads)["context"]
        x = finish(layer, x, context)["after_ffn"]  # (B, n, H)
    row = x[:, target.row : target.row + 1]  # (B, 1, H)
    if target.word is None:
        logits, column = model.cls.seq_relationship(model.bert.pooler(row)), 0  # (B, 2)
    else:
        logits, column = model.cls.predictions(row[:, 0]), target.word  # (B, V)
    return logits.log_softmax(-1)[:, column]


@torch.inference_mode()
def log_probabilities(
    model: BertForPreTraining,
    target: Target,
    ids: np.ndarray,
    segments: np.ndarray,
    hidden: np.ndarray | None = None,
) -> np.ndarray:
    """log P of the target in each of several texts of one length, float32[B].

    ids, segments : int64[B, n]; hidden : int64[B], the piece that nobody attends to in each
    """
    batch, n = ids.shape
    allowed = torch.ones(batch, 1, 1, n, dtype=torch.bool)
    if hidden is not None:
        allowed[range(batch), 0, 0, hidden.tolist()] = False
    on_device = [torch.from_numpy(a).to(model.device) for a in (ids, segments)]
    x = embeddings(model, on_device[0], on_device[1], NOTHING)["normalized"]  # (B, n, H)
    every_row = allowed.expand(batch, 1, n, n).to(model.device)
    return log_probability(model, target, x, every_row).float().cpu().numpy()
