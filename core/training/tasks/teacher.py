"""A larger say: an encoder that learns the task whole, and what it then says of every text.

The teacher is the encoder that the embedded model began from, all of it free but the word table;
its logits on the training texts and on texts without a label are what the adapter learns from.

Source: Hinton et al. 2015, section 2 (soft targets at a temperature).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from core.tasks.registry import Task
from core.training.tasks.examples import Example, collate, examples, order
from core.training.tasks.items import Item
from core.training.tasks.run import Run, Settings

AT_ONCE = 64  # texts


@dataclass(frozen=True)
class Teaching:
    """settings : of the teacher's own training, rank 0; temperature : T of the soft targets"""

    settings: Settings
    temperature: float


def taught(
    teaching: Teaching, task: Task, items: Sequence[Item], unlabelled: Sequence[Item], *,
    base: Path, fingerprint: str, work: Path, device: str = "cpu", save_every: float = 180.0,
) -> list[Item]:
    """All these texts with what the teacher says of them, softmax(logits / T).

    base : the teacher's encoder; work : its checkpoint and its answers, both used again
    """
    texts = [*items, *unlabelled]
    stored = work / f"{_key(texts, fingerprint, teaching)}.npy"
    if not stored.exists():
        learned = examples(items, task, base, teaching.settings.length)
        run = Run(task, teaching.settings, base, work, fingerprint=fingerprint, device=device)
        run.train(learned, save_every=save_every)
        asked = learned + examples(unlabelled, task, base, teaching.settings.length)
        partial = stored.with_suffix(".partial.npy")
        np.save(partial, logits(run, asked))
        partial.replace(stored)
    soft = np.load(stored, allow_pickle=False) / teaching.temperature
    likely = np.exp(soft - np.logaddexp.reduce(soft, axis=1, keepdims=True))
    return [
        Item(item.text, item.text_b, likely=tuple(map(float, row)))
        for item, row in zip(texts, likely, strict=True)
    ]


@torch.inference_mode()
def logits(run: Run, asked: Sequence[Example]) -> np.ndarray:
    """float32[asked, K]."""
    run.model.eval()
    found = np.zeros((len(asked), run.model.head.out_features), np.float32)
    groups = order([len(example) for example in asked], 0, size=AT_ONCE, seed=0)
    for group in tqdm(groups, desc="the teacher's answers", unit=" batches", mininterval=5):
        batch = collate([asked[i] for i in group])
        found[group] = run.model.scores(batch, run.dtype).cpu().numpy()
    return found


def _key(texts: Sequence[Item], fingerprint: str, teaching: Teaching) -> str:
    """32 hex digits of what the answers depend on."""
    digest = hashlib.sha256(f"{fingerprint}{teaching.settings}".encode())
    for item in texts:
        digest.update(b"\0" + item.text.encode("utf-8"))
    return digest.hexdigest()[:32]
