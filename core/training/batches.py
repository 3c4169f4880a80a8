"""Batches of masked pairs, the same for the same seed whatever the machine."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from core.training.corpus import TokenizedCorpus
from core.training.masking import mask_tokens
from core.training.pairs import Pair, document_pairs

DOCUMENTS_A_POOL = 1200
LONG_EVERY = 24  # one pool in 24 is built at 512 pieces, so that late positions are trained


@dataclass(frozen=True)
class Batch:
    """One training step's input.

    input_ids, token_type_ids, attention_mask, labels : int64[B, n]; labels -100 = not counted
    next_label : int64[B], 0 = IsNext, 1 = NotNext
    """

    input_ids: np.ndarray
    token_type_ids: np.ndarray
    attention_mask: np.ndarray
    labels: np.ndarray
    next_label: np.ndarray

    @property
    def tokens(self) -> int:
        return int(self.attention_mask.sum())


@dataclass(frozen=True)
class SpecialIds:
    """Ids of the special tokens and the size of the vocabulary."""

    cls: int
    sep: int
    mask: int
    pad: int
    vocab_size: int

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> "SpecialIds":
        id_of = tokenizer.token_to_id
        return cls(
            id_of("[CLS]"), id_of("[SEP]"), id_of("[MASK]"), id_of("[PAD]"),
            tokenizer.get_vocab_size(),
        )


def collate(pairs: list[Pair], special: SpecialIds, rng: np.random.Generator) -> Batch:
    """[CLS] A [SEP] B [SEP], padded to the longest, then masked."""
    n = max(map(len, pairs))
    ids = np.full((len(pairs), n), special.pad, dtype=np.int64)
    segment = np.zeros_like(ids)
    present = np.zeros_like(ids)
    maskable = np.zeros(ids.shape, dtype=bool)
    for row, pair in enumerate(pairs):
        middle, end = len(pair.a) + 1, len(pair)
        ids[row, 0], ids[row, middle], ids[row, end - 1] = special.cls, special.sep, special.sep
        ids[row, 1:middle], ids[row, middle + 1 : end - 1] = pair.a, pair.b
        segment[row, middle + 1 : end] = 1
        present[row, :end] = 1
        maskable[row, 1:middle] = maskable[row, middle + 1 : end - 1] = True
    draw = mask_tokens(ids, maskable, rng, mask_id=special.mask, vocab_size=special.vocab_size)
    next_label = np.array([pair.label for pair in pairs], dtype=np.int64)
    return Batch(draw.input_ids, segment, present, draw.labels, next_label)


def pool_of_batches(
    corpus: TokenizedCorpus, special: SpecialIds, pool: int, *, seed: int, batch_tokens: int,
    max_length: int = 128,
) -> list[Batch]:
    """Pool number `pool` of an endless walk over the corpus, a new order each epoch.

    Pairs of like length share a batch, so that little is spent on padding.
    """
    pools_an_epoch = -(-len(corpus) // DOCUMENTS_A_POOL)
    epoch, part = divmod(pool, pools_an_epoch)
    order = np.random.default_rng((seed, epoch)).permutation(len(corpus))
    chosen = order[part * DOCUMENTS_A_POOL : (part + 1) * DOCUMENTS_A_POOL]
    rng = np.random.default_rng((seed, epoch, part, 1))
    length = 512 if pool % LONG_EVERY == LONG_EVERY - 1 else max_length
    pairs = [p for d in chosen for p in document_pairs(corpus, int(d), rng, length)]
    pairs.sort(key=len)
    groups = list(_by_tokens(pairs, batch_tokens))
    rng.shuffle(groups)  # type: ignore[arg-type]
    return [collate(group, special, rng) for group in groups]


def _by_tokens(pairs: list[Pair], batch_tokens: int) -> Iterator[list[Pair]]:
    group: list[Pair] = []
    for pair in pairs:
        if group and (len(group) + 1) * len(pair) > batch_tokens:
            yield group
            group = []
        group.append(pair)
    if group:
        yield group
