"""Wikipedia text as tokenized documents, with a held-out part chosen by hash.

A file holds a paragraph a line and a blank line between articles (.txt or .txt.xz).
The rule of the hold-out: an article is held out when the first four bytes of the SHA-256
of its UTF-8 text, read as a big-endian number, are divisible by 100. So 1 % is held out,
and anyone can say of any article on which side it lies.
"""

import hashlib
import io
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer
from tqdm import tqdm

HELD_OUT_EVERY = 100
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[\"'(\[]?[A-Z0-9])")


def is_held_out(article: str) -> bool:
    """True for the articles that training never sees (about 1 in 100)."""
    digest = hashlib.sha256(article.encode("utf-8")).digest()
    return int.from_bytes(digest[:4], "big") % HELD_OUT_EVERY == 0


def articles(path: Path) -> Iterator[str]:
    """Yield each article of a corpus file, paragraphs joined by newlines."""
    raw = lzma.open(path) if path.suffix == ".xz" else open(path, "rb")
    with io.TextIOWrapper(raw, encoding="utf-8") as lines:
        paragraphs: list[str] = []
        for line in lines:
            if line.strip():
                paragraphs.append(line.strip())
            elif paragraphs:
                yield "\n".join(paragraphs)
                paragraphs = []
        if paragraphs:
            yield "\n".join(paragraphs)


def sentences(article: str) -> list[str]:
    """Split an article at paragraph ends and at sentence punctuation before a capital."""
    return [s for p in article.split("\n") for s in _SENTENCE_END.split(p) if s]


@dataclass(frozen=True)
class TokenizedCorpus:
    """Documents as one flat array of word-piece ids.

    ids : uint16[total]
    sentence_start : int64[sentences + 1], offsets into ids
    document_start : int64[documents + 1], offsets into sentence_start
    """

    ids: np.ndarray
    sentence_start: np.ndarray
    document_start: np.ndarray

    def __len__(self) -> int:
        return len(self.document_start) - 1

    def document(self, index: int) -> list[np.ndarray]:
        """The sentences of one document, each int ids."""
        first, last = self.document_start[index : index + 2]
        cut = self.sentence_start
        return [self.ids[cut[s] : cut[s + 1]] for s in range(first, last)]


def tokenize_corpus(
    path: Path, tokenizer: Tokenizer, *, held_out: bool, max_sentence: int = 384
) -> TokenizedCorpus:
    """Tokenize one side of the split; sentences longer than max_sentence pieces are cut."""
    ids: list[np.ndarray] = []
    lengths: list[int] = []
    per_document: list[int] = []
    batch: list[list[str]] = []

    def flush() -> None:
        encoded = tokenizer.encode_batch_fast(
            [s for doc in batch for s in doc], add_special_tokens=False
        )
        cursor = 0
        for doc in batch:
            kept = 0
            for one in encoded[cursor : cursor + len(doc)]:
                if one.ids:
                    ids.append(np.asarray(one.ids[:max_sentence], dtype=np.uint16))
                    lengths.append(len(ids[-1]))
                    kept += 1
            cursor += len(doc)
            if kept:
                per_document.append(kept)
        batch.clear()

    for article in tqdm(articles(path), desc=f"tokenize {path.name}", unit=" articles"):
        if is_held_out(article) == held_out:
            batch.append(sentences(article))
            if len(batch) == 2000:
                flush()
    flush()
    return TokenizedCorpus(
        np.concatenate(ids),
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        np.concatenate([[0], np.cumsum(per_document)]).astype(np.int64),
    )


def load_corpus(
    path: Path, tokenizer: Tokenizer, cache: Path, *, held_out: bool
) -> TokenizedCorpus:
    """`tokenize_corpus`, kept in `cache` (.npz) so that a resumed run starts at once."""
    if not cache.exists():
        corpus = tokenize_corpus(path, tokenizer, held_out=held_out)
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.savez(cache, **vars(corpus))
    with np.load(cache, allow_pickle=False) as stored:
        return TokenizedCorpus(stored["ids"], stored["sentence_start"], stored["document_start"])
