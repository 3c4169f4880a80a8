"""What each piece adds to a log-probability, by gradients: Captum over our own forward pass.

The gradient is taken with respect to the embedding layer's output x, the vectors that enter the
first layer. Weights take no part: only x asks for a gradient, and it belongs to this call.
"""

from collections.abc import Callable

import numpy as np
import torch
from captum.attr import InputXGradient, IntegratedGradients
from torch import Tensor
from transformers import BertForPreTraining

from core.trace.leave_out import log_probability
from core.trace.sweep import Target


@torch.inference_mode()
def log_p_of(model: BertForPreTraining, target: Target, x: np.ndarray) -> float:
    """log P of the target from float32[1, n, H]."""
    return float(_watched(model, target, x)(_tensor(model, x)))


def gradient_x_input(model: BertForPreTraining, target: Target, x: np.ndarray) -> np.ndarray:
    """sum_j x_ij d log P / d x_ij for every piece i, float32[n]. x : float32[1, n, H].

    Source: Shrikumar et al. 2016, "Not just a black box"; Captum's InputXGradient.
    """
    given = _tensor(model, x).requires_grad_()
    found = InputXGradient(_watched(model, target, x)).attribute(given)
    return _by_piece(found)


def integrated_gradients(
    model: BertForPreTraining, target: Target, x: np.ndarray, start: np.ndarray, steps: int
) -> np.ndarray:
    """The gradient's mean along the straight path from `start` to x, times x - start, float32[n].

    Paths laid end to end on one line add up: a long path may be asked for in parts.

    x, start : float32[1, n, H]

    Source: Sundararajan et al. 2017, eq. 1; Captum's IntegratedGradients, Gauss-Legendre.
    """
    judge = IntegratedGradients(_watched(model, target, x))
    found = judge.attribute(_tensor(model, x), _tensor(model, start), n_steps=steps)
    return _by_piece(found)


def _watched(
    model: BertForPreTraining, target: Target, x: np.ndarray
) -> Callable[[Tensor], Tensor]:
    """log P as a function of the vectors alone, for Captum."""
    n = x.shape[1]
    allowed = torch.ones(1, 1, n, n, dtype=torch.bool, device=model.device)
    return lambda vectors: log_probability(model, target, vectors, allowed)


def _by_piece(found: Tensor) -> np.ndarray:
    return found.detach().sum(-1)[0].float().cpu().numpy()  # (n,)


def _tensor(model: BertForPreTraining, array: np.ndarray) -> Tensor:
    return torch.tensor(array, dtype=model.dtype, device=model.device)
