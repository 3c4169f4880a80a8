"""What a head is judged by, the same in a long training and in one that a learner watches."""

import torch
from torch import Tensor
from torch.nn import functional as F

from core.tasks.registry import Shape
from core.training.tasks.examples import IGNORED


def may_answer(segments: Tensor, present: Tensor) -> Tensor:
    """Where a span may begin or end: the paragraph's pieces, and [CLS] for no answer. (B, n)"""
    n = segments.shape[1]
    places = torch.arange(n, device=segments.device)[None]
    last = present.sum(1, keepdim=True) - 1  # the closing [SEP]
    return ((segments == 1) & present & (places != last)) | (places == 0)


def cross_entropy(
    shape: Shape, scores: Tensor, target: Tensor, may: Tensor | None = None
) -> Tensor:
    """Mean cross-entropy in nats: of the classes, of the tags, or of start and end.

    scores : (B, K) for one class a sequence, else (B, n, K); may : (B, n), for spans
    target : classes, or float (B, K) of how likely each is
    """
    if shape == "tags":
        return F.cross_entropy(scores.flatten(0, 1), target.flatten(), ignore_index=IGNORED)
    if shape == "span":
        assert may is not None
        scores = scores.masked_fill(~may[..., None], -1e4)  # softmax over n, for start and end
    return F.cross_entropy(scores, target)
