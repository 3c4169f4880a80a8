"""BERT's masked-LM corruption: 15 % chosen; of those 80 % [MASK], 10 % random, 10 % kept."""

from dataclasses import dataclass

import numpy as np

CHOSEN_RATE = 0.15
MASK_SHARE, RANDOM_SHARE = 0.80, 0.10
IGNORED = -100  # the label torch's cross_entropy skips

KEEP_OUT, MASKED, RANDOM, KEPT = 0, 1, 2, 3
ACTION_NAMES = ("not chosen", "mask", "random", "keep")


@dataclass(frozen=True)
class MaskedDraw:
    """One draw of the recipe over ids of any shape S.

    input_ids : int64[S], what the model sees
    labels : int64[S], the original id where chosen, else -100
    action : int8[S], 0 not chosen, 1 [MASK], 2 random word, 3 kept
    """

    input_ids: np.ndarray
    labels: np.ndarray
    action: np.ndarray


def mask_tokens(
    ids: np.ndarray,
    maskable: np.ndarray,
    rng: np.random.Generator,
    *,
    mask_id: int,
    vocab_size: int,
    first_word_id: int = 999,
) -> MaskedDraw:
    """Draw the corruption of section 3.1, task 1, once for each sequence.

    Parameters
    ----------
    ids : int[n] or int[B, n]
    maskable : bool, same shape; False for [CLS], [SEP] and padding
    rng : the only source of chance, so a seed fixes the draw
    mask_id, vocab_size : of the tokenizer
    first_word_id : lowest id that a random replacement may take (skips [unused] rows)

    Returns
    -------
    MaskedDraw. Each sequence has round(15 % of its maskable tokens) chosen, at least one
    where it has any.

    Source: Devlin et al. 2019, section 3.1 and appendix A.1.
    """
    ids = np.atleast_2d(np.asarray(ids, dtype=np.int64))
    maskable = np.atleast_2d(maskable)
    count = maskable.sum(axis=1)
    quota = np.where(count > 0, np.maximum(1, np.rint(CHOSEN_RATE * count)), 0)
    draw = np.where(maskable, rng.random(ids.shape), np.inf)
    rank = draw.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    chosen = rank < quota[:, None]

    dice = rng.random(ids.shape)
    action = np.full(ids.shape, KEPT, dtype=np.int8)
    action[dice < MASK_SHARE + RANDOM_SHARE] = RANDOM
    action[dice < MASK_SHARE] = MASKED
    action[~chosen] = KEEP_OUT

    random_ids = rng.integers(first_word_id, vocab_size, ids.shape)
    input_ids = np.where(action == MASKED, mask_id, ids)
    input_ids = np.where(action == RANDOM, random_ids, input_ids)
    labels = np.where(chosen, ids, IGNORED)
    return MaskedDraw(input_ids, labels, action)
