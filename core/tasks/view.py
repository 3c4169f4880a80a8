"""A checkpoint seen through an adapter: same weights in memory, only the changes are new."""

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import BertForPreTraining

from core.tasks.adapter import Adapter, Change


class Adapted(nn.Module):
    """x W^T + b with an adapter's change: x W^T + (x D^T) U^T + b + c.

    W is the base's own tensor; D, U and b + c are this task's.
    """

    def __init__(self, base: nn.Linear, change: Change) -> None:
        super().__init__()
        self.weight = base.weight
        like = {"dtype": base.weight.dtype, "device": base.weight.device}
        assert change.down is not None and change.up is not None
        self.down = nn.Parameter(torch.tensor(change.down, **like), requires_grad=False)
        self.up = nn.Parameter(torch.tensor(change.up, **like), requires_grad=False)
        moved = base.bias if change.bias is None else base.bias + torch.tensor(change.bias, **like)
        self.bias = nn.Parameter(moved, requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:  # (..., in) -> (..., out)
        return F.linear(x, self.weight, self.bias) + F.linear(F.linear(x, self.down), self.up)


def adapted(model: BertForPreTraining, adapter: Adapter) -> BertForPreTraining:
    """The model with the adapter's changes; the model itself stays as it is.

    Raises KeyError for a change to a module that the model has not.
    """
    own = dict(model.bert.named_modules())
    twin = shallow(model)
    twin.bert = replaced(
        model.bert, {name: _changed(own[name], change) for name, change in adapter.changes.items()}
    )
    return twin


def replaced(module: nn.Module, parts: Mapping[str, nn.Module]) -> nn.Module:
    """A shallow copy of a module with other modules at some paths; all else is shared.

    Raises KeyError for a path that the module has not.
    """
    twin = shallow(module)
    inner: dict[str, dict[str, nn.Module]] = {}
    for path, part in parts.items():
        first, _, rest = path.partition(".")
        inner.setdefault(first, {})[rest] = part
    for first, own in inner.items():
        child = module._modules[first]
        assert child is not None
        twin._modules[first] = own[""] if "" in own else replaced(child, own)
    return twin


def shallow(module: nn.Module) -> nn.Module:
    """A copy that shares every tensor and child, whose children can be replaced."""
    twin = copy.copy(module)
    twin._modules = dict(module._modules)
    return twin


def _changed(module: nn.Module, change: Change) -> nn.Module:
    if isinstance(module, nn.Linear) and change.down is not None:
        return Adapted(module, change)
    twin = shallow(module)  # written out in full: a LayerNorm, or what was trained whole
    twin._parameters = dict(module._parameters)
    for name, weight in module._parameters.items():
        moved = getattr(change, name)
        if weight is not None and moved is not None:
            delta = torch.tensor(moved, dtype=weight.dtype, device=weight.device)
            twin._parameters[name] = nn.Parameter(weight + delta, requires_grad=False)
    return twin
