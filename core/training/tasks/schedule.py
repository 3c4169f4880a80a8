"""How fast a fine-tuning learns at each moment, and what holds it back."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

WARMUP_SHARE, WEIGHT_DECAY, CLIP = 0.06, 0.01, 1.0


def rate_share(done: float) -> float:
    """Share of the peak rate: linear warm-up, then linear decay to 0."""
    if done < WARMUP_SHARE:
        return max(done, 1e-4) / WARMUP_SHARE
    return max(0.0, 1.0 - done) / (1.0 - WARMUP_SHARE)


def adamw(free: Iterable[nn.Parameter]) -> torch.optim.AdamW:
    """AdamW with weight decay on matrices only; its rate is set before each step."""
    weights = list(free)
    groups: list[dict[str, Any]] = [
        {"params": [w for w in weights if w.ndim > 1], "weight_decay": WEIGHT_DECAY},
        {"params": [w for w in weights if w.ndim == 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), eps=1e-6, fused=True)
