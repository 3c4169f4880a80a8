"""What a trained model says of texts that are typed later, asked of any worker."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file
from transformers import BertModel

from core.live.learner import read
from core.live.lines import units
from core.live.training import LENGTH, Talk
from core.models.files import folder_of
from core.tasks.adapter import Adapter, unpacked
from core.tasks.answer import head_logits
from core.tasks.registry import FACTS, WEIGHTS
from core.tasks.view import adapted
from core.tasks.words import first_pieces
from core.training.tasks.examples import Example, collate
from core.wordpiece.encoder import encode

KEPT = 2  # trained models that a worker holds ready


@lru_cache(maxsize=KEPT)
def _stored(folder: Path) -> tuple[dict[str, Any], Adapter, dict[str, BertModel]]:
    """Facts and adapter of a finished job; the model is put in when it is first needed."""
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    return facts, unpacked(load_file(folder / WEIGHTS)), {}


@torch.inference_mode()
def answer(spec: dict[str, Any], talk: Talk) -> dict[str, Any]:
    """`folder` and `text` to tokens, the vectors that the head reads, and its logits.

    rows : for tags the spans of the words that were judged, else one row for the whole text
    """
    facts, adapter, ready = _stored(Path(spec["folder"]))
    if "model" not in ready:
        ready["model"] = adapted(talk.model(facts["model"]), adapter).bert
    encoded = encode(folder_of(facts["model"]), spec["text"], None, LENGTH)
    line = Example(
        np.array(encoded.ids, np.uint32), np.array(encoded.segments, np.uint8), np.array(0)
    )
    tags = facts["kind"] == "tags"
    found = read(ready["model"], collate([line]), tags, facts["plan"]["pooling"])[0]
    vectors = found.cpu().float().numpy().reshape(-1, adapter.weight.shape[1])
    spans: list[tuple[int, int]] = [(0, len(spec["text"]))]
    if tags:
        every = units(spec["text"], facts["unit"])
        pieces = first_pieces(encoded, every)
        spans = [span for span, piece in zip(every, pieces, strict=True) if piece is not None]
        vectors = vectors[[piece for piece in pieces if piece is not None]]
    return {
        "tokens": encoded.tokens, "dropped": encoded.dropped, "spans": spans,
        "vectors": vectors.tolist(), "logits": head_logits(vectors, adapter).tolist(),
    }
