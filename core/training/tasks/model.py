"""The encoder with LoRA from peft and one head, and what becomes of them: an adapter."""

from pathlib import Path

import numpy as np
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor, nn
from transformers import BertModel
from transformers.utils import logging

from core.tasks.adapter import Adapter, Change
from core.tasks.registry import Task
from core.training.tasks.examples import Batch
from core.training.tasks.losses import cross_entropy, may_answer

TARGETS = r"encoder\.layer\.\d+\..*(query|key|value|dense)"
_PREFIX = "base_model.model."


class Tuned(nn.Module):
    """A BertModel whose linear maps carry LoRA, biases and LayerNorms free, and a head.

    rank : 0 for none: then the whole encoder is free, its embeddings left out

    Source: Hu et al. 2021, section 4; Devlin et al. 2019, section 4.
    """

    def __init__(self, encoder: BertModel, task: Task, *, rank: int, alpha: int) -> None:
        super().__init__()
        self.shape = task.shape
        self.base = {name: w.detach().clone() for name, w in encoder.named_parameters()
                     if w.ndim == 1}
        self.encoder: PeftModel | BertModel = encoder
        if rank:
            config = LoraConfig(r=rank, lora_alpha=alpha, target_modules=TARGETS)
            self.encoder = get_peft_model(encoder, config)  # type: ignore[arg-type]
        for name, weight in self.encoder.named_parameters():
            free = "encoder.layer" in name and (weight.ndim == 1 or not rank)
            weight.requires_grad_("lora_" in name or free)
        self.head = nn.Linear(encoder.config.hidden_size, len(task.labels))
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)
        if task.shape == "span":  # S and E have none, and softmax would not see one
            self.head.bias.requires_grad_(False)

    def states(self, ids: Tensor, segments: Tensor, present: Tensor) -> Tensor:
        """The last layer's vectors, (B, n, H)."""
        found: Tensor = self.encoder(
            input_ids=ids, token_type_ids=segments, attention_mask=present
        ).last_hidden_state
        return found

    def scores(self, batch: Batch, dtype: torch.dtype | None = None) -> Tensor:
        """Logits, (B, K) of the classes or (B, n, K) of tags, or of start and end."""
        ids, segments, present = (self._here(x) for x in
                                  (batch.ids, batch.segments, batch.present))
        with torch.autocast(ids.device.type, dtype, enabled=dtype is not None):
            hidden = self.states(ids, segments, present)  # (B, n, H)
        hidden = hidden.float()
        found: Tensor = self.head(hidden if self.shape in ("tags", "span") else hidden[:, 0])
        return found

    def loss(self, batch: Batch, dtype: torch.dtype | None = None) -> Tensor:
        """Mean cross-entropy in nats: of the classes, of the tags, or of start and end."""
        may = None
        if self.shape == "span":
            may = may_answer(self._here(batch.segments), self._here(batch.present))
        return cross_entropy(self.shape, self.scores(batch, dtype), self._here(batch.target), may)

    def _here(self, array: np.ndarray) -> Tensor:
        return torch.as_tensor(array, device=self.head.weight.device)

    def free(self) -> dict[str, nn.Parameter]:
        """What is trained, by name."""
        return {name: w for name, w in self.named_parameters() if w.requires_grad}

    def adapter(self) -> Adapter:
        """What training changed, LoRA's scale folded into `up`."""
        arrays: dict[str, dict[str, np.ndarray]] = {}
        for path, module in self.encoder.named_modules():
            name = path.removeprefix(_PREFIX)
            if hasattr(module, "lora_A") and "default" in module.lora_A:
                scale = module.scaling["default"]
                arrays[name] = {
                    "down": _array(module.lora_A["default"].weight),
                    "up": _array(module.lora_B["default"].weight * scale),
                    "bias": _array(module.base_layer.bias - self._base(f"{name}.bias")),
                }
            elif isinstance(module, nn.LayerNorm) and name.startswith("encoder."):
                arrays[name] = {
                    part: _array(getattr(module, part) - self._base(f"{name}.{part}"))
                    for part in ("weight", "bias")
                }
        changes = {name: Change(**parts) for name, parts in arrays.items()}
        return Adapter(changes, _array(self.head.weight), _array(self.head.bias))

    def start_from(self, adapter: Adapter) -> None:
        """Begin with another task's changes instead of none; the head stays new."""
        with torch.no_grad():
            for path, module in self.encoder.named_modules():
                change = adapter.changes.get(path.removeprefix(_PREFIX))
                if change is None:
                    continue
                name = path.removeprefix(_PREFIX)
                if hasattr(module, "lora_A") and "default" in module.lora_A:
                    up = torch.tensor(change.up) / module.scaling["default"]
                    module.lora_A["default"].weight.copy_(torch.tensor(change.down))
                    module.lora_B["default"].weight.copy_(up)
                    module.base_layer.bias.copy_(
                        self._base(f"{name}.bias") + torch.tensor(change.bias)
                    )
                elif isinstance(module, nn.LayerNorm):
                    for part in ("weight", "bias"):
                        getattr(module, part).copy_(
                            self._base(f"{name}.{part}") + torch.tensor(getattr(change, part))
                        )

    def _base(self, name: str) -> Tensor:
        return self.base[name].to(self.head.weight.device)


def load_encoder(folder: Path, dropout: float) -> BertModel:
    """The checkpoint's encoder in float32, without its pooler."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    return BertModel.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="sdpa", use_safetensors=True,
        local_files_only=True, add_pooling_layer=False, hidden_dropout_prob=dropout,
    )


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().float().cpu().numpy().copy()
