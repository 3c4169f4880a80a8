"""What the model says at fixed points of its pretraining, for the time-lapse on the MLM page."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import BertForPreTraining

from core.training.batches import Batch
from core.training.evaluate import evaluate
from core.training.prompts import PROMPTS, SENTENCES, TOP_WORDS


def snapshot_points(total_tokens: int, points: int = 24) -> list[int]:
    """Token counts at which to look: 0, then evenly in log scale up to the last step."""
    later = np.geomspace(20_000, total_tokens, points - 1)
    return [0, *np.rint(later).astype(int).tolist()]


@torch.inference_mode()
def take_snapshot(
    model: BertForPreTraining, tokenizer: Tokenizer, probe: list[Batch], tokens: int
) -> dict[str, np.ndarray]:
    """One point of the time-lapse.

    Returns
    -------
    tokens : int64[]; figures : float32[3] (MLM top-1, MLM top-5, NSP accuracy on `probe`)
    words : int32[12, 8] ids and probabilities : float16[12, 8], best first, one row a prompt
    attention_0 .. attention_3 : uint8[L, A, n, n], 255 = weight 1, one for each sentence
    """
    was_training = model.training
    model.eval()
    device = model.device
    figures = evaluate(model, probe)
    words, probabilities = [], []
    for prompt in PROMPTS:
        ids = torch.tensor([tokenizer.encode(prompt).ids], device=device)
        hidden = model.bert(ids).last_hidden_state[0]
        at = (ids[0] == tokenizer.token_to_id("[MASK]")).nonzero()[0, 0]
        best = model.cls.predictions(hidden[at]).float().softmax(-1).topk(TOP_WORDS)
        words.append(best.indices.cpu().numpy())
        probabilities.append(best.values.cpu().numpy())
    shot: dict[str, np.ndarray] = {
        "tokens": np.array(tokens, np.int64),
        "figures": np.array([figures[k] for k in ("mlm_top1", "mlm_top5", "nsp")], np.float32),
        "words": np.stack(words).astype(np.int32),
        "probabilities": np.stack(probabilities).astype(np.float16),
    }
    for index, sentence in enumerate(SENTENCES):
        ids = torch.tensor([tokenizer.encode(sentence).ids], device=device)
        layers = model.bert(ids, output_attentions=True).attentions
        weights = torch.cat(layers).float().cpu().numpy()  # (L, A, n, n)
        shot[f"attention_{index}"] = np.rint(weights * 255).astype(np.uint8)
    model.train(was_training)
    return shot


def assemble(folder: Path, target: Path) -> int:
    """Join the snapshots of a run into one compressed file; returns how many there were."""
    shots = [dict(np.load(p, allow_pickle=False)) for p in sorted(folder.glob("*.npz"))]
    if not shots:
        raise FileNotFoundError(f"no snapshots in {folder}")
    joined: dict[str, Any] = {k: np.stack([s[k] for s in shots]) for k in shots[0]}
    np.savez_compressed(target, **joined)
    return len(shots)
