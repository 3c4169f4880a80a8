"""Articles as sequences for a left-to-right language model, in batches fixed by the seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.training.corpus import TokenizedCorpus

IGNORED = -100  # the label torch's cross_entropy skips
DOCUMENTS_A_POOL = 1200


@dataclass(frozen=True)
class Batch:
    """One step's input and what follows each position.

    ids : int64[B, n], [CLS] first, padded at the right
    following : int64[B, n], the next piece, or -100 where it is not counted
    pieces : word pieces in ids, without [CLS] and padding
    """

    ids: np.ndarray
    following: np.ndarray
    pieces: int


def document_sequences(sentences: Sequence[np.ndarray], room: int) -> list[np.ndarray]:
    """Whole sentences joined up to `room` pieces; a sentence longer than that is cut."""
    parts = [s[i : i + room] for s in sentences for i in range(0, len(s), room)]
    joined: list[list[np.ndarray]] = []
    filled = room
    for part in parts:
        if filled + len(part) > room:
            joined.append([])
            filled = 0
        joined[-1].append(part)
        filled += len(part)
    return [np.concatenate(group) for group in joined]


def collate(sequences: Sequence[np.ndarray], *, cls: int, pad: int) -> Batch:
    """[CLS] and a sequence in each row, every next piece counted."""
    n = 1 + max(map(len, sequences))
    ids = np.full((len(sequences), n), pad, dtype=np.int64)
    following = np.full_like(ids, IGNORED)
    ids[:, 0] = cls
    for row, sequence in enumerate(sequences):
        ids[row, 1 : len(sequence) + 1] = following[row, : len(sequence)] = sequence
    return Batch(ids, following, sum(map(len, sequences)))


def keep_share(batch: Batch, share: float, rng: np.random.Generator) -> Batch:
    """The same batch with only a random share of its positions counted."""
    drawn = rng.random(batch.ids.shape) < share
    return Batch(batch.ids, np.where(drawn, batch.following, IGNORED), batch.pieces)


def batches(
    corpus: TokenizedCorpus, documents: Sequence[int], *, length: int, batch_pieces: int,
    cls: int, pad: int,
) -> list[Batch]:
    """Sequences of some documents, those of like length together, so that little is padding."""
    found = [s for d in documents for s in document_sequences(corpus.document(d), length - 1)]
    found.sort(key=len)
    return [collate(group, cls=cls, pad=pad) for group in _by_pieces(found, batch_pieces)]


def training_pool(
    corpus: TokenizedCorpus, pool: int, *, seed: int, share: float, length: int,
    batch_pieces: int, cls: int, pad: int,
) -> list[Batch]:
    """Pool number `pool` of an endless walk over the corpus, a new order each epoch."""
    pools_an_epoch = -(-len(corpus) // DOCUMENTS_A_POOL)
    epoch, part = divmod(pool, pools_an_epoch)
    order = np.random.default_rng((seed, epoch)).permutation(len(corpus))
    chosen = order[part * DOCUMENTS_A_POOL : (part + 1) * DOCUMENTS_A_POOL].tolist()
    found = batches(
        corpus, chosen, length=length, batch_pieces=batch_pieces, cls=cls, pad=pad
    )
    rng = np.random.default_rng((seed, epoch, part, 1))
    return [keep_share(found[i], share, rng) for i in rng.permutation(len(found))]


def _by_pieces(sequences: list[np.ndarray], batch_pieces: int) -> Iterator[list[np.ndarray]]:
    group: list[np.ndarray] = []
    for sequence in sequences:
        if group and (len(group) + 1) * (len(sequence) + 1) > batch_pieces:
            yield group
            group = []
        group.append(sequence)
    if group:
        yield group
