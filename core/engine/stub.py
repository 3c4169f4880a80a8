"""A BERT of random weights behind the same interface: pages and lessons tested in a moment."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.contract import ModelInfo
from core.engine.local import Limits, LocalEngine
from core.models.registry import ASSETS, find
from core.tasks.adapter import Adapter, Change
from core.tasks.registry import find as find_task
from core.wordpiece.encoder import tokenizer

if TYPE_CHECKING:
    from transformers import BertForPreTraining

FOLDER = ASSETS / "models" / "embedded"  # only its tokenizer files are read
LAYERS, HEADS, HIDDEN, INNER, POSITIONS = 2, 2, 16, 64, 512


@cache
def random_bert() -> "BertForPreTraining":
    """The stub's weights: the same in every process, ready for a forward pass."""
    import torch
    from transformers import BertConfig, BertForPreTraining

    config = BertConfig(
        vocab_size=tokenizer(FOLDER).get_vocab_size(),
        hidden_size=HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        intermediate_size=INNER,
        max_position_embeddings=POSITIONS,
        initializer_range=0.2,
        attn_implementation="eager",
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        module = BertForPreTraining(config)
    return module.eval().requires_grad_(False)


@cache
def random_adapter(task: str) -> Adapter:
    """A stub's adapter: changes of rank 2 to each layer's query, and a random head."""
    found = find_task(task)
    rng = np.random.default_rng(list(task.encode()))

    def draw(*shape: int) -> np.ndarray:
        return rng.normal(0.0, 0.3, shape).astype(np.float32)

    changes = {
        f"encoder.layer.{layer}.attention.self.query": Change(draw(2, HIDDEN), draw(HIDDEN, 2))
        for layer in range(LAYERS)
    }
    count = len(found.labels)
    return Adapter(changes, draw(count, HIDDEN), draw(count))


class StubEngine(LocalEngine):
    """Implements `core.engine.protocol.Engine` without a weights file.

    Every model of the registry is answered by the same tiny random BERT with the embedded
    model's word pieces.
    """

    def __init__(self, bounds: Limits | None = None) -> None:
        super().__init__("cpu", bounds)

    def info(self, model: str) -> ModelInfo:
        entry = find(model)
        return ModelInfo(
            id=entry.id,
            label=entry.label,
            layers=LAYERS,
            heads=HEADS,
            hidden=HIDDEN,
            inner=INNER,
            vocabulary=random_bert().config.vocab_size,
            max_positions=POSITIONS,
            parameters=sum(p.numel() for p in random_bert().parameters()),
            lowercase=True,
            has_mlm=True,
            has_nsp=True,
        )

    def parameter(self, model: str, name: str) -> np.ndarray:
        find(model)
        array = random_bert().state_dict()[name].numpy().copy()
        array.flags.writeable = False
        return array

    def _folder(self, model: str) -> Path:
        return FOLDER

    def _max_positions(self, model: str) -> int:
        find(model)
        return POSITIONS

    def _module(self, model: str) -> "BertForPreTraining":
        return random_bert()

    def adapter(self, task: str, model: str = "embedded") -> Adapter:
        find(model)
        return random_adapter(task)
