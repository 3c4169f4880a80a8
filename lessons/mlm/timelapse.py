"""The stored points of the embedded model's pretraining, from noise to grammar."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from core.models.registry import ASSETS, EMBEDDED
from core.training.prompts import PROMPTS, SENTENCES
from core.wordpiece.encoder import encode, tokenizer

FILE = ASSETS / "timelapse" / "pretraining.npz"
TRAIN = "python -m core.training.pretrain --data DIR"
EXPORT = "python -m core.training.export"
_FOLDER = ASSETS / "models" / EMBEDDED


@dataclass(frozen=True)
class Timelapse:
    """T stored points of one training run.

    tokens : int64[T] word pieces seen; mlm, nsp : float32[T] accuracy on a held-out sample
    words : for each point and prompt the best words; probabilities : float16[T, P, 8]
    attention : for each sentence uint8[T, L, A, n, n]; pieces : its word pieces
    """

    tokens: np.ndarray
    mlm: np.ndarray
    nsp: np.ndarray
    words: tuple[tuple[tuple[str, ...], ...], ...]
    probabilities: np.ndarray
    attention: tuple[np.ndarray, ...]
    pieces: tuple[tuple[str, ...], ...]
    prompts: tuple[str, ...]
    sentences: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.tokens)


@cache
def load() -> Timelapse | None:
    """The stored run, or None where the file is missing."""
    if not FILE.exists():
        return None
    with np.load(FILE, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    names = tokenizer(_FOLDER)
    words = tuple(
        tuple(tuple(names.id_to_token(int(i)) or "" for i in prompt) for prompt in point)
        for point in arrays["words"]
    )
    return Timelapse(
        arrays["tokens"], arrays["figures"][:, 0], arrays["figures"][:, 2], words,
        arrays["probabilities"],
        tuple(arrays[f"attention_{n}"] for n in range(len(SENTENCES))),
        tuple(encode(_FOLDER, s).tokens for s in SENTENCES), PROMPTS, SENTENCES,
    )
