"""The 80/10/10 recipe rolled on a text, and the loss of that very draw."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.contract import Encoded, TraceRequest
from core.engine.answers import MASK
from core.engine.protocol import Engine
from core.errors import MissingHead
from core.limits import check_index
from core.models.files import folder_of
from core.training.masking import ACTION_NAMES, IGNORED, MaskedDraw, mask_tokens
from core.wordpiece.encoder import SPECIALS, tokenizer
from lessons.mlm.head import log_sum_exp
from lessons.proof import Check, Proof, check

MANY_DRAWS = 400
SEEDS = 2**31  # from 0 below it
FIRST_WORD = 999  # of the published vocabularies: below are [unused] rows and special tokens
NEVER_CHOSEN = ("[CLS]", "[SEP]", "[PAD]", "[MASK]")  # also where the learner typed them


@dataclass(frozen=True)
class Request:
    text: str
    seed: int = 1
    model: str = "embedded"


@dataclass(frozen=True)
class Draw:
    """One roll: for each piece whether it was chosen, what was done, what the model reads.

    action : "not chosen", "mask", "random" or "keep"; labels : the original id, else -100
    """

    encoded: Encoded
    chosen: tuple[bool, ...]
    action: tuple[str, ...]
    input_ids: tuple[int, ...]
    input_tokens: tuple[str, ...]
    labels: tuple[int, ...]


@dataclass(frozen=True)
class Result:
    """A draw with its loss.

    losses : float64[n], -ln p(original) at chosen positions, 0 elsewhere
    probability : float64[n], p(original) at every position, also where it does not count
    loss : mean over the chosen positions, in nats; unchosen_loss : what the others would give
    """

    draw: Draw
    losses: np.ndarray
    probability: np.ndarray
    loss: float
    unchosen_loss: float
    proof: Proof


@dataclass(frozen=True)
class Shares:
    """What many rolls gave: share of pieces chosen; of those masked, random, kept."""

    draws: int
    chosen: float
    mask: float
    random: float
    keep: float


def draw(engine: Engine, request: Request) -> Draw:
    """Roll once. Needs no torch. The same seed gives the same draw.

    Raises `OutOfRange` for a seed below 0, and the errors of `Engine.tokenize`.
    Source: Devlin et al. 2019, section 3.1, task 1, and appendix A.1.
    """
    check_index("seed", request.seed, SEEDS)
    encoded = engine.tokenize(request.model, request.text)
    rolled = _roll(engine, request.model, encoded, np.random.default_rng(request.seed))
    names = tokenizer(folder_of(engine.info(request.model).id))
    ids = tuple(int(i) for i in rolled.input_ids[0])
    return Draw(
        encoded,
        tuple(bool(c) for c in rolled.labels[0] != IGNORED),
        tuple(ACTION_NAMES[a] for a in rolled.action[0]),
        ids,
        tuple(names.id_to_token(i) or "" for i in ids),
        tuple(int(i) for i in rolled.labels[0]),
    )


def _choosable(encoded: Encoded) -> np.ndarray:
    return np.array([token not in NEVER_CHOSEN for token in encoded.tokens])


def _roll(
    engine: Engine, model: str, encoded: Encoded, rng: np.random.Generator, copies: int = 1
) -> MaskedDraw:
    ids = np.tile(np.array(encoded.ids), (copies, 1))
    maskable = _choosable(encoded)
    vocabulary = engine.info(model).vocabulary
    return mask_tokens(
        ids, np.tile(maskable, (copies, 1)), rng,
        mask_id=engine.tokenize(model, MASK).ids[1],
        vocab_size=vocabulary,
        first_word_id=FIRST_WORD if vocabulary > FIRST_WORD else len(SPECIALS),
    )


def run(engine: Engine, request: Request) -> Result:
    """Roll, run the model on the corrupted input, and take the loss at chosen positions only.

    Raises `MissingHead` and the errors of `Engine.trace`.
    """
    info = engine.info(request.model)
    if not info.has_mlm:
        raise MissingHead(info.label, "masked-LM")
    rolled = draw(engine, request)
    trace = engine.trace(
        TraceRequest(
            request.text, None, request.model, frozenset({"mlm"}), (),
            input_ids=rolled.input_ids,
        )
    )
    assert trace.mlm_logits is not None
    surprise = np.array(
        [_surprise(row, i) for row, i in zip(trace.mlm_logits[0], rolled.encoded.ids, strict=True)]
    )  # (n,)
    chosen = np.array(rolled.chosen)
    inner = _choosable(rolled.encoded) & ~chosen
    losses = np.where(chosen, surprise, 0.0)
    loss = float(losses.sum() / max(1, chosen.sum()))
    other = float(surprise[inner].mean()) if inner.any() else 0.0
    proof = Proof((_proof_of_loss(trace.mlm_logits[0], rolled, loss),))
    return Result(rolled, losses, np.exp(-surprise), loss, other, proof)


def _surprise(logits: np.ndarray, original: int) -> float:
    """-ln p(original) from one row of logits, float32[V]: log sum exp(logits) - logit."""
    wide = logits.astype(np.float64)
    return float(log_sum_exp(wide) - wide[original])


def _proof_of_loss(logits: np.ndarray, rolled: Draw, loss: float) -> Check:
    """torch's own cross_entropy with the labels, -100 skipped, against the mean above."""
    import torch

    theirs = torch.nn.functional.cross_entropy(
        torch.tensor(logits), torch.tensor(rolled.labels), ignore_index=IGNORED
    )
    theirs_value = float(theirs) if any(rolled.chosen) else 0.0
    return check("loss", "mean of -ln p(original) where chosen", np.array(loss),
                 np.array(theirs_value))


def shares(engine: Engine, request: Request) -> Shares:
    """What the recipe does on average: the same text rolled many times."""
    encoded = engine.tokenize(request.model, request.text)
    rng = np.random.default_rng(request.seed)
    action = _roll(engine, request.model, encoded, rng, MANY_DRAWS).action
    maskable = int(_choosable(encoded).sum()) * MANY_DRAWS
    counts = [int((action == kind).sum()) for kind in (1, 2, 3)]
    chosen = max(1, sum(counts))
    mask, random, keep = (c / chosen for c in counts)
    return Shares(MANY_DRAWS, sum(counts) / max(1, maskable), mask, random, keep)


def to_json(rolled: Draw) -> dict[str, Any]:
    """tokens, chosen, action (mask, keep, random), input, labels."""
    return {
        "tokens": list(rolled.encoded.tokens),
        "chosen": [i for i, c in enumerate(rolled.chosen) if c],
        "action": [a if a != "not chosen" else None for a in rolled.action],
        "input": list(rolled.input_tokens),
        "input_ids": list(rolled.input_ids),
        "labels": list(rolled.labels),
    }
