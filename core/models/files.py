"""A checkpoint's files: where they lie, its shape from the headers, single weights. No torch."""

import hashlib
import json
import math
import struct
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from core.contract import ModelInfo
from core.errors import ModelUnavailable
from core.models import hub, whole
from core.models.hub import TOKENIZER_FILES
from core.models.registry import find
from core.models.whole import WEIGHTS, Stored

CONFIG = "config.json"


@cache
def folder_of(model: str) -> Path:
    """The folder that holds a model's files, fetched from the hub when it may be.

    Raises `UnknownModel`, `ModelUnavailable`.
    """
    entry, folder = find(model), words_folder(model)
    if not (folder / WEIGHTS).is_file():
        if (folder / "pytorch_model.bin").is_file():
            raise ModelUnavailable(
                entry.label, "it has only pytorch_model.bin; for safety only safetensors are "
                "loaded.", "pickled",
            )
        raise ModelUnavailable.missing(entry.label, WEIGHTS)
    return folder


@cache
def words_folder(model: str) -> Path:
    """As `folder_of`, for whoever reads the tokenizer alone: the weights may be missing."""
    entry = find(model)
    folder = entry.folder if entry.folder else hub.folder(entry)
    label = entry.label
    if not (folder / CONFIG).is_file():
        raise ModelUnavailable.missing(label, CONFIG)
    if not any((folder / f).is_file() for f in TOKENIZER_FILES[:2]):
        raise ModelUnavailable(
            label, "it has neither tokenizer.json nor vocab.txt.", "no_vocabulary"
        )
    kind = _config(label, folder).get("model_type")
    if kind != "bert":
        kind = str(kind or "nameless")
        raise ModelUnavailable(label, f"it is a {kind} model, not a BERT.", "not_bert", kind=kind)
    _tokenizer(label, folder)
    return folder


def max_positions(model: str) -> int:
    """How many pieces a model reads; needs no weights. Raises as `folder_of`."""
    return _shape(find(model).label, words_folder(model))[-1]


def is_here(model: str) -> bool:
    """True when a model's files are on this machine; asks no hub. Raises `UnknownModel`."""
    entry = find(model)
    return (entry.folder or hub.cached_folder(entry)) is not None


def _stamp(path: Path) -> tuple[int, int]:
    """Changes when a file is replaced, so that a mended one is read again."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


_good: dict[Path, dict] = {}  # the last config of each folder that could be read


def _config(label: str, folder: Path) -> dict:
    """Read again when it was replaced; one that is damaged later does not undo a good one."""
    try:
        _good[folder] = _read_config(label, folder, _stamp(folder / CONFIG))
    except ModelUnavailable:
        if folder not in _good:
            raise
    return _good[folder]


@lru_cache(maxsize=32)
def _read_config(label: str, folder: Path, stamp: tuple[int, int]) -> dict:
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        if not isinstance(config, dict):
            raise ValueError("no table of settings")
    except (ValueError, OSError) as error:
        raise ModelUnavailable.damaged(label, CONFIG) from error
    return config


def _header(label: str, folder: Path) -> dict[str, Stored]:
    """Every weight of the file by its name in BertForPreTraining."""
    return _read_header(label, folder, _stamp(folder / WEIGHTS))


@lru_cache(maxsize=32)
def _read_header(label: str, folder: Path, stamp: tuple[int, int]) -> dict[str, Stored]:
    path = folder / WEIGHTS
    try:
        with open(path, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > 100_000_000:
                raise ValueError("implausible header")
            entries = json.loads(file.read(length))
        entries.pop("__metadata__", None)
        found = {}
        for name, entry in entries.items():
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            shape = tuple(entry["shape"])
            found[canonical_name(name)] = Stored(entry["dtype"], shape, start, end - start)
        if path.stat().st_size < max(w.start + w.size for w in found.values()):
            raise ValueError("shorter than its header says")
    except (ValueError, KeyError, TypeError, AttributeError, struct.error, OSError) as error:
        raise ModelUnavailable.damaged(label, WEIGHTS) from error
    return found


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


def _count(weights: dict[str, Stored]) -> int:
    tied = {name for name, source in _TIED.items() if source in weights}
    buffers = {name for name in weights if name.endswith(("position_ids", "token_type_ids"))}
    return sum(
        math.prod(weight.shape) for name, weight in weights.items() if name not in tied | buffers
    )


_SHAPE = (
    "num_hidden_layers", "num_attention_heads", "hidden_size", "intermediate_size", "vocab_size",
    "max_position_embeddings",
)


def _shape(label: str, folder: Path) -> tuple[int, ...]:
    config = _config(label, folder)
    try:
        return tuple(int(config[name]) for name in _SHAPE)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelUnavailable.damaged(label, CONFIG) from error


def _tokenizer(label: str, folder: Path) -> Tokenizer:
    from core.wordpiece.encoder import tokenizer

    try:
        found = tokenizer(folder)
    except Exception as error:  # the library raises Exception itself for a damaged file
        raise ModelUnavailable(label, "its tokenizer files are damaged.", "tokenizer") from error
    if None in (found.token_to_id("[CLS]"), found.token_to_id("[SEP]")):
        raise ModelUnavailable(label, "its tokenizer has no [CLS] or no [SEP].", "no_specials")
    return found


@cache
def info(model: str) -> ModelInfo:
    """A model's shape from its config and the weights' header; nothing is loaded.

    Raises `UnknownModel`, `ModelUnavailable`.
    """
    entry, folder = find(model), folder_of(model)
    layers, heads, hidden, inner, vocabulary, max_positions = _shape(entry.label, folder)
    weights = _header(entry.label, folder)
    try:
        whole.check(entry.label, _config(entry.label, folder), weights)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelUnavailable.damaged(entry.label, CONFIG) from error
    normalizer = _tokenizer(entry.label, folder).normalizer
    return ModelInfo(
        id=entry.id,
        label=entry.label,
        layers=layers,
        heads=heads,
        hidden=hidden,
        inner=inner,
        vocabulary=vocabulary,
        max_positions=max_positions,
        parameters=_count(weights),
        lowercase=bool(normalizer and normalizer.normalize_str("A") == "a"),
        has_mlm="cls.predictions.transform.dense.weight" in weights,
        has_nsp="cls.seq_relationship.weight" in weights,
    )


@cache
def checksum(model: str) -> str:
    """First 16 hex digits of the SHA-256 of a model's weights file."""
    return hashlib.sha256((folder_of(model) / WEIGHTS).read_bytes()).hexdigest()[:16]


_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8"}


@lru_cache(maxsize=128)  # all of the embedded model: its halves are widened once
def parameter(model: str, name: str) -> np.ndarray:
    """One weight as read-only float32, by its BertForPreTraining state-dict name.

    A float32 file is mapped and not read: its numbers take no memory of this process.

    Raises KeyError for a name the checkpoint has not.
    """
    label, folder = find(model).label, folder_of(model)
    weights = _header(label, folder)
    stored = weights.get(name) or weights[_TIED.get(name, name)]
    try:
        raw = np.memmap(folder / WEIGHTS, np.uint8, "r", stored.start, (stored.size,))
        numbers = np.asarray(raw).view(_DTYPES[stored.dtype])
        if stored.dtype == "BF16":  # the upper half of a float32, which NumPy has no name for
            numbers = (numbers.astype(np.uint32) << 16).view(np.float32)
        array = numbers.astype(np.float32, copy=False).reshape(stored.shape)
    except (KeyError, ValueError, OSError) as error:
        raise ModelUnavailable.damaged(label, WEIGHTS) from error
    array.flags.writeable = False
    return array
