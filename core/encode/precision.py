"""Which numbers are fastest on a device while vectors stay the same to 1e-3 in cosine."""

import time
from functools import cache

import torch

from core.contract import Precision
from core.encode.linear import Linear, has_onednn

ROWS, WIDE, NARROW = 256, 1536, 384
WORTH_IT = 1.2  # times faster, or it stays at float32


def dtype_of(precision: Precision, device: torch.device) -> torch.dtype:
    """"float32" is float32 everywhere, "fast" what this device is fastest with."""
    return torch.float32 if precision == "float32" else fastest(device)


@cache
def fastest(device: torch.device) -> torch.dtype:
    """bfloat16 where it is faster than float32 here, found out once by a trial of a moment."""
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    can = device.type == "cpu" and has_onednn() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    if can and _seconds(torch.float32) > WORTH_IT * _seconds(torch.bfloat16):
        return torch.bfloat16
    return torch.float32


@torch.inference_mode()
def _seconds(dtype: torch.dtype, times: int = 5) -> float:
    """The best of some multiplications as wide as a feed-forward layer's."""
    x = torch.zeros(ROWS, NARROW, dtype=dtype)
    linear = Linear(torch.zeros(WIDE, NARROW, dtype=dtype), torch.zeros(WIDE, dtype=dtype))
    taken = []
    for _ in range(times + 2):  # two to warm up
        start = time.perf_counter()
        linear(x)
        taken.append(time.perf_counter() - start)
    return min(taken[2:])
