"""The two classifiers that run on a GPU: logistic regression and nearest neighbours in torch.

scikit-learn dispatches to torch only with SCIPY_ARRAY_API=1 in the environment. It asks for
that before scipy is imported, for the sake of scipy's own functions; logistic regression hands
none of them a tensor, so here it is set when a device is first used, and nothing else changes.
"""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.stocks.classifiers import Params, Part, fitting, pipeline

if TYPE_CHECKING:
    import torch

SETTING = "SCIPY_ARRAY_API"
AT_ONCE = 1024  # rows whose distances are held at a time


def resolved(device: str) -> str:
    """"auto" is cuda, then mps, then cpu. Raises `DeviceUnavailable`."""
    from core.models.loading import resolve_device

    return resolve_device(device).type


def fit(name: str, params: Params, part: Part, device: str) -> "Logistic | Neighbours":
    """A classifier that has learned on a torch device; "cpu" is one, for the tests."""
    if name == "logistic":
        return Logistic.fit(params, part, device)
    return Neighbours.fit(params, part, device)


def _tensor(array: np.ndarray, device: str, exact: bool = False) -> "torch.Tensor":
    """float64 where exact and the device has it, else float32."""
    import torch

    wide = exact and device != "mps"
    return torch.tensor(array, dtype=torch.float64 if wide else torch.float32, device=device)


@dataclass(frozen=True)
class Logistic:
    """The same pipeline as on the CPU, its arrays on the device all the way."""

    fitted: Any
    device: str

    @classmethod
    def fit(cls, params: Params, part: Part, device: str) -> "Logistic":
        import torch
        from sklearn import config_context

        os.environ.setdefault(SETTING, "1")
        x = _tensor(part.x, device, exact=True)
        y = torch.tensor(part.y.astype(np.int64), device=device)
        with config_context(array_api_dispatch=True):  # set_config would be this thread's alone
            return cls(pipeline("logistic", params).fit(x, y), device)

    def scores(self, x: np.ndarray) -> np.ndarray:
        from sklearn import config_context

        with config_context(array_api_dispatch=True):
            found = self.fitted.decision_function(_tensor(x, self.device, exact=True))
        return found.cpu().numpy().astype(np.float32)


@dataclass(frozen=True)
class Neighbours:
    """The k learned rows at the least distance, all distances in one matrix product.

    learned : float32 (m, F), each feature over its spread; up : float32 (m,)
    """

    learned: "torch.Tensor"
    up: "torch.Tensor"
    center: np.ndarray
    scale: np.ndarray
    k: int
    device: str

    @classmethod
    def fit(cls, params: Params, part: Part, device: str) -> "Neighbours":
        center = part.x.astype(np.float64).mean(axis=0)
        spread = part.x.astype(np.float64).std(axis=0)
        scale = np.where(spread > 10 * np.finfo(np.float64).eps, spread, 1.0)
        scaled = ((part.x - center) / scale).astype(np.float32)
        return cls(
            _tensor(scaled, device), _tensor(part.y, device), center, scale,
            int(fitting(params, len(part))["n_neighbors"]), device,
        )

    def nearest(self, x: np.ndarray, k: int) -> np.ndarray:
        """int64 (n, k): places of the learned rows, the nearest first."""
        import torch

        found = []
        for start in range(0, len(x), AT_ONCE):
            some = ((x[start : start + AT_ONCE] - self.center) / self.scale).astype(np.float32)
            distance = torch.cdist(_tensor(some, self.device), self.learned)  # (some, m)
            found.append(distance.topk(k, largest=False).indices.cpu().numpy())
        return np.concatenate(found) if found else np.zeros((0, k), np.int64)

    def scores(self, x: np.ndarray) -> np.ndarray:
        up = self.up.cpu().numpy()[self.nearest(x, self.k)]  # (n, k)
        return (up.mean(axis=1) - 0.5).astype(np.float32)
