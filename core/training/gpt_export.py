"""Store the left-to-right model in a byte a weight, and measure what was stored."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from math import exp
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors.numpy import save_file
from torch.nn import functional as F
from tqdm import tqdm

from core.training.corpus import articles, is_held_out, sentences
from core.training.sequences import IGNORED, Batch
from core.vectors import gpt
from core.vectors.causal import CausalTransformer
from core.vectors.quantize import packed
from core.vectors.words import split

MAX_BYTES = 12 * 10**6


class LanguageModel(Protocol):
    """What `surprisal` needs: vectors of every position, and the scores of what follows one."""

    table: torch.Tensor

    def states(self, ids: torch.Tensor) -> Sequence[torch.Tensor]: ...

    def logits(self, hidden: torch.Tensor) -> torch.Tensor: ...


@dataclass(frozen=True)
class Perplexity:
    """How surprised a model was by a text: total nats, and the counts they are shared among."""

    nats: float
    pieces: int
    words: int

    @property
    def per_piece(self) -> float:
        return exp(self.nats / self.pieces)

    @property
    def per_word(self) -> float:
        return exp(self.nats / self.words)


@torch.inference_mode()
def surprisal(module: LanguageModel, held_out: Iterable[Batch]) -> tuple[float, int]:
    """Total of -log P(piece | pieces before it) in nats, and how many pieces were counted."""
    nats, pieces = 0.0, 0
    device = module.table.device
    for batch in held_out:
        ids, following = (torch.as_tensor(x, device=device) for x in (batch.ids, batch.following))
        counted = following != IGNORED
        scores = module.logits(module.states(ids)[-1][counted]).float()  # (M, V)
        nats += float(F.cross_entropy(scores, following[counted], reduction="sum"))
        pieces += int(counted.sum())
    return nats, pieces


def write(
    module: CausalTransformer, table_sha256: str, training: dict[str, Any], folder: Path
) -> int:
    """gpt.safetensors and gpt.json, the latter without an evaluation yet; returns the size.

    Raises ValueError above 12 MB.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: w.detach().numpy() for name, w in module.state_dict().items()}
    target = folder / gpt.WEIGHTS
    save_file(packed(weights, kept=("position",)), target)
    target.chmod(0o644)
    size = target.stat().st_size
    if size > MAX_BYTES:
        raise ValueError(f"the weights have {size:,} bytes, over {MAX_BYTES:,}")
    _write_facts(folder, {
        "shape": asdict(module.shape),
        "table_sha256": table_sha256,
        "storage": "matrices int8 with a float16 scale a row; the rest float16",
        "bytes": size,
        "training": {**training, "exported": datetime.now(UTC).date().isoformat()},
    })
    return size


def held_out_perplexity(
    folder: Path, embedded: Path, held_out: Sequence[Batch], corpus: Path
) -> dict[str, Any]:
    """Measure the stored weights on the held-out articles and add the figures to gpt.json."""
    stored = gpt.read(folder, embedded)
    bar = tqdm(held_out, desc="held-out articles", unit=" batches")
    nats, pieces = surprisal(stored.module, bar)
    found = Perplexity(nats, pieces, held_out_words(corpus))
    figures = {
        "perplexity_per_piece": round(found.per_piece, 3),
        "perplexity_per_word": round(found.per_word, 3),
        "nats": round(found.nats, 1),
        "pieces": found.pieces,
        "words": found.words,
        "text": "all held-out articles, each sequence of up to 128 pieces on its own",
        "word": "a word or punctuation mark as the static vectors and ELMo count them",
    }
    _write_facts(folder, {**stored.facts, "evaluation": figures})
    return figures


def held_out_words(corpus: Path) -> int:
    """Words and punctuation marks of the held-out articles."""
    return sum(
        len(split(sentence))
        for article in articles(corpus)
        if is_held_out(article)
        for sentence in sentences(article)
    )


def _write_facts(folder: Path, facts: dict[str, Any]) -> None:
    text = json.dumps(facts, indent=2, ensure_ascii=False)
    (folder / gpt.FACTS).write_text(text + "\n", encoding="utf-8")
