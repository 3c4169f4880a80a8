"""Write a trained table of word vectors as the app ships it."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.training.word_corpus import CORPUS, WordCorpus, save_list
from core.vectors.words import Vocabulary


def export(
    folder: Path, name: str, vocabulary: Vocabulary, vectors: np.ndarray, facts: dict[str, Any]
) -> int:
    """Write words.txt, NAME.npy (float16) and NAME.json; returns the bytes of the vectors.

    vectors : float[V, H]
    facts : what the model card says of the run; shape and digest are added

    Raises ValueError when a value does not fit float16 or another word list is there.
    """
    with np.errstate(over="ignore"):
        half = np.ascontiguousarray(vectors, dtype=np.float16)
    if not np.isfinite(half).all():
        raise ValueError(f"the {name} vectors do not fit float16")
    save_list(vocabulary, folder)
    path = folder / f"{name}.npy"
    np.save(path, half)
    record = facts | {
        "words": half.shape[0], "dimensions": half.shape[1], "bytes": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "exported": datetime.now(UTC).date().isoformat(),
    }
    entries = (f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in record.items())
    text = "{\n" + ",\n".join(entries) + "\n}\n"  # a line an entry, loss curves too
    path.with_suffix(".json").write_text(text, encoding="utf-8")
    return path.stat().st_size


def corpus_facts(train: WordCorpus, held_out: WordCorpus) -> dict[str, Any]:
    """What the cards of all static models say of their text."""
    return {
        "data": CORPUS, "sentences": len(train), "words_read": train.read,
        "words_listed": len(train.ids), "held_out_words": len(held_out.ids),
    }
