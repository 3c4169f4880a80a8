"""The encoder with what a plan lets change, and a new head."""

import copy
import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import BertModel

from core.live.plan import Plan, Pooling
from core.tasks.adapter import Adapter, Change
from core.tasks.registry import Task
from core.tasks.view import replaced
from core.training.tasks.examples import Batch

SCALE = 2.0  # LoRA's alpha / r
HEAD_SPREAD = 0.02  # of the head's first weights, as BERT's own are drawn


class LowRank(nn.Module):
    """x W^T + b + s (x D^T) U^T with W and b as they are; U begins at 0, so nothing moves yet.

    Source: Hu et al. 2021, section 4.1.
    """

    def __init__(self, base: nn.Linear, rank: int) -> None:
        super().__init__()
        self.weight, self.bias = base.weight, base.bias
        self.down = nn.Parameter(torch.empty(rank, base.in_features))
        self.up = nn.Parameter(torch.zeros(base.out_features, rank))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    def forward(self, x: Tensor) -> Tensor:  # (..., in) -> (..., out)
        return F.linear(x, self.weight, self.bias) + SCALE * F.linear(
            F.linear(x, self.down), self.up
        )


class Learner(nn.Module):
    """base : stays as it is; what changes is a copy, or stands beside it.

    Source: Devlin et al. 2019, section 4 (a head on C or on every T_i).
    """

    def __init__(self, base: BertModel, task: Task, plan: Plan) -> None:
        super().__init__()
        self.shape, self.plan, self.base = task.shape, plan, [base]  # in a list: not a part
        self.changed = _parts(base, plan)
        self.encoder: BertModel = replaced(base, self.changed)  # type: ignore[assignment]
        self.head = nn.Linear(base.config.hidden_size, len(task.labels))
        nn.init.normal_(self.head.weight, std=HEAD_SPREAD)
        nn.init.zeros_(self.head.bias)

    def free(self) -> list[nn.Parameter]:
        """What is trained."""
        inner = [w for part in self.changed.values() for w in part.parameters() if w.requires_grad]
        return [*inner, *self.head.parameters()]

    def read(self, batch: Batch) -> Tensor:
        """What the head reads of a batch, (B, H), or (B, n, H) for tags."""
        return read(self.encoder, batch, self.shape == "tags", self.plan.pooling)

    def adapter(self) -> Adapter:
        """What training changed and the head, as the files of `core.tasks.adapter` have it."""
        before = dict(self.base[0].named_modules())
        changes: dict[str, Change] = {}
        for path, part in self.changed.items():
            if isinstance(part, LowRank):
                changes[path] = Change(down=_array(part.down), up=_array(SCALE * part.up))
                continue
            for inner, module in part.named_modules():
                name = f"{path}.{inner}" if inner else path
                moved = {
                    kind: _array(weight - getattr(before[name], kind))
                    for kind, weight in module._parameters.items() if weight is not None
                }
                if moved:
                    changes[name] = Change(**moved)
        return Adapter(changes, _array(self.head.weight), _array(self.head.bias))


def _parts(base: BertModel, plan: Plan) -> dict[str, nn.Module]:
    """The modules that take the place of the base's, by their path."""
    layers = len(base.encoder.layer)
    if plan.mode == "lora":
        return {
            name: LowRank(module, plan.rank)
            for name, module in base.named_modules()
            if isinstance(module, nn.Linear) and name.startswith("encoder.layer.")
        }
    first = {"head": layers, "last": layers - plan.last, "all": 0}[plan.mode]
    parts = {f"encoder.layer.{i}": base.encoder.layer[i] for i in range(first, layers)}
    if plan.mode == "all":
        parts["embeddings"] = base.embeddings
    return {path: copy.deepcopy(part).requires_grad_(True) for path, part in parts.items()}


def read(encoder: BertModel, batch: Batch, tags: bool, pooling: Pooling) -> Tensor:
    """The last layer's vectors as a head reads them: C, or the mean, or all. (B, H), (B, n, H)"""
    device = encoder.embeddings.word_embeddings.weight.device
    ids, segments, present = (
        torch.as_tensor(x, device=device) for x in (batch.ids, batch.segments, batch.present)
    )
    hidden: Tensor = encoder(
        input_ids=ids, token_type_ids=segments, attention_mask=present
    ).last_hidden_state  # (B, n, H)
    if tags:
        return hidden
    if pooling == "cls":
        return hidden[:, 0]
    here = present[..., None].to(hidden.dtype)  # (B, n, 1)
    return (hidden * here).sum(1) / here.sum(1)


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().float().cpu().numpy().copy()
