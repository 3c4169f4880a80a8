"""A checkpoint's files: where they lie, its shape from the headers, single weights. No torch."""

import json
import os
import struct
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from core.contract import ModelInfo
from core.errors import ModelOffline, ModelUnavailable
from core.models.registry import RegistryEntry, find

WEIGHTS = "model.safetensors"
NEEDED = ("config.json", WEIGHTS)
TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "tokenizer_config.json")
HUB_TIMEOUT = 10  # seconds until an unreachable hub is given up


@cache
def folder_of(model: str) -> Path:
    """The folder that holds a model's files, fetched from the hub when it may be.

    Raises `UnknownModel`, `ModelUnavailable`.
    """
    entry = find(model)
    folder = entry.folder if entry.folder else _hub_folder(entry)
    _check(entry.label, folder)
    return folder


def _check(label: str, folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise ModelUnavailable(label, "its config.json is missing.")
    if not (folder / WEIGHTS).is_file():
        if (folder / "pytorch_model.bin").is_file():
            raise ModelUnavailable(
                label, "it has only pytorch_model.bin; for safety only safetensors are loaded."
            )
        raise ModelUnavailable(label, f"its {WEIGHTS} is missing.")
    if not any((folder / f).is_file() for f in TOKENIZER_FILES[:2]):
        raise ModelUnavailable(label, "it has neither tokenizer.json nor vocab.txt.")
    kind = _config(folder).get("model_type")
    if kind != "bert":
        raise ModelUnavailable(label, f"it is a {kind or 'nameless'} model, not a BERT.")


def _hub_folder(entry: RegistryEntry) -> Path:
    os.environ.setdefault("HF_HUB_ETAG_TIMEOUT", str(HUB_TIMEOUT))
    os.environ.setdefault("HF_HUB_DOWNLOAD_TIMEOUT", str(HUB_TIMEOUT))
    from huggingface_hub import snapshot_download

    patterns = [*NEEDED, *TOKENIZER_FILES]
    try:
        found = Path(
            snapshot_download(entry.id, allow_patterns=patterns, local_files_only=True)
        )
        if all((found / name).is_file() for name in NEEDED):
            return found
    except Exception:  # the library raises many kinds for "not in the cache"
        pass
    offline = ModelOffline(entry.label)
    if os.environ.get("HF_HUB_OFFLINE", "0") not in ("", "0"):
        raise offline
    try:
        return Path(
            snapshot_download(entry.id, allow_patterns=patterns, etag_timeout=HUB_TIMEOUT)
        )
    except Exception as error:  # network, proxy, disk: all mean the same to the learner
        raise offline from error


@cache
def _config(folder: Path) -> dict:
    try:
        return json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise ModelUnavailable(folder.name, "its config.json is damaged.") from error


@dataclass(frozen=True)
class _Header:
    names: dict[str, str]  # name as in BertForPreTraining -> name in the file
    shapes: dict[str, tuple[int, ...]]


@cache
def _header(folder: Path) -> _Header:
    path = folder / WEIGHTS
    try:
        with open(path, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > 100_000_000:
                raise ValueError("implausible header")
            entries = json.loads(file.read(length))
        entries.pop("__metadata__", None)
        end = max(e["data_offsets"][1] for e in entries.values())
        if path.stat().st_size < 8 + length + end:
            raise ValueError("shorter than its header says")
    except (ValueError, KeyError, struct.error, OSError) as error:
        raise ModelUnavailable(folder.name, f"its {WEIGHTS} is damaged.") from error
    names, shapes = {}, {}
    for stored, entry in entries.items():
        name = canonical_name(stored)
        names[name] = stored
        shapes[name] = tuple(entry["shape"])
    return _Header(names, shapes)


def canonical_name(stored: str) -> str:
    """A weight's name as BertForPreTraining's state dict has it."""
    name = stored.replace("LayerNorm.gamma", "LayerNorm.weight")
    name = name.replace("LayerNorm.beta", "LayerNorm.bias")
    if name.startswith(("embeddings.", "encoder.", "pooler.")):
        name = f"bert.{name}"
    return name


_TIED = {
    "cls.predictions.decoder.weight": "bert.embeddings.word_embeddings.weight",
    "cls.predictions.decoder.bias": "cls.predictions.bias",
}


def _count(shapes: dict[str, tuple[int, ...]]) -> int:
    tied = {name for name, source in _TIED.items() if source in shapes}
    buffers = {name for name in shapes if name.endswith(("position_ids", "token_type_ids"))}
    return sum(
        int(np.prod(shape)) for name, shape in shapes.items() if name not in tied | buffers
    )


@cache
def info(model: str) -> ModelInfo:
    """A model's shape from its config and the weights' header; nothing is loaded."""
    entry, folder = find(model), folder_of(model)
    config, header = _config(folder), _header(folder)
    from core.wordpiece.encoder import tokenizer

    probe = tokenizer(folder).normalizer
    return ModelInfo(
        id=entry.id,
        label=entry.label,
        layers=int(config["num_hidden_layers"]),
        heads=int(config["num_attention_heads"]),
        hidden=int(config["hidden_size"]),
        inner=int(config["intermediate_size"]),
        vocabulary=int(config["vocab_size"]),
        max_positions=int(config["max_position_embeddings"]),
        parameters=_count(header.shapes),
        lowercase=bool(probe and probe.normalize_str("A") == "a"),
        has_mlm="cls.predictions.transform.dense.weight" in header.names,
        has_nsp="cls.seq_relationship.weight" in header.names,
    )


@lru_cache(maxsize=64)
def parameter(model: str, name: str) -> np.ndarray:
    """One weight as read-only float32, by its BertForPreTraining state-dict name.

    Raises KeyError for a name the checkpoint has not.
    """
    folder = folder_of(model)
    names = _header(folder).names
    stored = names.get(name) or names[_TIED.get(name, name)]
    try:
        with safe_open(folder / WEIGHTS, framework="numpy") as file:
            array = file.get_tensor(stored).astype(np.float32)
    except SafetensorError as error:
        raise ModelUnavailable(folder.name, f"its {WEIGHTS} is damaged.") from error
    array.flags.writeable = False
    return array
