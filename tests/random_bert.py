"""BERTs of random weights in hub layout: any shape, no training, the same for a seed."""

import shutil
from pathlib import Path
from typing import Any

from core.models.registry import ASSETS

EMBEDDED = ASSETS / "models" / "embedded"
TOKENIZER = ("tokenizer.json", "vocab.txt", "tokenizer_config.json")


def save_random_bert(folder: Path, seed: int = 0, **shape: Any) -> Path:
    """config.json, model.safetensors and the shipped tokenizer in `folder`; returns it.

    Biases and LayerNorm weights are random too: at their initial 0 and 1 a forgotten one
    would not show.
    """
    import torch
    from transformers import BertConfig, BertForPreTraining

    torch.manual_seed(seed)
    module = BertForPreTraining(BertConfig(initializer_range=0.2, **shape))
    for name, weight in module.named_parameters():
        if weight.ndim == 1:
            around = 1.0 if name.endswith("LayerNorm.weight") else 0.0
            torch.nn.init.normal_(weight, around, 0.2)
    module.save_pretrained(folder)
    for name in TOKENIZER:
        shutil.copy(EMBEDDED / name, folder / name)
    return folder
