"""One prediction with a head or a layer off: what stays the same is computed once.

Up to layer l nothing changes when a head of layer l is switched off, so the pass starts there,
with the m heads to switch off as a batch of m. At the last layer only the row that is read is
needed: its query, but everybody's keys and values.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import BertForPreTraining

from core.trace.forward import attend, finish


@dataclass(frozen=True)
class Target:
    """The number to watch: the word of id `word` at piece `row`, or IsNext when word is None."""

    row: int = 0
    word: int | None = None


@torch.inference_mode()
def heads_off(
    model: BertForPreTraining,
    target: Target,
    x: np.ndarray,
    layer: int,
    heads: Sequence[int],
) -> np.ndarray:
    """The watched number with each of `heads` of `layer` off, from that layer's input.

    x : float32[1, n, H]. Returns float32[m, 2], logit and probability.
    """
    states = _tensor(model, x)
    module, rows = _layer(model, layer), _rows(model, target, layer)
    context = attend(module, states, _everywhere(states), _heads(model), rows=rows)["context"]
    cut = context.repeat(len(heads), 1, 1, 1)  # (m, A, n or 1, d_k)
    cut[range(len(heads)), list(heads)] = 0.0
    after = finish(module, states[:, rows], cut)["after_ffn"]  # (m, n or 1, H)
    return read(model, target, _onwards(model, target, after, layer + 1))


@torch.inference_mode()
def layer_off(
    model: BertForPreTraining, target: Target, x: np.ndarray, layer: int
) -> np.ndarray:
    """The watched number with `layer` skipped, float32[1, 2]; x is that layer's input."""
    states = _tensor(model, x)[:, _rows(model, target, layer)]
    return read(model, target, _onwards(model, target, states, layer + 1))


@torch.inference_mode()
def read(model: BertForPreTraining, target: Target, states: Tensor | np.ndarray) -> np.ndarray:
    """Logit and probability of the target, float32[m, 2], from its row of the last layer.

    states : [m, 1, H], as `_onwards` leaves them
    """
    if isinstance(states, np.ndarray):
        states = _tensor(model, states)
    if target.word is None:
        logits, column = model.cls.seq_relationship(model.bert.pooler(states)), 0  # (m, 2)
    else:
        logits, column = model.cls.predictions(states[:, 0]), target.word  # (m, V)
    both = torch.stack((logits[:, column], logits.softmax(-1)[:, column]), dim=1)
    return both.float().cpu().numpy()


def _onwards(model: BertForPreTraining, target: Target, states: Tensor, start: int) -> Tensor:
    for index in range(start, len(model.bert.encoder.layer)):
        module, rows = _layer(model, index), _rows(model, target, index)
        context = attend(module, states, _everywhere(states), _heads(model), rows=rows)["context"]
        states = finish(module, states[:, rows], context)["after_ffn"]
    return states  # (m, 1, H)


def _rows(model: BertForPreTraining, target: Target, index: int) -> slice:
    """Every row, or the target's own at the last layer."""
    last = index == len(model.bert.encoder.layer) - 1
    return slice(target.row, target.row + 1) if last else slice(None)


def _everywhere(states: Tensor) -> Tensor:
    n = states.shape[1]
    return torch.ones(1, 1, n, n, dtype=torch.bool, device=states.device)


def _layer(model: BertForPreTraining, index: int) -> torch.nn.Module:
    return model.bert.encoder.layer[index]


def _heads(model: BertForPreTraining) -> int:
    return int(model.config.num_attention_heads)


def _tensor(model: BertForPreTraining, array: np.ndarray) -> Tensor:
    return torch.tensor(array, dtype=model.dtype, device=model.device)
