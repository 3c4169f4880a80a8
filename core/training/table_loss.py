"""Cross-entropy against a fixed table of word embeddings, without keeping all scores at once."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

_CHUNK = 128  # positions; their scores over the vocabulary stay in the processor's cache


class _TableLoss(torch.autograd.Function):
    """The gradient of each chunk's scores, softmax minus one-hot, is formed while they exist."""

    @staticmethod
    def forward(ctx: Any, vectors: Tensor, table: Tensor, bias: Tensor, gold: Tensor) -> Tensor:
        count = len(gold)
        total = torch.zeros((), device=vectors.device)
        of_vectors, of_bias = torch.empty_like(vectors), torch.zeros_like(bias)
        for part in torch.arange(count, device=gold.device).split(_CHUNK):
            scores = F.linear(vectors[part], table).float().add_(bias)  # (m, V)
            at = torch.arange(len(part), device=gold.device), gold[part]
            normalizer = scores.logsumexp(-1)  # (m,)
            total += (normalizer - scores[at]).sum()
            error = scores.sub_(normalizer[:, None]).exp_()
            error[at] -= 1.0
            of_bias += error.sum(0)
            of_vectors[part] = error.to(table.dtype) @ table
        ctx.save_for_backward(of_vectors / count, of_bias / count)
        return total / count

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor | None, ...]:
        of_vectors, of_bias = ctx.saved_tensors
        return of_vectors * upstream[0], None, of_bias * upstream[0], None


def table_loss(vectors: Tensor, table: Tensor, bias: Tensor, gold: Tensor) -> Tensor:
    """Mean of -log softmax(table @ vector + bias)[gold], in nats.

    vectors : float[M, H]; table : the same type [V, H], gets no gradient; bias : float32[V];
    gold : int64[M]
    """
    found: Tensor = _TableLoss.apply(vectors, table, bias, gold)
    return found
