"""transformers' pipelines over the same weights, as bench.features has them beside ours."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    pipeline,
)

from core.models import files
from core.models.loading import load
from core.tasks.adapter import Adapter
from core.tasks.view import Adapted, adapted

MODEL = "embedded"
BATCHES = (1, 8, 16, 32, 64)
DTYPES = (torch.float32, torch.bfloat16)
DEFAULT = "pipeline_default"
Way = Callable[[Sequence[str]], list]


def name_of(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def feature_ways(device: str) -> dict[str, Way]:
    """The default, nested lists of floats, and every batch size with tensors, which cost less."""
    folder = str(files.folder_of(MODEL))
    plain = pipeline("feature-extraction", model=folder, device=device)
    ways: dict[str, Way] = {DEFAULT: lambda texts: plain(list(texts))}
    for dtype in DTYPES:
        model = BertModel.from_pretrained(folder, dtype=dtype)
        _add(ways, "feature-extraction", model, device, {"return_tensors": True})
    return ways


def class_ways(adapter: Adapter, device: str) -> dict[str, Way]:
    """The default and every batch size; all classes' probabilities."""
    float32 = classifier(adapter)
    plain = pipeline(
        "text-classification", model=float32, tokenizer=_tokenizer(), device=device, top_k=None
    )
    ways: dict[str, Way] = {DEFAULT: lambda texts: plain(list(texts))}
    for dtype in DTYPES:
        model = classifier(adapter).to(dtype)
        _add(ways, "text-classification", model, device, {"top_k": None})
    return ways


def _add(ways: dict[str, Way], kind: str, model: torch.nn.Module, device: str, how: dict) -> None:
    run = pipeline(kind, model=model, tokenizer=_tokenizer(), device=device)
    for size in BATCHES:
        ways[f"pipeline_{name_of(model.dtype)}_{size}"] = partial(_run, run, size, how)


def _run(run: Callable, size: int, how: dict, texts: Sequence[str]) -> list:
    return run(list(texts), batch_size=size, **how)


def _tokenizer() -> object:
    return AutoTokenizer.from_pretrained(files.folder_of(MODEL))


class _First(torch.nn.Module):
    """C = T_0, which our heads read; transformers' pooler would put a layer between."""

    def forward(self, states: torch.Tensor) -> torch.Tensor:  # (B, n, H) -> (B, H)
        return states[:, 0]


@torch.no_grad()
def classifier(adapter: Adapter) -> BertForSequenceClassification:
    """The model with the adapter merged into its weights and the head on top, float32."""
    own = adapted(load(MODEL, "cpu"), adapter)
    config = BertConfig.from_pretrained(
        files.folder_of(MODEL), num_labels=len(adapter.bias), dtype="float32"
    )
    model = BertForSequenceClassification(config).eval()
    modules = dict(model.bert.named_modules())
    for name, module in own.bert.named_modules():
        if isinstance(module, Adapted):
            modules[name].weight.copy_(module.weight + module.up @ module.down)
            modules[name].bias.copy_(module.bias)
        elif isinstance(module, torch.nn.Linear | torch.nn.LayerNorm | torch.nn.Embedding):
            modules[name].load_state_dict(module.state_dict())
    model.bert.pooler = _First()
    model.classifier.weight.copy_(torch.tensor(adapter.weight))
    model.classifier.bias.copy_(torch.tensor(adapter.bias))
    return model


def mean_vectors(found: list) -> np.ndarray:
    """float32[n, H]: the means over what lies between [CLS] and [SEP]."""
    return np.stack([states[0, 1:-1].float().mean(0).numpy() for states in found])


def probabilities(found: list) -> np.ndarray:
    """float64[n, K] in the order of the labels."""
    ordered = [sorted(row, key=lambda one: int(one["label"].split("_")[1])) for row in found]
    return np.array([[one["score"] for one in row] for row in ordered])
