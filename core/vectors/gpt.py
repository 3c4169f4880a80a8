"""The left-to-right language model: what comes next, given the left context alone.

Its word-embedding table is the embedded BERT's, which is therefore not stored a second time.
"""

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tokenizers import Tokenizer

from core.errors import ModelUnavailable
from core.models import files
from core.models.registry import ASSETS, EMBEDDED
from core.vectors.quantize import unpacked
from core.wordpiece.encoder import tokenizer, without_surrogates

if TYPE_CHECKING:
    import torch

    from core.vectors.causal import CausalTransformer

FOLDER = ASSETS / "vectors"
WEIGHTS, FACTS = "gpt.safetensors", "gpt.json"
LABEL = "GPT"
_LOCK = threading.Lock()
Ranked = tuple[tuple[str, float], ...]


def load() -> "Gpt":
    """The model of this process, read once however many ask.

    Raises `ModelUnavailable` when its files are missing, damaged, or were trained beside
    another word-embedding table than the embedded model has.
    """
    with _LOCK:
        return _once(FOLDER, files.folder_of(EMBEDDED))


def read(folder: Path, embedded: Path) -> "Gpt":
    """The model stored in `folder`, on the table of the BERT in `embedded`; see `load`."""
    for name in (WEIGHTS, FACTS):
        if not (folder / name).is_file():
            raise ModelUnavailable.missing(LABEL, name)
    try:
        import torch
        from safetensors import safe_open

        from core.vectors.causal import CausalTransformer, Shape

        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        table = read_table(embedded)
        if facts["table_sha256"] != table_sha256(table):
            raise ModelUnavailable(
                LABEL,
                "it was trained with another word-embedding table than the embedded model's.",
                "other_table",
            )
        with torch.device("meta"):
            module = CausalTransformer(Shape(**facts["shape"]), table)
        with safe_open(folder / WEIGHTS, framework="np") as stored:
            weights = unpacked(stored.keys(), stored.get_tensor)
            state = {name: torch.from_numpy(weight) for name, weight in weights}
        module.load_state_dict(state, assign=True)
    except ModelUnavailable:
        raise
    except Exception as error:  # safetensors, json and torch each have their own for "damaged"
        raise ModelUnavailable(LABEL, "its files are damaged.", "files") from error
    return Gpt(module.eval().requires_grad_(False), tokenizer(embedded), facts)


_once = cache(read)


def read_table(embedded: Path) -> "torch.Tensor":
    """The word embeddings [V, H] as the BERT's file holds them, mapped and not copied."""
    from safetensors import safe_open

    from core.vectors.causal import TABLE

    with safe_open(embedded / files.WEIGHTS, framework="pt") as stored:
        return stored.get_tensor(TABLE)


def table_sha256(table: "torch.Tensor") -> str:
    """The SHA-256 of a table's bytes in the precision it is stored in."""
    import torch

    return hashlib.sha256(table.contiguous().view(torch.uint8).numpy()).hexdigest()


class Gpt:
    """A causal Transformer with the tokenizer it was trained with; safe from any thread.

    facts : what gpt.json says: shape, training, evaluation
    """

    def __init__(
        self, module: "CausalTransformer", pieces: Tokenizer, facts: dict[str, Any]
    ) -> None:
        self.module = module
        self._tokenizer = pieces
        self._cls = pieces.token_to_id("[CLS]")
        self._room = module.shape.positions - 1  # beside [CLS]
        self.facts = facts

    def next_pieces(self, text_left: str, k: int = 10) -> Ranked:
        """The k most likely next word pieces with P(piece | text_left), best first.

        Only the last pieces that fit the model's length are read.
        """
        return self._best(self._next(text_left), k)

    def next_words(self, text_left: str, k: int = 10) -> Ranked:
        """The k most likely next pieces that are words: no ## piece, punctuation or special.

        P is that of the piece; the word may still go on with a ## piece.
        """
        import torch

        return self._best(self._next(text_left).masked_fill(~self._is_word, -torch.inf), k)

    def log_probabilities(self, text: str) -> tuple[tuple[str, ...], np.ndarray]:
        """Each piece of a text and log P(piece | all pieces before it).

        A text longer than the model's length is read in overlapping windows, so that every
        later piece still sees at least half a window to its left.

        Returns
        -------
        pieces : n strings; values : float32[n], natural logarithms
        """
        import torch

        pieces, ids = self._encode(text)
        found = []
        with torch.inference_mode():
            for start, first, stop in windows(len(ids), self._room):
                gold = torch.tensor(ids[first:stop])  # (m,)
                last = self._states([self._cls, *ids[start : stop - 1]])[-1][0]
                scores = self.module.logits(last[first - start :])  # (m, V)
                chosen = scores.gather(1, gold[:, None])[:, 0]
                found.append((chosen - scores.logsumexp(-1)).numpy())
        return pieces, np.concatenate(found) if found else np.empty(0, np.float32)

    def states(self, text: str) -> tuple[tuple[str, ...], np.ndarray]:
        """The pieces that fit the model's length and their vectors float32[L + 1, n, H].

        Layer 0 is the embeddings. Each vector has seen its own piece and those to its left.
        """
        import torch

        pieces, ids = self._encode(text)
        ids = ids[: self._room]
        with torch.inference_mode():
            layers = torch.cat(self._states([self._cls, *ids]))  # (L + 1, n + 1, H)
        return pieces[: self._room], layers[:, 1:].numpy()

    def _encode(self, text: str) -> tuple[tuple[str, ...], list[int]]:
        found = self._tokenizer.encode(without_surrogates(text), add_special_tokens=False)
        return tuple(found.tokens), found.ids

    def _states(self, ids: Sequence[int]) -> "list[torch.Tensor]":
        import torch

        return self.module.states(torch.tensor([list(ids)]))

    def _next(self, text_left: str) -> "torch.Tensor":
        """log P of every piece after a text, float32[V]."""
        import torch

        ids = self._encode(text_left)[1][-self._room :]
        with torch.inference_mode():
            last = self._states([self._cls, *ids])[-1][0, -1:]  # (1, H)
            return self.module.logits(last)[0].log_softmax(-1)

    def _best(self, scores: "torch.Tensor", k: int) -> Ranked:
        best = scores.topk(min(k, len(scores)))
        names = map(self._tokenizer.id_to_token, best.indices.tolist())
        return tuple(zip(names, best.values.exp().tolist(), strict=True))

    @cached_property
    def _is_word(self) -> "torch.Tensor":
        import torch

        names = map(self._tokenizer.id_to_token, range(self.module.shape.vocabulary))
        return torch.tensor([name[0].isalnum() for name in names])


def windows(n: int, room: int) -> Iterator[tuple[int, int, int]]:
    """How n pieces are read with room for `room` at a time: start, first one scored, stop."""
    stop = min(n, room)
    if n:
        yield 0, 0, stop
    while stop < n:
        first, stop = stop, min(n, stop + room // 2)
        yield stop - room, first, stop
