"""Frozen vectors: every layer's vector of every word of a set, computed once."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from core.engine.answers import groups_by_length
from core.models import files
from core.tasks.words import first_pieces
from core.training.tasks.items import Item
from core.training.tasks.model import load_encoder
from core.wordpiece.encoder import encode

BATCH_PIECES, MOST = 4096, 64


@dataclass(frozen=True)
class Words:
    """All words of a set, sentence after sentence.

    states : float16[L + 1, m, H], layer 0 the embedding layer's output, each the vector of the
        word's first piece; zeros where `seen` is False: the word has no piece of its own
    tags : int64[m]; ends : int64[S], where each sentence's words end; forms : lower-cased
    """

    states: np.ndarray
    tags: np.ndarray
    ends: np.ndarray
    seen: np.ndarray
    forms: tuple[str, ...]

    @property
    def starts(self) -> np.ndarray:
        """int64[S], where each sentence's words begin."""
        return np.concatenate([[0], self.ends[:-1]])

    def first(self, sentences: int) -> "Words":
        """The first so many sentences."""
        m = int(self.ends[sentences - 1])
        return Words(self.states[:, :m], self.tags[:m], self.ends[:sentences], self.seen[:m],
                     self.forms[:m])


def frozen(
    items: Sequence[Item], model: str, *, name: str, dtype: torch.dtype | None = None
) -> Words:
    """One forward pass over all sentences, longest batches by pieces. dtype : of autocast"""
    folder = files.folder_of(model)
    encoder = load_encoder(folder, 0.0).eval()
    limit = files.info(model).max_positions
    encoded = [encode(folder, item.text, None, limit) for item in items]
    pieces = [first_pieces(e, i.words) for e, i in zip(encoded, items, strict=True)]
    ends = np.cumsum([len(item.words) for item in items])
    info = files.info(model)
    states = np.zeros((info.layers + 1, int(ends[-1]), info.hidden), np.float16)
    seen = np.zeros(int(ends[-1]), bool)
    bar = tqdm(total=len(items), desc=f"vectors of {name}", unit=" sentences", mininterval=5)
    by_length = sorted(range(len(items)), key=lambda i: len(encoded[i]))
    for group in groups_by_length(by_length, encoded, BATCH_PIECES, MOST):
        hidden = _hidden(encoder, [encoded[i].ids for i in group], dtype)  # (L + 1, B, n, H)
        for row, i in enumerate(group):
            start = ends[i] - len(pieces[i])
            at = [(start + w, p) for w, p in enumerate(pieces[i]) if p is not None]
            if at:
                rows, places = map(list, zip(*at, strict=True))
                states[:, rows] = hidden[:, row, places]
                seen[rows] = True
        bar.update(len(group))
    forms = tuple(i.text[a:b].lower() for i in items for a, b in i.words)
    tags = np.array([tag for item in items for tag in item.tags])
    return Words(states, tags, ends, seen, forms)


@torch.inference_mode()
def _hidden(
    encoder: torch.nn.Module, ids: Sequence[tuple[int, ...]], dtype: torch.dtype | None
) -> np.ndarray:
    """float16[L + 1, B, n, H] of single sentences."""
    n = max(map(len, ids))
    padded = torch.zeros(len(ids), n, dtype=torch.long)
    present = torch.zeros(len(ids), n, dtype=torch.long)
    for row, own in enumerate(ids):
        padded[row, : len(own)] = torch.tensor(own)
        present[row, : len(own)] = 1
    with torch.autocast("cpu", dtype, enabled=dtype is not None):
        found = encoder(input_ids=padded, attention_mask=present, output_hidden_states=True)
    return np.stack([h.float().numpy().astype(np.float16) for h in found.hidden_states])


def kept(items: Sequence[Item], model: str, *, name: str, work: Path) -> Words:
    """`frozen` in float32, stored in the work folder and read from there the next time."""
    path = work / f"{name}-{files.checksum(model)}-{len(items)}.npz"
    if not path.exists():
        words = frozen(items, model, name=name)
        work.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, states=words.states, tags=words.tags, ends=words.ends, seen=words.seen,
                 forms=np.array(words.forms))
        partial.replace(path)
    with np.load(path, allow_pickle=False) as file:
        return Words(file["states"], file["tags"], file["ends"], file["seen"],
                     tuple(map(str, file["forms"])))
