"""x W^T + b with W laid out once for the matrix kernels that are fastest here.

torch multiplies float32 on a CPU with MKL, which leaves half of an AMD processor idle. oneDNN,
which torch carries too, does not, and adds the GELU or the residual while it is at it; torch
offers it through the operators that its own compiler emits. Where they are missing, and on a
GPU, the plain operators do the same.
"""

import platform

import torch
from torch import Tensor
from torch.nn import functional as F

TYPICAL_ROWS = 2048  # of x, for the layout of W
_X86 = ("x86_64", "AMD64")


def has_onednn() -> bool:
    """Whether oneDNN's linear operators are there and worth taking."""
    return (
        platform.machine() in _X86
        and torch.backends.mkldnn.is_available()
        and hasattr(torch.ops.mkldnn, "_linear_pointwise")
    )


class Linear:
    """weight [out, in] and bias [out] in their dtype, on their device."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self._bias = bias.contiguous()
        self._packed = weight.device.type == "cpu" and has_onednn()
        self._weight = weight.contiguous()
        if self._packed:
            self._weight = torch.ops.mkldnn._reorder_linear_weight(self._weight, TYPICAL_ROWS)

    def __call__(self, x: Tensor) -> Tensor:  # (p, in) -> (p, out)
        if self._packed:
            return torch.ops.mkldnn._linear_pointwise(x, self._weight, self._bias, "none", [], "")
        return F.linear(x, self._weight, self._bias)

    def gelu(self, x: Tensor) -> Tensor:  # (p, in) -> (p, out)
        """GELU(x W^T + b) with the error function, as BERT has it."""
        if self._packed:
            return torch.ops.mkldnn._linear_pointwise(
                x, self._weight, self._bias, "gelu", [], "none"
            )
        return F.gelu(F.linear(x, self._weight, self._bias))

    def plus(self, x: Tensor, residual: Tensor) -> Tensor:  # (p, in), (p, out) -> (p, out)
        """x W^T + b + residual."""
        if self._packed:
            return torch.ops.mkldnn._linear_pointwise.binary(
                x, residual, self._weight, self._bias, "add"
            )
        return F.linear(x, self._weight, self._bias) + residual
