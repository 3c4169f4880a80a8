"""A checkpoint as a torch module: float32, eager attention, eval mode, safetensors only."""

from typing import TYPE_CHECKING

from core import shortage
from core.errors import DeviceUnavailable, ModelUnavailable
from core.models.files import folder_of, info

if TYPE_CHECKING:
    import torch
    from transformers import BertForPreTraining


def resolve_device(device: str) -> "torch.device":
    """"auto" is cuda, then mps, then cpu. Raises `DeviceUnavailable`."""
    import torch

    present = {"cpu": True, "cuda": torch.cuda.is_available(),
               "mps": torch.backends.mps.is_available()}
    if device == "auto":
        device = next(d for d in ("cuda", "mps", "cpu") if present[d])
    if not present.get(device, False):
        raise DeviceUnavailable(device)
    return torch.device(device)


def load(model: str, device: str = "auto") -> "BertForPreTraining":
    """Load a model with whatever pretraining heads it has.

    Weights are read as float32 whatever the file holds. transformers would pick a fused
    attention kernel that returns no weights, so eager attention is asked for.

    Raises `UnknownModel`, `ModelUnavailable`, `DeviceUnavailable`, `OutOfMemory`.
    """
    label = info(model).label
    place = resolve_device(device)
    import torch
    from transformers import BertForPreTraining
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        module = BertForPreTraining.from_pretrained(
            folder_of(model),
            dtype=torch.float32,
            attn_implementation="eager",
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
        )
        return module.eval().requires_grad_(False).to(place)
    except Exception as error:  # the libraries raise many kinds for what they cannot read
        raise shortage.named(error) or ModelUnavailable.unfitting(label) from error
