"""Held-out figures of a pretraining checkpoint: masked-token and next-sentence accuracy.

    python -m core.training.evaluate --data DIR [--model FOLDER]
"""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn import functional as F
from transformers import BertForPreTraining

from core.training.batches import Batch, SpecialIds, pool_of_batches
from core.training.corpus import load_corpus

EVALUATION_SEED = 20_260
DEFAULT_MODEL = Path(__file__).parents[2] / "assets" / "models" / "embedded"


@torch.inference_mode()
def evaluate(model: BertForPreTraining, batches: Iterable[Batch]) -> dict[str, float]:
    """Accuracy over every chosen position and every pair of `batches`.

    Returns
    -------
    mlm_top1, mlm_top5 : over all chosen positions (80 % [MASK], 10 % random, 10 % kept)
    mlm_top1_masked, mlm_top5_masked : over the positions that show [MASK] alone
    mlm_loss : mean cross-entropy in nats; nsp : accuracy; positions, pairs : counts
    """
    was_training = model.training
    model.eval()
    device = model.device
    mask_id = model.config.mask_token_id if hasattr(model.config, "mask_token_id") else 103
    top1, top5, masked, loss, nsp = [], [], [], [], []
    for batch in batches:
        ids, segment, present, labels, following = (
            torch.as_tensor(x, device=device) for x in vars(batch).values()
        )
        out = model.bert(ids, token_type_ids=segment, attention_mask=present)
        chosen = labels != -100
        logits = model.cls.predictions(out.last_hidden_state[chosen]).float()  # (M, V)
        gold = labels[chosen]
        best = logits.topk(5, dim=-1).indices  # (M, 5)
        hit = best == gold[:, None]
        top1.append(hit[:, 0].cpu())
        top5.append(hit.any(-1).cpu())
        masked.append((ids[chosen] == mask_id).cpu())
        loss.append(F.cross_entropy(logits, gold, reduction="none").cpu())
        nsp.append((model.cls.seq_relationship(out.pooler_output).argmax(-1) == following).cpu())
    model.train(was_training)
    t1, t5, mk, ls, ns = (torch.cat(x).numpy() for x in (top1, top5, masked, loss, nsp))
    return {
        "mlm_top1": float(t1.mean()),
        "mlm_top5": float(t5.mean()),
        "mlm_top1_masked": float(t1[mk].mean()),
        "mlm_top5_masked": float(t5[mk].mean()),
        "mlm_loss": float(ls.mean()),
        "nsp": float(ns.mean()),
        "positions": len(t1),
        "pairs": len(ns),
    }


def held_out_batches(
    corpus_path: Path, tokenizer: Tokenizer, work: Path, *, max_length: int = 128
) -> list[Batch]:
    """Every held-out article once, with a fixed draw of masks and pairs."""
    cache = work / f"{corpus_path.name.split('.')[0]}.held_out.npz"
    corpus = load_corpus(corpus_path, tokenizer, cache, held_out=True)
    special = SpecialIds.of(tokenizer)
    return pool_of_batches(
        corpus, special, 0, seed=EVALUATION_SEED, batch_tokens=4096, max_length=max_length
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with simplewiki_en.txt.xz")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL)
    parser.add_argument("--work", type=Path, default=Path("build/pretrain"))
    args = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(args.model / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    model = BertForPreTraining.from_pretrained(
        args.model, attn_implementation="eager", dtype=torch.float32, local_files_only=True
    )
    batches = held_out_batches(args.data / "simplewiki_en.txt.xz", tokenizer, args.work)
    figures = evaluate(model, batches)
    print(json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in figures.items()}))


if __name__ == "__main__":
    np.seterr(all="raise")
    main()
